"""Requests with an `Idempotency-Key` in tests, and what they leave in the database."""

from datetime import timedelta
from typing import Any

from flask import Flask
from sqlalchemy import func, select, update

from crm.extensions import db
from crm.models import KeptAnswer
from crm.models.types import now

NAMES = ("ETag", "Location", "Content-Type")
"""The headers of an answer that are kept with it."""
USED = {"Idempotency-Key": ["The Idempotency-Key has already been used with another request."]}


def keyed(key: str, **more: str) -> dict[str, str]:
    """Return the headers of a request with a key."""
    return {"Idempotency-Key": key, **more}


def check_replayed(first: Any, again: Any) -> None:
    """Check that an answer is the first one once more, and says so."""
    assert (again.status_code, again.data) == (first.status_code, first.data)
    assert [again.headers.get(name) for name in NAMES] == [first.headers.get(name) for name in NAMES]
    assert "Idempotent-Replayed" not in first.headers
    assert again.headers["Idempotent-Replayed"] == "true"


def contents(app: Flask) -> dict[str, list[Any]]:
    """Return all rows of all tables, but for those of tokens, which note when they were used."""
    with app.app_context(), db.engine.connect() as connection:
        return {
            table.name: sorted(map(repr, connection.execute(select(table)).all()))
            for table in db.metadata.sorted_tables
            if table.name != "tokens"
        }


def count_answers(app: Flask) -> int:
    """Return how many answers are kept."""
    with app.app_context(), db.engine.connect() as connection:
        return connection.scalar(select(func.count()).select_from(KeptAnswer)) or 0


def age_answers(app: Flask, hours: float) -> None:
    """Have all answers been kept so many hours ago."""
    with app.app_context(), db.engine.begin() as connection:
        connection.execute(update(KeptAnswer).values(created_at=now() - timedelta(hours=hours)))
