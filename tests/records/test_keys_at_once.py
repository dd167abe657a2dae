"""Of any number of simultaneous requests with one `Idempotency-Key` one is done, and workers may be killed over it.

`make soak` goes on for longer, CRM_TEST_SOAK_SECONDS is for how long, and sends each write of every resource.
"""

import http.client
import itertools
import os
import time
from collections import Counter
from collections.abc import Sequence
from threading import Barrier, Event
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from flask import Flask
from sqlalchemy import text

from crm.database.query import Query
from crm.http.idempotency import WAITING_SECONDS
from crm.records import idempotency
from tests.conftest import UNLIMITED, Serving
from tests.support.changes import read_lists
from tests.support.client import ApiClient
from tests.support.factories import create_token, create_user
from tests.support.faults import failing, session
from tests.support.retries import check_replayed, count_answers, keyed
from tests.support.server import Answer, Server, in_parallel, losing_workers
from tests.support.stores import ON_POSTGRESQL, ON_SQLITE
from tests.support.writes import (
    KEYED_WRITES,
    ONE_OF_EACH_KIND,
    WRITES_OF_RECORDS,
    changes_its_record,
    is_of_records,
    makes,
    ready_request,
)

SOAK_SECONDS = os.environ.get("CRM_TEST_SOAK_SECONDS")
SECONDS = float(SOAK_SECONDS or 4)
AT_ONCE = 50
CLIENTS = 12
RUNNING = {"message": "A request with this Idempotency-Key is still running."}


@pytest.fixture
def environ(app: Flask, database_url: str, redis_url: str) -> dict[str, str]:
    """The settings of a server of several workers on the test's database, which count in Redis."""
    settings = {"CRM_DATABASE_URL": database_url, "CRM_SECRET_KEY": app.config["SECRET_KEY"]}
    return {**settings, "CRM_RATELIMIT_STORAGE_URL": redis_url, **UNLIMITED}


# At the same moment


def test_of_fifty_requests_with_one_key_one_is_done(serving: Serving, api: ApiClient, environ: dict[str, str]) -> None:
    writes = KEYED_WRITES if SOAK_SECONDS else ONE_OF_EACH_KIND
    requests = [(method, *ready_request(api, method, path), f"{method}{path}") for method, path in writes]
    cursor = api.get("/changes?after=latest").json["meta"]["cursor"]
    start = Barrier(AT_ONCE, timeout=60)

    with serving(environ, create_token(api.app, api.user_id), "--workers", "4") as server:

        def send_all(_: int) -> list[Answer]:
            answers = []
            for method, path, body, key in requests:
                start.wait()
                answers.append(server.request(method, path, body, **keyed(key)))
            return answers

        answers = in_parallel(AT_ONCE, AT_ONCE, send_all)
    for request, same in zip(requests, zip(*answers, strict=True), strict=True):
        check_all_are_one(request, same)
    of_records = [path for _, path, _, _ in requests if is_of_records(path)]
    conversions = [each for each in writes if each in WRITES_OF_RECORDS and makes(*each) and changes_its_record(*each)]
    noted = len(of_records) + len(conversions)  # of what is made, and of what it is made of
    assert len(api.get(f"/changes?limit=500&after={cursor}").json["data"]) == noted


def check_all_are_one(request: Any, answers: Sequence[Answer]) -> None:
    """Check that of requests with one key one was done, and that all that were answered were answered the same."""
    done = [answer for answer in answers if answer.status != 409]
    assert {repr(answer.data) for answer in answers if answer.status == 409} <= {repr(RUNNING)}
    assert len({(answer.status, answer.headers.get("ETag"), repr(answer.data)) for answer in done}) == 1, request
    assert done[0].status in (200, 201, 202, 204), request
    replayed = Counter(answer.headers.get("Idempotent-Replayed") for answer in done)
    assert replayed == {None: 1, "true": len(done) - 1}, request


# While the first is running


@ON_POSTGRESQL
def test_who_has_waited_in_vain_is_told_that_the_first_is_running(
    api: ApiClient, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(idempotency, "WAITING_SECONDS", 0.2)
    path = f"/leads/{api.create('leads')['id']}"
    with session(database_url) as other, other.transaction():
        other.execute(
            "INSERT INTO kept_answers (user_id, team_id, key, created_at) VALUES (%s, 0, 'k', now())", [api.user_id]
        )
        for method in ("PUT", "PATCH", "DELETE"):
            answer = api.request(method, path, json={"amount": 5}, headers=keyed("k"))
            assert (answer.status_code, answer.json) == (409, RUNNING)
            assert answer.headers["Retry-After"] == "1"
        assert api.put(path, {"amount": 5}, headers=keyed("other")).status_code == 200
        raise psycopg.Rollback
    assert api.put(path, {"amount": 6}, headers=keyed("k")).status_code == 200


@ON_POSTGRESQL
def test_a_key_is_waited_for_for_five_seconds_and_other_locks_as_long_as_ever(
    api: ApiClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown: list[Any] = []
    timeout = Query(text("SHOW lock_timeout"))

    def noting(function: Any) -> Any:
        def noted(*values: Any) -> Any:
            shown.append(timeout.rows()[0][0])
            return function(*values)

        return noted

    for name in ("claim", "remove_some"):
        monkeypatch.setattr(idempotency, name, noting(getattr(idempotency, name)))
    for _ in range(2):
        assert api.post("/leads", {"title": "x"}, headers=keyed("k")).status_code == 201
    assert shown == ["5s", "10s", "5s"]
    assert WAITING_SECONDS == 5


@ON_SQLITE
def test_on_sqlite_it_waits_in_the_queue(api: ApiClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(idempotency, "WAITING_SECONDS", 0.01)
    begun, keep = Event(), idempotency.keep

    def keep_slowly(*values: Any) -> None:
        begun.set()
        time.sleep(0.5)
        keep(*values)

    monkeypatch.setattr(idempotency, "keep", keep_slowly)

    def send(place: int) -> Any:
        if place:
            assert begun.wait(5)
        return api.post("/leads", {"title": "x"}, headers=keyed("k"))

    first, second = in_parallel(2, 2, send)
    check_replayed(first, second)


@ON_POSTGRESQL
@pytest.mark.parametrize("table", ["leads", "kept_answers"])
def test_a_write_that_is_run_again_is_done_once(serve: Any, database: str, table: str) -> None:
    app = serve(database)
    api = ApiClient(app, create_user(app))
    with failing(database, table, "40P01", times=1) as connection:
        first = api.post("/leads", {"title": "Once"}, headers=keyed("k"))
        assert connection.execute("SELECT last_value FROM refusals").fetchone() == (2,)
    assert first.status_code == 201
    check_replayed(first, api.post("/leads", {"title": "Once"}, headers=keyed("k")))
    assert api.get("/leads").json["meta"]["total"] == 1


@ON_POSTGRESQL
def test_an_answer_that_cannot_be_kept_undoes_its_write(serve: Any, database: str) -> None:
    app = serve(database)
    api = ApiClient(app, create_user(app))
    with failing(database, "kept_answers", "53100", of="UPDATE"):
        assert api.post("/leads", {"title": "Lost"}, headers=keyed("k")).status_code == 503
    assert api.get("/leads").json["meta"]["total"] == count_answers(app) == 0
    assert api.post("/leads", {"title": "Lost"}, headers=keyed("k")).json["data"]["lead_id"] == "L1001"


# While workers are killed


def test_each_key_is_one_record_though_workers_are_killed(
    serving: Serving, api: ApiClient, environ: dict[str, str]
) -> None:
    with serving(environ, create_token(api.app, api.user_id), "--workers", "4") as server:
        end = time.monotonic() + SECONDS
        with losing_workers(server, seconds=0.4):
            clients = in_parallel(CLIENTS, CLIENTS, lambda _: Client(server).write_until(end))
    answered = {key: lead for client in clients for key, lead in client.leads.items()}
    assert sum(client.broken for client in clients) > 0, "nobody was interrupted"
    assert len(answered) > CLIENTS
    check_leads(api, answered)


class Client:
    """Sends each write with a key of its own, until it is answered."""

    def __init__(self, server: Server):
        self.server = server
        self.leads: dict[str, Any] = {}
        """The leads that it was answered, as it left them, by the keys that they were made with."""
        self.broken = 0
        """How many requests were not answered."""

    def write_until(self, end: float) -> "Client":
        """Make leads, change and delete some, until a moment of the monotonic clock."""
        for turn in itertools.count():
            if time.monotonic() > end:
                return self
            key = str(uuid4())
            lead = self.send("POST", "/leads", {"title": key}, key).data["data"]
            path = f"/leads/{lead['id']}"
            if turn % 3:
                lead = self.send("PUT", path, {"amount": turn}, str(uuid4())).data["data"]
            if turn % 3 == 2:
                self.send("DELETE", path, None, str(uuid4()))
                lead = self.send("POST", f"{path}/restore", None, str(uuid4())).data["data"]
            self.leads[key] = lead
        raise AssertionError

    def send(self, method: str, path: str, body: Any, key: str) -> Answer:
        """Send a request again and again, until it is done."""
        give_up = time.monotonic() + 30
        while True:
            assert time.monotonic() < give_up, "never answered"
            try:
                answer = self.server.request(method, path, body, **keyed(key))
            except (OSError, http.client.HTTPException):
                self.broken += 1
                time.sleep(0.05)
                continue
            if answer.status < 300:
                return answer
            assert answer.status in (409, 503), answer
            time.sleep(0.1)


def check_leads(api: ApiClient, answered: dict[str, Any]) -> None:
    """Check that for each key there is one lead, which is as it was answered last, and no other lead."""
    leads = read_lists(lambda path: api.get(path).json)
    assert Counter(lead["title"] for lead in leads.values()) == Counter(answered.keys())
    assert leads == {lead["id"]: lead for lead in answered.values()}
    assert {lead["version"] for lead in leads.values()} == {1, 2, 4}
    numbers = sorted(int(lead["lead_id"].removeprefix("L")) for lead in leads.values())
    assert numbers == [*range(1001, 1001 + len(leads))]
