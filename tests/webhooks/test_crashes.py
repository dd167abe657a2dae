"""Whatever is killed: each committed change arrives at least once, in its order, and nothing else does."""

import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.client import HTTPException
from typing import Any

from crm import create_app
from crm.extensions import db
from tests.conftest import UNLIMITED, Serving
from tests.support.client import ApiClient
from tests.support.databases import SECRET_KEY
from tests.support.factories import create_token, create_user
from tests.support.receiver import LOOPBACK, receiving, status, subscribe
from tests.support.server import ROOT, Server, in_parallel, own_environ, wait_until
from tests.support.stores import ON_POSTGRESQL

WRITERS = 8
WRITES = int(os.environ.get("CRM_TEST_SOAK_WRITES", "240"))
KILLS = 10 if WRITES >= 2000 else 3

DELIVERER = """
import signal, threading
from crm.commands.deliver import shown_records
from crm.webhooks import lanes, worker
from crm.webhooks.schedule import Schedule
from crm.webhooks.worker import deliver
from wsgi import app
lanes.LEASE_SECONDS = worker.LEASE_SECONDS = 3
worker._MARGIN = 2000
stop = threading.Event()
signal.signal(signal.SIGTERM, lambda *_: stop.set())
deliver(app, shown_records, stop, schedule=Schedule(pauses=(0.1,) * 20))
"""
"""A deliverer whose pauses and leases are short."""


@contextmanager
def dying_deliverers(environ: dict[str, str], seconds: float) -> Iterator[list[int]]:
    """Run two deliverers, one of which is killed each so many seconds and replaced; give the numbers of the killed."""
    end, killed = threading.Event(), list[int]()

    def start() -> subprocess.Popen[bytes]:
        return subprocess.Popen([sys.executable, "-c", DELIVERER], cwd=ROOT, env=own_environ(environ))

    running = [start(), start()]

    def kill() -> None:
        while not end.wait(seconds) and len(killed) < KILLS:
            place = len(killed) % 2
            running[place].send_signal(signal.SIGKILL)
            running[place].wait()
            killed.append(running[place].pid)
            running[place] = start()

    killer = threading.Thread(target=kill)
    killer.start()
    try:
        yield killed
    finally:
        end.set()
        killer.join()
        for process in running:
            process.terminate()
        for process in running:
            process.wait()


@contextmanager
def dying_workers(server: Server, seconds: float) -> Iterator[list[int]]:
    """Kill a worker of the API each so many seconds."""
    end, killed = threading.Event(), list[int]()

    def kill() -> None:
        while not end.wait(seconds) and len(killed) < KILLS:
            workers = server.workers()
            if workers:
                killed.append(workers[len(killed) % len(workers)])
                os.kill(killed[-1], signal.SIGKILL)

    killer = threading.Thread(target=kill)
    killer.start()
    try:
        yield killed
    finally:
        end.set()
        killer.join()


@ON_POSTGRESQL
def test_every_committed_change_arrives_whatever_is_killed(database: str, serving: Serving, tmp_path: Any) -> None:
    environ = {"CRM_DATABASE_URL": database, "CRM_SECRET_KEY": SECRET_KEY, **UNLIMITED}
    environ |= {f"CRM_{name}": value for name, value in LOOPBACK.items()}
    app = create_app(environ, str(tmp_path))
    user = create_user(app)
    token = create_token(app, user)
    chance = random.Random(1)

    def refuse_thirds(handler: Any, received: Any) -> None:
        status(500 if chance.random() < 1 / 3 else 200)(handler, received)

    per_kill = max(0.7, WRITES / 300 / KILLS)
    with receiving(refuse_thirds) as receiver, serving(environ, token, "--workers", "2") as server:
        subscribe(ApiClient(app, user), receiver.url, include_record=False)

        def write(job: int) -> None:
            body = {"title": f"{job}"} if job % 10 else {"title": None}  # a tenth is refused, and rolled back
            for _ in range(50):
                with suppress(OSError, HTTPException):
                    answer = server.request("POST", "/leads", body, **{"Idempotency-Key": f"job-{job}"})
                    if answer.status in (201, 422):
                        return
                time.sleep(0.05)

        with dying_deliverers(environ, per_kill) as deliverers, dying_workers(server, per_kill * 1.3) as workers:
            in_parallel(WRITERS, WRITES, write)
            committed = last_sequence(app)
            wait_until(lambda: len(deliverers) == len(workers) == KILLS, 60)
            wait_until(lambda: {*receiver.sequences} >= {*range(1, committed + 1)}, 60)
    assert committed == WRITES - len(range(0, WRITES, 10))
    firsts = [*dict.fromkeys(receiver.sequences)]
    assert firsts == [*range(1, committed + 1)]
    changes = {change["sequence"]: change for change in feed(ApiClient(app, user))}
    assert all(each.json["data"] == changes[each.json["data"]["sequence"]] for each in receiver.received)
    with app.app_context():
        db.engine.dispose()


def last_sequence(app: Any) -> int:
    with app.app_context():
        found: int = db.session.scalar(db.text("SELECT last_number FROM counters WHERE resource = 'changes'"))
        db.session.remove()
    return found


def feed(api: ApiClient) -> Iterator[dict[str, Any]]:
    """Yield all changes."""
    path = "/changes?limit=500"
    while True:
        page = api.get(path).json
        yield from page["data"]
        if not page["meta"]["has_more"]:
            return
        path = f"/changes?limit=500&after={page['meta']['cursor']}"
