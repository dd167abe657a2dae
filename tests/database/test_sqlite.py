"""SQLite keeps what it has answered, and its log stays short under writes, whoever reads meanwhile."""

import sqlite3
import threading
import time
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path

import pytest
from sqlalchemy import event, make_url, text

from crm.database import sqlite
from crm.database.faults import Fault
from crm.database.query import Query
from crm.extensions import db
from tests.support.client import ApiClient
from tests.support.factories import create_user
from tests.support.faults import reported
from tests.support.stores import ON_SQLITE

pytestmark = ON_SQLITE
LOG_BYTES = 1_000_000
LONG = "x" * 60_000
SETTINGS = {"journal_mode": "wal", "synchronous": 2, "busy_timeout": 10_000, "foreign_keys": 1}


@pytest.fixture
def log(database, monkeypatch):
    """The path of the log, which is long at a size that a test can write."""
    monkeypatch.setattr(sqlite, "LOG_BYTES", LOG_BYTES)
    return Path(f"{make_url(database).database}-wal")


@pytest.fixture
def api(serve, database):
    app = serve(database)
    return ApiClient(app, create_user(app))


@contextmanager
def reading(database):
    """Within the block, have readers take turns: each is short, and there is always one."""
    path, done = make_url(database).database, threading.Event()
    with ExitStack() as stack:
        turns = [
            stack.enter_context(closing(sqlite3.connect(path, isolation_level=None, check_same_thread=False)))
            for _ in range(2)
        ]

        def take_turns():
            while not done.is_set():
                for reader, before in (turns, reversed(turns)):
                    begin(reader)
                    end(before)
                    time.sleep(0.003)

        thread = threading.Thread(target=take_turns)
        thread.start()
        try:
            yield
        finally:
            done.set()
            thread.join()


def begin(reader):
    reader.execute("BEGIN")
    reader.execute("SELECT count(*) FROM leads").fetchall()


def end(reader):
    if reader.in_transaction:
        reader.execute("COMMIT")


def test_a_connection_is_set_up_to_last(serve, database):
    with serve(database).app_context():
        assert {name: Query(text(f"PRAGMA {name}")).rows()[0][0] for name in SETTINGS} == SETTINGS


def test_the_log_stays_short_though_there_is_always_a_reader(api, database, log):
    longest = 0
    with reading(database):
        for _ in range(150):
            assert api.post("/leads", {"title": "A lead", "description": LONG}).status_code == 201
            longest = max(longest, log.stat().st_size)
    assert longest < 3 * LOG_BYTES
    assert log.with_name(log.name.removesuffix("-wal")).stat().st_size > 5 * LOG_BYTES


def test_a_long_reader_holds_no_writer_up_for_long(api, database, log):
    with closing(sqlite3.connect(make_url(database).database, isolation_level=None)) as reader:
        begin(reader)
        started = time.monotonic()
        for _ in range(40):
            assert api.post("/leads", {"title": "A lead", "description": LONG}).status_code == 201
        assert time.monotonic() - started < 5
        assert log.stat().st_size > LOG_BYTES
        end(reader)
    time.sleep(sqlite._TRY_AGAIN_SECONDS)
    api.create("leads")
    assert log.stat().st_size < LOG_BYTES


def test_a_log_that_cannot_be_shortened_fails_no_write(api, caplog, monkeypatch):
    def refuse_checkpoints(_action, name, *_):
        return sqlite3.SQLITE_DENY if name == "wal_checkpoint" else sqlite3.SQLITE_OK

    monkeypatch.setattr(sqlite, "LOG_BYTES", 0)
    with api.app.app_context():
        db.engine.dispose()
        event.listen(db.engine, "connect", lambda connection, _: connection.set_authorizer(refuse_checkpoints))
    assert api.post("/leads", {"title": "Kept"}).status_code == 201
    assert api.get("/leads").json["meta"]["total"] == 1
    assert reported(caplog) == [Fault.DISK]
