"""A database or a Redis that goes away and comes back, behind a way that the test closes and opens."""

import time
from statistics import median

import pytest
from sqlalchemy import make_url

from crm.http.counts import shared, storage
from tests.support.client import ApiClient
from tests.support.factories import create_user
from tests.support.relay import relay_to
from tests.support.server import in_parallel
from tests.support.stores import ON_POSTGRESQL


@pytest.fixture
def database_relay(database_url):
    url = make_url(database_url)
    with relay_to(url.host, url.port or 5432) as relay:
        yield relay


@pytest.fixture
def redis_relay(redis_url):
    url = make_url(redis_url)
    with relay_to(url.host, url.port or 6379) as relay:
        yield relay


def through(relay, url):
    return make_url(url).set(host="127.0.0.1", port=relay.port).render_as_string(hide_password=False)


@ON_POSTGRESQL
def test_a_database_that_is_away_is_a_503_and_heals_by_itself(make_app, database_url, database_relay):
    app = make_app(DATABASE_URL=through(database_relay, database_url))
    api = ApiClient(app, create_user(app))
    assert api.get("/leads").status_code == 200
    database_relay.close_way()
    for answer in (api.get("/leads"), api.post("/leads", {"title": "Lost"}), api.delete("/auth/token")):
        assert answer.status_code == 503
        assert answer.json == {
            "message": "The service is temporarily unavailable. Please try again shortly.",
            "request_id": answer.headers["X-Request-Id"],
        }
        assert int(answer.headers["Retry-After"]) >= 1
    database_relay.open_way()
    assert api.get("/leads").json["meta"]["total"] == 0
    assert api.create("leads")["lead_id"] == "L1001"


@ON_POSTGRESQL
def test_a_restarted_database_costs_no_request_that_was_not_in_flight(make_app, database_url, database_relay):
    app = make_app(DATABASE_URL=through(database_relay, database_url))
    api = ApiClient(app, create_user(app))
    in_parallel(8, 16, lambda _: api.get("/leads"))
    database_relay.close_way()
    database_relay.open_way()
    assert {answer.status_code for answer in in_parallel(8, 32, lambda _: api.get("/leads"))} == {200}


def test_requests_go_on_without_redis_and_the_shared_count_comes_back(
    redis_url, redis_relay, make_app, caplog, monkeypatch
):
    monkeypatch.setattr(storage, "ASK_AGAIN_SECONDS", 0.2)
    settings = {"RATELIMIT_AUTHENTICATED": "50 per minute", "RATELIMIT_STORAGE_URL": through(redis_relay, redis_url)}
    app = make_app(**settings)
    api = ApiClient(app, create_user(app))
    assert api.get("/leads").headers["X-RateLimit-Remaining"] == "49"

    redis_relay.close_way()
    started = time.monotonic()
    answers = in_parallel(4, 20, lambda _: api.get("/leads"))
    assert {answer.status_code for answer in answers} == {200}
    assert time.monotonic() - started < 3
    assert sorted(int(answer.headers["X-RateLimit-Remaining"]) for answer in answers) == [*range(30, 50)]
    assert [record.name for record in caplog.records if record.levelname == "WARNING"] == ["crm.http.counts.storage"]
    assert "CRM_RATELIMIT_STORAGE_URL" in caplog.text

    redis_relay.open_way()
    time.sleep(0.2)
    assert api.get("/leads").headers["X-RateLimit-Remaining"] == "48"


def test_a_redis_that_does_not_answer_delays_few_requests(redis_url, redis_relay, make_app, monkeypatch):
    monkeypatch.setitem(shared.OPTIONS, "socket_timeout", 0.2)
    app = make_app(RATELIMIT_STORAGE_URL=through(redis_relay, redis_url), DEFAULT_CURRENCY="EUR")
    api = ApiClient(app, create_user(app))
    seconds = []
    with redis_relay.holding():
        for _ in range(10):
            started = time.monotonic()
            assert api.get("/leads").status_code == 200
            seconds.append(time.monotonic() - started)
    assert median(seconds) < 0.1
    assert sum(1 for second in seconds if second > 0.15) <= 2
