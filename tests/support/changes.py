"""The journal in tests: what it holds, and followers of the feed."""

from collections.abc import Callable
from typing import Any

from flask import Flask
from sqlalchemy import func, select

from crm.extensions import db
from crm.models import Change
from tests.support.factories import NAMES

Json = dict[str, Any]
Ask = Callable[[str], Json]
"""Answers a GET of a path with the JSON of its 200."""


def count_changes(app: Flask) -> int:
    """Return how many changes are kept, of all teams."""
    with app.app_context():
        return db.session.scalar(select(func.count()).select_from(Change)) or 0


def read_feed(ask: Ask, after: str | None = None, query: str = "") -> tuple[list[Json], str]:
    """Return all changes after a cursor, page by page, and the cursor of the last."""
    changes: list[Json] = []
    while True:
        page = ask(f"/changes?{query}" + (f"&after={after}" if after else ""))
        changes += page["data"]
        after = page["meta"]["cursor"]
        if not page["meta"]["has_more"]:
            return changes, after


def changes_of(ask: Ask, path: str) -> list[Json]:
    """Return the history of the record at a path, which fits on a page, the oldest change first."""
    page = ask(f"{path}/changes?per_page=100")
    assert page["meta"]["total"] == len(page["data"])
    return page["data"][::-1]


class Follower:
    """Keeps a copy of all records: follows the feed from its beginning, with the records that it shows."""

    def __init__(self, ask: Ask, limit: int = 100):
        self.changes: list[Json] = []
        self.copy: Json = {}
        """The records by their ids."""
        self._ask = ask
        self._limit = limit
        self._cursor = ""

    def read_page(self) -> bool:
        """Read a page and tell whether there are more."""
        page = self._ask(f"/changes?records=true&limit={self._limit}{self._cursor}")
        for change in page["data"]:
            self.copy[change["record_id"]] = change.pop("record")
        self.changes += page["data"]
        self._cursor = f"&after={page['meta']['cursor']}"
        return page["meta"]["has_more"]

    def fork(self) -> "Follower":
        """Return another follower, who has read as much."""
        other = Follower(self._ask, self._limit)
        other.changes, other.copy, other._cursor = [*self.changes], {**self.copy}, self._cursor
        return other

    def catch_up(self) -> Json:
        """Read all that there is, and return the live records by their ids."""
        while self.read_page():
            pass
        return {record_id: record for record_id, record in self.copy.items() if record}


def read_lists(ask: Ask) -> Json:
    """Return the records of all lists by their ids."""
    records: Json = {}
    for resource in NAMES:
        page, last = 0, 1
        while page < last:
            page += 1
            listed = ask(f"/{resource}?per_page=100&page={page}")
            records |= {record["id"]: record for record in listed["data"]}
            last = listed["meta"]["last_page"]
    return records
