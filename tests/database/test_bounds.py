"""How long a request waits for PostgreSQL: for an answer, a lock, a server that is silent or has vanished."""

import socket
import time

import pytest
from sqlalchemy import insert, make_url, text

from crm.database import postgresql
from crm.database.connections import transaction
from crm.database.faults import Fault
from crm.database.query import Query
from crm.extensions import db
from crm.models import Industry
from tests.support.client import ApiClient
from tests.support.factories import create_user
from tests.support.faults import check_unavailable, reported, session
from tests.support.relay import relay_to
from tests.support.server import in_parallel
from tests.support.stores import ON_POSTGRESQL

pytestmark = ON_POSTGRESQL
SLEEP = Query(text("SELECT CAST(pg_sleep(1.5) AS text)"))
ADD = Query(insert(Industry.__table__), ("name",))


@pytest.fixture
def relay(database_url):
    url = make_url(database_url)
    with relay_to(url.host, url.port or 5432) as relay:
        yield relay


@pytest.fixture
def relayed(relay, database_url):
    return make_url(database_url).set(host="127.0.0.1", port=relay.port).render_as_string(hide_password=False)


@pytest.fixture
def impatient(monkeypatch):
    """Bounds that a test can wait for."""
    monkeypatch.setattr(postgresql, "STATEMENT_SECONDS", 0.3)
    monkeypatch.setattr(postgresql, "LOCK_SECONDS", 0.2)
    monkeypatch.setattr(postgresql, "SILENCE_SECONDS", 0.6)


def shown(app, name):
    return next(row[0] for row in Query(text(f"SHOW {name}")).rows())


def driver_connection():
    with transaction() as connection:
        return connection.connection.driver_connection


def test_bounds_are_those_of_the_contract_and_add_up_to_less_than_15_seconds(serve, database_url):
    app = serve(database_url)
    with app.test_request_context():
        assert {shown(app, "statement_timeout"), shown(app, "lock_timeout")} == {"10s"}
    arguments = postgresql.connect_args(make_url(database_url), row_security=False)
    assert postgresql.SILENCE_SECONDS > postgresql.STATEMENT_SECONDS
    assert arguments["connect_timeout"] + postgresql.SILENCE_SECONDS < 15


def test_a_server_that_has_vanished_is_noticed_within_15_seconds(serve, database_url):
    options = (socket.TCP_KEEPIDLE, socket.TCP_KEEPINTVL, socket.TCP_KEEPCNT, socket.TCP_USER_TIMEOUT)
    with (
        serve(database_url).app_context(),
        socket.fromfd(driver_connection().fileno(), socket.AF_INET, socket.SOCK_STREAM) as connected,
    ):
        idle, interval, count, unanswered = (connected.getsockopt(socket.IPPROTO_TCP, option) for option in options)
    assert 0 < idle + interval * count < 15
    assert 0 < unanswered < 15_000


def test_a_url_adds_to_our_options_and_has_its_way_with_the_others(serve, database_url):
    options = {"options": "-c work_mem=77MB -c timezone=Asia/Tokyo", "connect_timeout": "7", "keepalives_idle": "9"}
    url = make_url(database_url).update_query_dict(options).render_as_string(hide_password=False)
    app = serve(url)
    with app.app_context():
        assert (shown(app, "work_mem"), shown(app, "timezone")) == ("77MB", "UTC")
        parameters = driver_connection().info.get_parameters()
        assert (parameters["connect_timeout"], parameters["keepalives_idle"]) == ("7", "9")


def test_a_statement_of_a_request_is_ended_and_that_of_a_command_is_not(serve, database_url, impatient, caplog):
    app = serve(database_url)
    app.add_url_rule("/crm/api/v2/sleep", view_func=lambda: SLEEP.rows() and "")
    started = time.monotonic()
    check_unavailable(ApiClient(app).get("/sleep"))
    assert time.monotonic() - started < 1
    assert reported(caplog) == [Fault.SLOW]
    with app.app_context():
        assert SLEEP.rows() == [("",)]
        assert shown(app, "statement_timeout") == shown(app, "lock_timeout") == "0"
    check_unavailable(ApiClient(app).get("/sleep"))


def test_a_request_does_not_wait_for_a_lock_for_ever(serve, database_url, impatient, caplog):
    app = serve(database_url)
    api = ApiClient(app, create_user(app))
    path = f"/leads/{api.create('leads')['id']}"
    with session(database_url) as other, other.transaction():
        other.execute("SELECT 1 FROM leads FOR UPDATE")
        check_unavailable(api.put(path, {"title": "Lost"}))
        assert api.get(path).status_code == 200
    assert reported(caplog) == [Fault.LOCKED]
    assert api.put(path, {"title": "Kept"}).status_code == 200


def test_a_silent_server_is_a_503_on_reads_and_writes_and_the_pool_recovers(serve, relay, relayed, impatient, caplog):
    app = serve(relayed)
    api = ApiClient(app, create_user(app))
    path = f"/leads/{api.create('leads')['id']}"
    asked = [("GET", path), ("GET", "/leads"), ("POST", "/leads"), ("PUT", path), ("DELETE", path), ("GET", "/auth/me")]
    in_parallel(6, 24, lambda _: api.get("/leads"))
    started = time.monotonic()
    with relay.holding():
        answers = in_parallel(6, 6, lambda job: api.request(*asked[job], json={"title": "Lost"}))
        check_unavailable(api.get("/leads"))  # a new connection
    assert time.monotonic() - started < 6
    for answer in answers:
        check_unavailable(answer)
    assert reported(caplog) == [Fault.AWAY]
    assert {answer.status_code for answer in in_parallel(6, 24, lambda _: api.get(path))} == {200}
    with app.app_context():
        assert db.engine.pool.checkedout() == 0


@pytest.mark.parametrize("how", ["one", "many", "sqlalchemy"])
def test_a_server_that_falls_silent_within_a_transaction_is_given_up(serve, relay, relayed, impatient, how, caplog):
    app = serve(relayed)

    def fall_silent():
        with transaction() as connection, relay.holding():
            if how == "sqlalchemy":
                connection.execute(text("SELECT 1"))
            elif how == "one":
                ADD.execute(name="Lost")
            else:
                ADD.execute_each([{"name": "Lost"}, {"name": "Lost, too"}])

    app.add_url_rule("/crm/api/v2/silent", view_func=fall_silent)
    app.add_url_rule("/crm/api/v2/time", view_func=lambda: shown(app, "timezone"))
    started = time.monotonic()
    check_unavailable(ApiClient(app).get("/silent"))
    assert time.monotonic() - started < 2
    assert reported(caplog) == [Fault.AWAY]
    assert ApiClient(app).get("/time").text == "UTC"
