"""Several workers on one database, and what happens when something is killed: real gunicorn processes.

`make soak` writes many times as much: CRM_TEST_SOAK_LOAD is how many times.
"""

import contextlib
import http.client
import os
import signal
import threading
import time

import psycopg
import pytest
import redis
from sqlalchemy import make_url

from crm.extensions import db
from tests.support.factories import create_token, create_user
from tests.support.server import in_parallel, wait_until
from tests.support.stores import ON_POSTGRESQL, ON_SQLITE

UNLIMITED = {"CRM_RATELIMIT_AUTHENTICATED": "1000000 per minute"}
LOAD = int(os.environ.get("CRM_TEST_SOAK_LOAD", "1"))
KILLS = 6 * LOAD
KILL_EVERY = 0.7
"""Seconds."""


@pytest.fixture
def embedded(app, database_url):
    """The settings of a server on the test's database, limits counted in its memory."""
    return {"CRM_DATABASE_URL": database_url, "CRM_SECRET_KEY": app.config["SECRET_KEY"], **UNLIMITED}


@pytest.fixture
def environ(embedded, redis_url):
    """The settings of a server on the test's database, limits counted in an empty Redis."""
    with redis.Redis.from_url(redis_url) as server:
        server.delete(*server.keys("LIMITS*") or ["none"])
    return {**embedded, "CRM_RATELIMIT_STORAGE_URL": redis_url}


@pytest.fixture
def token(app):
    return create_token(app, create_user(app))


def given_numbers(app, table, column):
    """Return the numbers of all records of a table, in order."""
    with app.app_context():
        return sorted(int(number[1:]) for number in db.session.scalars(db.text(f"SELECT {column} FROM {table}")))


def test_parallel_workers_give_numbers_without_duplicate_or_hole(serving, app, environ, token):
    leads = 200 * LOAD
    with serving(environ, token, "--workers", "4") as server:
        answers = in_parallel(16, leads, lambda n: server.request("POST", "/leads", {"title": f"Lead {n}"}))
    assert {answer.status for answer in answers} == {201}
    assert given_numbers(app, "leads", "lead_id") == [*range(1001, 1001 + leads)]


def test_all_workers_share_one_count(serving, environ, token):
    limits = {**environ, "CRM_RATELIMIT_AUTHENTICATED": "30 per minute"}
    with serving(limits, token, "--workers", "4") as server:
        statuses = [answer.status for answer in in_parallel(8, 50, lambda _: server.request("GET", "/leads"))]
    assert (statuses.count(200), statuses.count(429)) == (30, 20)


@ON_SQLITE
def test_twenty_threads_create_leads_through_one_process(serving, app, embedded, token):
    leads = 100 * LOAD
    with serving(embedded, token) as server:
        assert len(server.workers()) == 1
        answers = in_parallel(20, leads, lambda n: server.request("POST", "/leads", {"title": f"Lead {n}"}))
    assert {answer.status for answer in answers} == {201}
    assert given_numbers(app, "leads", "lead_id") == [*range(1001, 1001 + leads)]


@ON_SQLITE
def test_twelve_threads_writing_through_sqlite_never_fail(serving, environ, token):
    def write(n):
        made = server.request("POST", "/people", {"first_name": f"Person {n}"})
        path = f"/people/{made.data['data']['id']}"
        return made, server.request("PUT", path, {"last_name": "Doe"}), server.request("DELETE", path)

    with serving(environ, token, "--workers", "2", "--threads", "12") as server:
        statuses = {tuple(answer.status for answer in answers) for answers in in_parallel(12, 60 * LOAD, write)}
    assert statuses == {(201, 200, 204)}


def test_every_acknowledged_quote_is_whole_though_workers_are_killed(serving, app, api, environ):
    product = api.create("products", unit_price=1)["id"]
    line = {"product_id": product, "quantity": 1, "unit_price": 1, "amount": 1}
    acknowledged = []
    over = threading.Event()

    def write_quotes(_):
        while not over.is_set():
            with contextlib.suppress(OSError, http.client.HTTPException):
                answer = server.request("POST", "/quotes", {"title": "Quote", "line_items": [line] * 5})
                if answer.status == 201:
                    acknowledged.append(answer.data["data"])

    token = create_token(app, api.user_id)
    with serving(environ, token, "--workers", "4") as server:
        killer = threading.Thread(target=kill_workers, args=(server, acknowledged, over))
        killer.start()
        in_parallel(8, 8, write_quotes)
        killer.join()
    assert len(acknowledged) > 20
    assert len({quote["quote_id"] for quote in acknowledged}) == len(acknowledged)
    assert all(len(quote["line_items"]) == 5 for quote in acknowledged)
    for quote in acknowledged[:: max(1, len(acknowledged) // 50)]:
        assert api.get(f"/quotes/{quote['id']}").json["data"] == quote
    numbers = given_numbers(app, "quotes", "quote_id")
    assert numbers == [*range(1001, 1001 + len(numbers))]
    assert {int(quote["quote_id"][1:]) for quote in acknowledged} <= set(numbers)


def kill_workers(server, acknowledged, over):
    """Kill a worker now and then, from the first quote on until there are enough to look at."""
    try:
        wait_until(lambda: acknowledged)
        for _ in range(KILLS):
            time.sleep(KILL_EVERY)
            os.kill(server.workers()[0], signal.SIGKILL)
        wait_until(lambda: len(acknowledged) > 20)
    finally:
        over.set()


def test_a_killed_worker_is_replaced(serving, environ, token):
    with serving(environ, token, "--workers", "2") as server:
        wait_until(lambda: len(server.workers()) == 2)
        before = server.workers()
        for pid in before:
            os.kill(pid, signal.SIGKILL)
        wait_until(lambda: len(server.workers()) == 2 and not set(server.workers()) & set(before))
        wait_until(lambda: succeeds(server))


def succeeds(server):
    with contextlib.suppress(OSError, http.client.HTTPException):
        return server.request("GET", "/leads").status == 200
    return False


def test_a_stop_finishes_the_request_in_flight(serving, app, environ, token, database_url):
    with serving(environ, token) as server, app.app_context():
        lock = db.engine.connect()
        lock.begin()
        lock.execute(db.text("UPDATE users SET name = name"))
        if database_url.startswith("postgresql"):
            lock.execute(db.text("LOCK TABLE leads"))
        answer = []
        request = threading.Thread(target=lambda: answer.append(server.request("POST", "/leads", {"title": "Late"})))
        request.start()
        time.sleep(0.3)
        server.process.send_signal(signal.SIGTERM)
        time.sleep(0.3)
        assert not answer
        lock.rollback()
        lock.close()
        request.join()
        assert answer[0].status == 201
        assert server.process.wait(20) == 0


@ON_POSTGRESQL
def test_requests_succeed_after_all_connections_are_terminated(serving, environ, token, database_url):
    name = make_url(database_url).database
    stop = threading.Event()

    def poll(_):
        while not stop.is_set():
            server.request("GET", "/leads")

    with serving(environ, token, "--workers", "2") as server, psycopg.connect(database_url, autocommit=True) as own:
        load = threading.Thread(target=in_parallel, args=(4, 4, poll))
        load.start()
        time.sleep(0.5)
        terminate = (
            "SELECT count(pg_terminate_backend(pid, 5000)) FROM pg_stat_activity WHERE datname = %s AND pid <> %s"
        )
        ended = own.execute(terminate, (name, own.info.backend_pid)).fetchone()[0]
        stop.set()
        load.join()
        assert ended >= 2
        own.execute(terminate, (name, own.info.backend_pid))
        answers = in_parallel(8, 40, lambda _: server.request("POST", "/leads", {"title": "After"}))
    assert {answer.status for answer in answers} == {201}


def test_no_answer_mixes_two_writes_of_a_document(app, api):
    product = api.create("products", unit_price=1)["id"]
    path = f"/quotes/{api.create('quotes')['id']}"

    def body(number):
        line = {"product_id": product, "quantity": number, "unit_price": 1, "amount": 1}
        return {"title": f"Version {number}", "line_items": [line] * (number % 5 + 1)}

    def is_whole(record):
        number = int(record["title"].removeprefix("Version "))
        lines = [(line["quantity"], line["order"]) for line in record["line_items"]]
        return lines == [(number, order) for order in range(1, number % 5 + 2)]

    def write_and_read(number):
        written = api.put(path, body(number + 1)).json["data"]
        return [written, api.get(path).json["data"], api.get("/quotes").json["data"][0]]

    api.put(path, body(1))
    answers = in_parallel(6, 90, write_and_read)
    assert all(is_whole(record) for records in answers for record in records)
