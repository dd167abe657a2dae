"""A follower of the feed beside many writers on real servers, whose workers are killed, too: it misses nothing.

`make soak` goes on for longer: CRM_TEST_SOAK_SECONDS is for how long each.
"""

import http.client
import os
import time
from collections import defaultdict
from contextlib import suppress

import pytest
from flask import Flask
from sqlalchemy import select

from crm.extensions import db
from tests.conftest import UNLIMITED, Serving
from tests.support.changes import Follower, read_lists
from tests.support.client import ApiClient, CommandLine
from tests.support.factories import KINDS, create_token
from tests.support.server import Answer, Server, in_parallel, losing_workers, wait_until
from tests.support.stores import ON_POSTGRESQL, ON_SQLITE
from tests.support.writers import STATUSES, Json, Writers, Written

SECONDS = float(os.environ.get("CRM_TEST_SOAK_SECONDS", "5"))
WRITERS = 16
UNNAMED = {"version", "updated_at"}
"""What changes with every write, and is not named in `changed`."""


@pytest.fixture
def embedded(app: Flask, database_url: str) -> dict[str, str]:
    """The settings of a server on the test's database."""
    return {"CRM_DATABASE_URL": database_url, "CRM_SECRET_KEY": app.config["SECRET_KEY"], **UNLIMITED}


@pytest.fixture
def environ(embedded: dict[str, str], redis_url: str) -> dict[str, str]:
    """The settings of a server of several workers, which count in Redis."""
    return {**embedded, "CRM_RATELIMIT_STORAGE_URL": redis_url}


@ON_POSTGRESQL
def test_a_follower_of_four_workers_misses_nothing(serving: Serving, api: ApiClient, environ: dict[str, str]) -> None:
    with serving(environ, create_token(api.app, api.user_id), "--workers", "4") as server:
        run = Run(server, api)
        run.write()
        run.check(nothing_else=True)


@ON_SQLITE
def test_a_follower_of_sixteen_threads_misses_nothing(
    serving: Serving, api: ApiClient, embedded: dict[str, str]
) -> None:
    with serving(embedded, create_token(api.app, api.user_id), "--threads", "16") as server:
        run = Run(server, api)
        run.write()
        run.check(nothing_else=True)


@ON_POSTGRESQL
def test_a_follower_misses_nothing_though_workers_are_killed(
    serving: Serving, api: ApiClient, environ: dict[str, str]
) -> None:
    with serving(environ, create_token(api.app, api.user_id), "--workers", "4") as server:
        run = Run(server, api)
        with losing_workers(server):
            run.write()
        assert run.broken
        run.check(nothing_else=False)


class Run:
    """Writers and a follower of one server."""

    def __init__(self, server: Server, api: ApiClient):
        self.server = server
        self.app = api.app
        self.broken = 0
        """How many writes were not answered since the connection broke."""
        self.writers = Writers(self.send, api)
        self.follower = Follower(self.ask)
        self.follower.catch_up()
        self.before = len(self.follower.changes)

    def send(self, method: str, path: str, body: Json | None, headers: dict[str, str]) -> Answer | None:
        try:
            return self.server.request(method, path, body, **headers)
        except (OSError, http.client.HTTPException):
            self.broken += 1
            return None

    def ask(self, path: str) -> Json:
        answers: list[Answer] = []

        def is_answered() -> bool:
            with suppress(OSError, http.client.HTTPException):
                answers.append(self.server.request("GET", path))
            return bool(answers)

        wait_until(is_answered)
        assert answers[0].status == 200, answers
        return answers[0].data

    def write(self) -> None:
        """Have the writers write, and the follower follow, until the time is over."""
        end = time.monotonic() + SECONDS

        def work(number: int) -> None:
            if number < WRITERS:
                self.writers.write_until(end, number)
            while number == WRITERS and time.monotonic() < end:
                if not self.follower.read_page():
                    time.sleep(0.02)

        in_parallel(WRITERS + 1, WRITERS + 1, work)

    def check(self, *, nothing_else: bool) -> None:
        """Hold the feed against what was acknowledged; with `nothing_else` it holds no other change."""
        for word, allowed in STATUSES.items():
            met = {status for name, status in self.writers.statuses if name == word}
            assert min(allowed) in met <= allowed, self.writers.statuses
        copy = self.follower.catch_up()
        changes = self.follower.changes
        assert [change["sequence"] for change in changes] == [*range(1, len(changes) + 1)]
        check_acknowledged(self.writers.written, changes)
        check_order(self.writers.written, changes)
        if nothing_else:
            acknowledged = {(each.record_id, each.version) for each in self.writers.written}
            assert {key_of(change) for change in changes[self.before :]} == acknowledged
        assert copy == read_lists(self.ask)
        check_replay(self.writers.written, changes, copy)
        check_tables(self.app, changes)
        assert CommandLine(self.app).done("recount") == "0 counters mended.\n"


def key_of(change: Json) -> tuple[str, int]:
    return change["record_id"], change["version"]


def check_acknowledged(written: list[Written], changes: list[Json]) -> None:
    """Check that each write is in the feed exactly once, as what it was."""
    words = {key_of(change): change["type"].split(".")[1] for change in changes}
    assert len(words) == len(changes)
    assert {(each.record_id, each.version) for each in written} <= words.keys()
    done = [each for each in written if each.word != "restored"]  # a live record is answered as it is
    assert len({(each.record_id, each.version) for each in done}) == len(done)
    assert [each for each in done if words[each.record_id, each.version] != each.word] == []


def check_order(written: list[Written], changes: list[Json]) -> None:
    """Check that what was acknowledged before another write began has the smaller sequence."""
    done = {(each.record_id, each.version): each for each in written if each.word != "restored"}
    latest_begin = 0.0
    for change in changes:
        if each := done.get(key_of(change)):
            assert each.ended > latest_begin, change
            latest_begin = max(latest_begin, each.began)


def check_replay(written: list[Written], changes: list[Json], copy: Json) -> None:
    """Check that `changed` leads from each answer that a writer got to the next, and to the record in the end."""
    answers = {(each.record_id, each.version): each.record for each in written if each.record}
    records: dict[str, Json] = {}
    for change in changes:
        record = records.get(change["record_id"])
        answer = answers.get(key_of(change))
        if record:
            differing = change["changed"] or {}
            assert {name: record[name] for name in differing} == {name: differing[name]["from"] for name in differing}
            record.update({name: differing[name]["to"] for name in differing})
            assert answer is None or named(record) == named(answer), change
        elif answer:
            records[change["record_id"]] = dict(answer)
    assert all(named(records[key]) == named(record) for key, record in copy.items() if key in records)


def named(record: Json) -> Json:
    return {name: value for name, value in record.items() if name not in UNNAMED}


def check_tables(app: Flask, changes: list[Json]) -> None:
    """Check that each record has all its changes and no others, and is live if they say so."""
    versions: dict[str, list[int]] = defaultdict(list)
    words: dict[str, str] = {}
    for change in changes:
        versions[change["record_id"]].append(change["version"])
        if change["changed"] is None:
            words[change["record_id"]] = change["type"].split(".")[1]
    with app.app_context():
        rows = {
            str(external_id): (version, deleted_at is None)
            for kind in KINDS.values()
            for external_id, version, deleted_at in db.session.execute(
                select(kind.model.external_id, kind.model.version, kind.model.deleted_at)
            )
        }
    assert rows == {key: (len(versions[key]), words[key] != "deleted") for key in versions}
    assert all(numbers == [*range(1, len(numbers) + 1)] for numbers in versions.values())
