"""The times of records: taken when the row is locked, and never running backwards."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text

from crm.extensions import db
from tests.support.client import ApiClient
from tests.support.factories import NAMES, create_user, stored
from tests.support.server import wait_until
from tests.support.stores import ON_POSTGRESQL

EARLY = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)
LATE = EARLY + timedelta(seconds=9)
WAITING = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"

Clock = Callable[[datetime], None]
each_resource = pytest.mark.parametrize("resource", NAMES)


@pytest.fixture
def set_clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """Set the clock by which records are written."""

    def set_clock(moment: datetime) -> None:
        for module in ("writing", "locking"):
            monkeypatch.setattr(f"crm.records.{module}.now", lambda: moment)

    set_clock(EARLY)
    return set_clock


@contextmanager
def locked(app: Flask, statement: str) -> Iterator[None]:
    """Hold what a statement locks, and at the end of the block let go of it."""
    with app.app_context(), db.engine.connect() as connection:
        connection.execute(text(statement))
        yield
        connection.commit()


def wait_for_lock(app: Flask) -> None:
    def is_awaited() -> bool:
        with app.app_context(), db.engine.connect() as connection:
            return bool(connection.scalar(text(WAITING)))

    wait_until(is_awaited)


def send_while_locked(api: ApiClient, lock: str, set_clock: Clock, method: str, path: str, body: Any = None) -> Any:
    """Return the answer to a request that has to wait for a lock, which is held until LATE."""
    answers = []
    request = threading.Thread(target=lambda: answers.append(api.request(method, path, json=body)))
    with locked(api.app, lock):
        request.start()
        wait_for_lock(api.app)
        set_clock(LATE)
    request.join(20)
    return answers[0]


@ON_POSTGRESQL
@pytest.mark.parametrize("verb", ["update", "delete", "restore"])
def test_a_write_that_waited_for_a_lock_bears_the_time_when_it_got_it(
    api: ApiClient, set_clock: Clock, verb: str
) -> None:
    external_id = api.create("leads")["id"]
    path = f"/leads/{external_id}"
    if verb == "restore":
        api.delete(path)
    method, target, body = {
        "update": ("PUT", path, {"title": "New"}),
        "delete": ("DELETE", path, None),
        "restore": ("POST", f"{path}/restore", None),
    }[verb]
    answer = send_while_locked(api, "SELECT id FROM leads FOR UPDATE", set_clock, method, target, body)
    assert answer.status_code in (200, 204), answer.text
    row = stored(api.app, "leads", external_id)
    assert row["updated_at"] == LATE
    assert row["deleted_at"] == (LATE if verb == "delete" else None)


@ON_POSTGRESQL
def test_a_new_record_bears_the_time_when_it_got_its_number(api: ApiClient, set_clock: Clock) -> None:
    api.create("leads")
    answer = send_while_locked(
        api, "UPDATE counters SET resource = resource", set_clock, "POST", "/leads", {"title": "New"}
    )
    lead = answer.json["data"]
    assert (lead["created_at"], lead["updated_at"]) == (LATE.isoformat(), LATE.isoformat())


@each_resource
def test_the_time_of_a_record_never_runs_backwards(api: ApiClient, set_clock: Clock, resource: str) -> None:
    set_clock(LATE)
    path = f"/{resource}/{api.create(resource)['id']}"
    set_clock(EARLY)
    assert api.put(path, {"user_owner_id": create_user(api.app)}).json["data"]["updated_at"] == LATE.isoformat()
    assert api.delete(path).status_code == 204
    restored = api.post(f"{path}/restore").json["data"]
    assert restored["updated_at"] == LATE.isoformat()
    assert api.delete(path).status_code == 204
    set_clock(LATE + timedelta(seconds=1))
    restored = api.post(f"{path}/restore").json["data"]
    assert restored["updated_at"] == (LATE + timedelta(seconds=1)).isoformat()
