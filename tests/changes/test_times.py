"""The times of records follow the order of the journal, but for the time that a write takes (beyond seconds)."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from random import Random
from threading import Event
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text

from crm.extensions import db
from tests.support.changes import read_feed, read_lists
from tests.support.client import ApiClient
from tests.support.factories import NAMES, sample
from tests.support.server import in_parallel

FAST = 10
"""So many times as fast runs the clock by which records are written: a second of the test is long for them."""
WRITERS = 8
SECONDS = 0.8
HELD = 0.5
CUT = timedelta(seconds=1)
"""Times are cut to the second."""


@pytest.fixture
def pace(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], timedelta]:
    """Set the fast clock, and give what makes its time of seconds."""
    began, start = time.monotonic(), datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)

    def paced(seconds: float) -> timedelta:
        return timedelta(seconds=seconds * FAST)

    for module in ("writing", "locking"):
        monkeypatch.setattr(f"crm.records.{module}.now", lambda: start + paced(time.monotonic() - began))
    return paced


@contextmanager
def held(app: Flask, external_id: str) -> Iterator[None]:
    """Hold a lead against writers, on SQLite everything."""
    with app.app_context(), db.engine.begin() as connection:
        connection.execute(text("UPDATE leads SET title = title WHERE external_id = :id"), {"id": external_id})
        yield


def test_no_time_runs_against_the_sequence_by_more_than_a_write_takes(
    api: ApiClient, pace: Callable[[float], timedelta]
) -> None:
    """One of many writers waits for a lock meanwhile, and that wait does not count as time of its write."""
    paths = [f"/{resource}/{api.create(resource)['id']}" for resource in NAMES]
    lead = api.create("leads")["id"]
    is_held, took = Event(), [0.0]
    end = time.monotonic() + SECONDS

    def wait_for_the_lead() -> None:
        is_held.wait(5)
        assert api.put(f"/leads/{lead}", {"title": "Waited"}).status_code == 200

    def hold_the_lead() -> None:
        with held(api.app, lead):
            is_held.set()
            time.sleep(HELD)

    def write(writer: int) -> None:
        chance = Random(writer)
        while time.monotonic() < end:
            began = time.monotonic()
            write_once(api, chance.choice(paths), chance)
            took.append(time.monotonic() - began)

    def work(number: int) -> None:
        (hold_the_lead if number == 0 else wait_for_the_lead if number == 1 else lambda: write(number))()

    in_parallel(WRITERS + 2, WRITERS + 2, work)
    changes, _ = read_feed(lambda path: api.get(path).json, query="limit=500")
    assert [change["version"] for change in changes if change["record_id"] == lead] == [1, 2]
    moments = {(change["record_id"], change["version"]): change["occurred_at"] for change in changes}
    for record_id, record in read_lists(lambda path: api.get(path).json).items():
        own = moments[record_id, 1], moments[record_id, record["version"]]
        assert (record["created_at"], record["updated_at"]) == own
    latest = datetime.fromisoformat(changes[0]["occurred_at"])
    for change in changes:
        moment = datetime.fromisoformat(change["occurred_at"])
        assert moment > latest - CUT - pace(max(took)), change
        latest = max(latest, moment)


def write_once(api: ApiClient, path: str, chance: Random) -> None:
    resource = path.split("/")[1]
    answer: Any = chance.choice(
        [
            lambda: api.post(f"/{resource}", sample(resource)),
            lambda: api.put(path, {"user_owner_id": chance.choice([None, api.user_id])}),
            lambda: api.delete(path),
            lambda: api.post(f"{path}/restore"),
        ]
    )()
    assert answer.status_code in (200, 201, 204, 404), answer.text
