"""A write that the database ends in favour of another one is run again, whole, once; then it is a 503."""

from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest

from crm.database.faults import Fault
from tests.support.client import ApiClient
from tests.support.factories import create_user, sample
from tests.support.faults import check_unavailable, failing, reported, session
from tests.support.server import wait_until
from tests.support.stores import ON_POSTGRESQL

pytestmark = ON_POSTGRESQL
CONFLICTS = ["40001", "40P01"]
BLOCKED = (
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    " AND pid <> pg_backend_pid()"
)


@pytest.fixture
def api(serve, database):
    app = serve(database)
    return ApiClient(app, create_user(app))


def deadlock(url, write, monkeypatch):
    """Have a write wait for another transaction while that waits for it; return the answer.

    The write notices it after a second, the other one would after a minute only: so the write is the one that is ended.
    Its pause lasts until the other one has ended.
    """
    ended = Event()
    monkeypatch.setattr("crm.http.application.sleep", lambda _: ended.wait(10))
    with ThreadPoolExecutor(1) as pool, session(url) as other, session(url) as watcher:
        other.execute("SET deadlock_timeout TO '1min'")
        with other.transaction():
            other.execute("UPDATE counters SET last_number = last_number WHERE resource = 'leads'")
            answer = pool.submit(write)
            wait_until(lambda: watcher.execute(BLOCKED).fetchone()[0] == 1)
            other.execute("UPDATE leads SET description = 'of the other one'")
        ended.set()
        return answer.result()


@pytest.mark.parametrize("action", ["delete", "restore"])
def test_the_loser_of_a_deadlock_is_done_all_the_same(api, database, action, caplog, monkeypatch):
    lead = api.create("leads")
    path = f"/leads/{lead['id']}"
    if action == "restore":
        api.delete(path)
        answer = deadlock(database, lambda: api.request("POST", f"{path}/restore"), monkeypatch)
        assert answer.status_code == 200
        assert answer.json["data"]["description"] == "of the other one"
    else:
        assert deadlock(database, lambda: api.delete(path), monkeypatch).status_code == 204
    assert api.get("/leads").json["meta"]["total"] == (1 if action == "restore" else 0)
    with session(database) as connection:
        count = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"
        wait_until(lambda: connection.execute(count).fetchone()[0] == 1)
    assert reported(caplog) == []


@pytest.mark.parametrize("sqlstate", CONFLICTS)
@pytest.mark.parametrize("resource", ["leads", "quotes"])
def test_a_write_that_fails_once_is_done_once(api, database, resource, sqlstate):
    lines = {"quotes": [{"product_id": api.create("products")["id"], "quantity": 1, "unit_price": 1, "amount": 1}]}
    body = {**sample(resource), **({"line_items": lines[resource]} if resource in lines else {})}
    table = "quote_line_items" if resource in lines else resource
    with failing(database, table, sqlstate, times=1) as connection:
        answer = api.post(f"/{resource}", body)
        assert connection.execute("SELECT last_value FROM refusals").fetchone() == (2,)
    assert answer.status_code == 201
    number = answer.json["data"].get("lead_id") or answer.json["data"]["quote_id"]
    assert number.endswith("1001")
    assert [record["id"] for record in api.get(f"/{resource}").json["data"]] == [answer.json["data"]["id"]]
    assert len(answer.json["data"].get("line_items", [])) == (1 if resource in lines else 0)


@pytest.mark.parametrize("sqlstate", CONFLICTS)
def test_a_write_that_fails_twice_is_a_503_and_leaves_nothing(api, database, sqlstate, caplog):
    with failing(database, "leads", sqlstate, times=2) as connection:
        check_unavailable(api.post("/leads", {"title": "Lost"}))
        assert connection.execute("SELECT last_value FROM refusals").fetchone() == (2,)
        assert api.create("leads")["lead_id"] == "L1001"
    assert reported(caplog) == [Fault.CONFLICT]


def test_any_other_error_is_not_tried_again(api, database):
    for sqlstate, status in (("53100", 503), ("23505", 500), ("55P03", 503)):
        with failing(database, "leads", sqlstate) as connection:
            assert api.post("/leads", {"title": "Lost"}).status_code == status
            assert connection.execute("SELECT last_value FROM refusals").fetchone() == (1,)


def test_a_token_is_issued_once(api, database):
    with failing(database, "tokens", "40001", times=1):
        body = {"email": "jane@example.com", "password": "correct horse battery staple"}
        create_user(api.app, email=body["email"])
        assert api.post("/auth/token", body).status_code == 201


def test_a_request_that_is_run_again_is_counted_once_and_keeps_its_id(api, database):
    before = int(api.get("/leads").headers["X-RateLimit-Remaining"])
    with failing(database, "leads", "40P01", times=1) as connection:
        answer = api.post("/leads", {"title": "Kept"}, headers={"X-Request-Id": "again-and-again"})
        assert connection.execute("SELECT last_value FROM refusals").fetchone() == (2,)
    assert answer.status_code == 201
    assert int(answer.headers["X-RateLimit-Remaining"]) == before - 1
    assert answer.headers["X-Request-Id"] == "again-and-again"
