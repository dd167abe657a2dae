"""The deliverer: several share the work, one on SQLite, it stops when it is told, wakes at once and costs little."""

import signal
import subprocess
import sys
import threading
import time
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

import psycopg
import pytest
from flask import Flask
from sqlalchemy import insert, select, text

from crm.database.query import Query, query_sent
from crm.extensions import db
from crm.models import Team, Webhook
from crm.models.types import now
from crm.webhooks import lanes, worker
from crm.webhooks.alone import NotAloneError, alone_on
from crm.webhooks.outbox import Outbox
from crm.webhooks.schedule import Schedule
from tests.conftest import MakeApp
from tests.support.client import ApiClient, make_teams
from tests.support.databases import SECRET_KEY
from tests.support.receiver import (
    LOOPBACK,
    Receiver,
    deliver_once,
    deliveries,
    delivering,
    receiving,
    status,
    subscribe,
    until_received,
)
from tests.support.server import ROOT, own_environ, wait_until
from tests.support.stores import ON_POSTGRESQL, ON_SQLITE

ENVIRON = {"CRM_SECRET_KEY": SECRET_KEY, **{f"CRM_{name}": value for name, value in LOOPBACK.items()}}
COMMAND = [sys.executable, "-m", "flask", "--app", "wsgi", "crm", "deliver"]


def test_it_wakes_within_a_second_of_a_commit(api: ApiClient, receiver: Receiver) -> None:
    subscribe(api, receiver.url)
    with delivering(api.app):
        time.sleep(0.5)
        for count in (1, 2, 3):
            api.create("leads")
            until_received(receiver, count, seconds=1)


def test_changes_that_no_webhook_wants_write_nothing(api: ApiClient, receiver: Receiver) -> None:
    subscribe(api, receiver.url, "deal.won")
    api.post("/leads/batch/create", {"items": [{"title": "x"}] * 50})
    outbox = Outbox()
    sent: list[str] = []

    def note(query: Query, **_: Any) -> None:
        sent.append(query._compiled().sql)

    with api.app.app_context(), query_sent.connected_to(note):
        outbox.look()
        assert len(sent) == 2
        assert not [sql for sql in sent if sql.startswith(("INSERT", "UPDATE", "DELETE"))]
        sent.clear()
        outbox.look()
        assert len(sent) == 1  # the question whether there is anything new


def test_how_far_it_has_looked_is_kept_now_and_then(api: ApiClient, receiver: Receiver, monkeypatch: Any) -> None:
    from crm.webhooks import outbox

    monkeypatch.setattr(outbox, "WINDOW", 20)
    subscribe(api, receiver.url, "deal.*")
    api.post("/leads/batch/create", {"items": [{"title": "x"}] * 50})
    api.create("deals")
    api.create("leads")
    with api.app.app_context():
        outbox_of_one = Outbox()
        while outbox_of_one.look():
            pass
        assert db.session.scalar(select(Webhook.position)) >= 51
    deliver_once(api.app)
    assert receiver.sequences == [51]


def test_one_write_among_a_thousand_teams_is_one_delivery_within_two_seconds(
    make_app: MakeApp, receiver: Receiver
) -> None:
    teams = make_teams(make_app(TEAMS="true", **LOOPBACK))
    webhook = subscribe(teams.ours, receiver.url)
    with teams.app.app_context():
        values = db.session.execute(select(Webhook.__table__)).mappings().one()
        db.session.execute(insert(Team), [{"name": f"Team {n}"} for n in range(1000)])
        ids = db.session.scalars(select(Team.id).where(Team.name.like("Team %"))).all()
        moment = {"created_at": now(), "updated_at": now()}
        copies = [
            {**{k: v for k, v in values.items() if k not in ("id", "external_id")}, "team_id": team_id, **moment}
            for team_id in ids
        ]
        db.session.execute(insert(Webhook), copies)
        db.session.execute(
            text(
                "INSERT INTO counters (team_id, resource, last_number, live_records) VALUES (:team_id, 'changes', 0, 0)"
            ),
            [{"team_id": team_id} for team_id in ids],
        )
        db.session.commit()
        db.session.remove()
    with delivering(teams.app):
        time.sleep(0.5)
        teams.ours.create("leads")
        until_received(receiver, 1, seconds=2)
        time.sleep(0.5)
    assert len(receiver.received) == 1
    assert len(deliveries(teams.ours, webhook)) == 1


@ON_POSTGRESQL
def test_any_number_share_the_work_and_none_tries_what_another_does(api: ApiClient) -> None:
    under_way: Counter[str] = Counter()
    twice: list[str] = []
    lock = threading.Lock()

    def answer(handler: Any, received: Any) -> None:
        path = received.path
        with lock:
            under_way[path] += 1
            if under_way[path] > 1:
                twice.append(received.id)
        time.sleep(0.005)
        with lock:
            under_way[path] -= 1
        status(500 if received.json["data"]["sequence"] % 5 == 0 else 200)(handler, received)

    with receiving(answer) as receiver:
        for n in range(4):
            subscribe(api, f"{receiver.url}/{n}")
        again = Schedule(pauses=(0.05,) * 3, spread=0)
        with delivering(api.app, again), delivering(api.app, again), delivering(api.app, again):
            for _ in range(8):
                api.post("/leads/batch/create", {"items": [{"title": "x"}] * 10})
            until_received(receiver, 4 * (64 + 16 * 4))
            time.sleep(0.3)
        counts = Counter((each.path, each.json["data"]["sequence"]) for each in receiver.received)
        firsts: dict[str, list[int]] = defaultdict(list)
        for path, sequence in dict.fromkeys((each.path, each.json["data"]["sequence"]) for each in receiver.received):
            firsts[path].append(sequence)
    assert twice == []
    assert {count for (_, sequence), count in counts.items() if sequence % 5} == {1}
    assert {count for (_, sequence), count in counts.items() if sequence % 5 == 0} == {4}
    assert [*firsts.values()] == [[*range(1, 81)]] * 4


def test_slow_receivers_do_not_take_all_threads(api: ApiClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker, "THREADS", 4)
    monkeypatch.setattr(worker, "FOR_FAILING", 2)
    held = threading.Event()

    def hold(handler: Any, received: Any) -> None:
        held.wait(5)
        status(500)(handler, received)

    with receiving(hold) as slow, receiving() as quick:
        for _ in range(10):
            subscribe(api, slow.url)
        held.set()
        api.create("leads")
        deliver_once(api.app, Schedule(pauses=(0.01,), spread=0))  # which makes them failing ones
        held.clear()
        subscribe(api, quick.url)
        with delivering(api.app, Schedule(pauses=(0.01,) * 9, spread=0)):
            time.sleep(0.5)
            api.create("leads")
            until_received(quick, 1, seconds=2)
            held.set()


@ON_SQLITE
def test_on_sqlite_there_is_one(app: Flask) -> None:
    url = app.config["SQLALCHEMY_DATABASE_URI"]
    with alone_on(url):
        with pytest.raises(NotAloneError), alone_on(url):
            pass
        ended = subprocess.run(
            COMMAND, cwd=ROOT, env=own_environ({**ENVIRON, "CRM_DATABASE_URL": url}), capture_output=True, text=True
        )
    said = "Another deliverer works on this database: on SQLite there can be one.\n"
    assert (ended.returncode, ended.stderr) == (1, said)
    with alone_on(url):
        pass


@ON_POSTGRESQL
def test_on_postgresql_nobody_is_alone(app: Flask) -> None:
    with alone_on(app.config["SQLALCHEMY_DATABASE_URI"]), alone_on(app.config["SQLALCHEMY_DATABASE_URI"]):
        pass


def test_the_command_stops_when_it_is_told_and_lets_tries_end(api: ApiClient) -> None:
    held = threading.Event()

    def hold(handler: Any, received: Any) -> None:
        held.wait(10)
        status(200)(handler, received)

    environ = own_environ({**ENVIRON, "CRM_DATABASE_URL": api.app.config["SQLALCHEMY_DATABASE_URI"]})
    with receiving(hold) as receiver:
        webhook = subscribe(api, receiver.url)
        for _ in range(3):
            api.create("leads")
        with subprocess.Popen(COMMAND, cwd=ROOT, env=environ, stderr=subprocess.PIPE) as process:
            until_received(receiver, 1)
            memory = Path(f"/proc/{process.pid}/status").read_text()
            process.send_signal(signal.SIGTERM)
            time.sleep(0.5)
            assert process.poll() is None
            held.set()
            assert process.wait(10) == 0
        assert len(receiver.received) == 1
        assert [each["status"] for each in deliveries(api, webhook)] == ["pending", "pending", "succeeded"]
        deliver_once(api.app)  # the lane was given back
        assert {each["status"] for each in deliveries(api, webhook)} == {"succeeded"}
    resident = next(int(line.split()[1]) for line in memory.splitlines() if line.startswith("VmRSS"))
    assert resident < 80 * 1024


def test_a_try_that_a_crash_cut_short_is_made_again_when_its_lease_is_over(
    api: ApiClient, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert lanes.LEASE_SECONDS < 60
    assert worker.CALL_SECONDS < lanes.LEASE_SECONDS
    webhook = subscribe(api, receiver.url)
    api.create("leads")
    with api.app.app_context():
        Outbox().look()
        taken = lanes.take([each.webhook_id for each in lanes.waiting()])
        assert len(taken) == 1
        assert lanes.waiting() == []
        assert lanes.take([taken[0].webhook_id]) == []
    deliver_once(api.app)
    assert receiver.received == []
    later = lanes.milliseconds() + lanes.LEASE_SECONDS * 1000 + 1
    monkeypatch.setattr(lanes, "milliseconds", lambda: later)
    deliver_once(api.app)
    assert len(receiver.received) == 1
    assert deliveries(api, webhook)[0]["status"] == "succeeded"


@ON_POSTGRESQL
def test_it_goes_on_after_its_database_was_away(api: ApiClient, receiver: Receiver, monkeypatch: Any) -> None:
    monkeypatch.setattr(worker, "FAULT_SECONDS", 0.1)
    url = api.app.config["SQLALCHEMY_DATABASE_URI"]
    subscribe(api, receiver.url)
    with delivering(api.app), psycopg.connect(url, autocommit=True) as own:
        for count in (1, 2, 3):
            own.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
            wait_until(lambda: api.post("/leads", {"title": "x"}).status_code == 201)
            until_received(receiver, count, seconds=5)
    assert sorted(set(receiver.sequences)) == [1, 2, 3]
