"""`/livez` and `/readyz`: what they answer, and how soon they see that something goes or comes (21)."""

import http.client
import json
import time
from urllib.parse import urlsplit

import pytest
from sqlalchemy import event, make_url

from crm import create_app
from crm.database.migrations import known_revisions
from crm.extensions import db
from crm.operate import deliveries
from crm.operate.deliveries import Deliveries
from crm.operate.readiness import Readiness, is_ready
from tests.support.databases import SECRET_KEY
from tests.support.relay import relay_to
from tests.support.server import wait_until
from tests.support.stores import ON_POSTGRESQL

READY = {"database": "ok", "migrations": "ok", "limits": "ok", "deliveries": "ok"}
AWAY = {**READY, "database": "away", "migrations": "unknown"}
SECONDS = 2
"""How soon what has changed is seen."""


def ask(server, path="/readyz"):
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=20)
    connection.request("GET", path)
    response = connection.getresponse()
    answer = response.status, json.loads(response.read())
    connection.close()
    return answer


def fresh(app):
    """Forget what was found."""
    app.extensions["crm_readiness"]._good_until = 0.0
    return app.test_client().get("/readyz")


@pytest.fixture
def environ(app, database_url):
    return {"CRM_DATABASE_URL": database_url, "CRM_SECRET_KEY": app.config["SECRET_KEY"]}


def test_a_process_that_answers_lives(app):
    answer = app.test_client().get("/livez")
    assert (answer.status_code, answer.json) == (200, {"status": "ok"})
    assert answer.headers["X-Request-Id"]


def test_all_is_there(app):
    answer = fresh(app)
    assert (answer.status_code, answer.json) == (200, {"status": "ok", "checks": READY})


@pytest.mark.parametrize("path", ["/livez", "/readyz"])
def test_neither_token_nor_host_nor_limit_is_asked_for(make_app, path):
    client = make_app(RATELIMIT_UNAUTHENTICATED="1 per hour").test_client()
    for _ in range(3):
        answer = client.get(path, headers={"Authorization": "Bearer 1|nonsense", "Host": "no host"})
        assert answer.status_code == 200
        assert "X-RateLimit-Limit" not in answer.headers
    assert client.post(path).status_code == 405
    assert client.head(path).data == b""
    options = client.options(path, headers={"Host": "no host"})
    assert (options.status_code, options.data, set(options.allow)) == (200, b"", {"GET", "HEAD", "OPTIONS"})
    assert "X-RateLimit-Limit" not in options.headers


def test_it_is_asked_once_a_second_at_most(app):
    asked = []
    with app.app_context():
        engine = db.engine
    checkout = lambda *_: asked.append(1)  # noqa: E731
    event.listen(engine, "checkout", checkout)
    try:
        fresh(app)
        before = len(asked)
        for _ in range(20):
            app.test_client().get("/readyz")
    finally:
        event.remove(engine, "checkout", checkout)
    assert len(asked) == before == 2  # of the database, and of deliveries


@pytest.mark.parametrize(
    ("changed", "ready"),
    [({"limits": "away"}, True), ({"deliveries": "late"}, True), ({"migrations": "pending"}, False), (AWAY, False)],
)
def test_what_hinders_and_what_does_not(changed, ready):
    assert is_ready({**READY, **changed}) is ready


@pytest.mark.parametrize("revision", [known_revisions()[0], "9999"])
def test_a_pending_migration(app, revision):
    def note(number):
        with app.app_context(), db.engine.begin() as connection:
            connection.execute(db.text("UPDATE alembic_version SET version_num = :number"), {"number": number})

    note(revision)
    try:
        answer = fresh(app)
    finally:
        note(known_revisions()[-1])
    assert answer.status_code == 503
    assert answer.json == {"status": "unavailable", "checks": {**READY, "migrations": "pending"}}
    assert fresh(app).status_code == 200


def test_late_deliveries_are_told(app):
    own = app.extensions["crm_deliveries"]
    try:
        for lag, word in ((59.9, "ok"), (60, "late")):
            deliveries.init_app(app, Deliveries(lambda lag=lag: lag, dict))
            answer = fresh(app)
            assert (answer.status_code, answer.json["checks"]) == (200, {**READY, "deliveries": word})
    finally:
        deliveries.init_app(app, own)


def test_what_does_not_answer_is_away_and_is_not_asked_again(app):
    asked = []

    def hang():
        asked.append(1)
        time.sleep(4)
        return True

    readiness = Readiness(app, hang)
    begun = time.monotonic()
    assert readiness.checks() == {**READY, "limits": "away"}
    readiness._good_until = 0.0
    assert readiness.checks() == {**READY, "limits": "away"}
    assert time.monotonic() - begun < 3.5
    assert asked == [1]


def test_a_file_that_is_no_database_is_away_and_nothing_of_it_is_told(tmp_path):
    file = tmp_path / "secret.sqlite3"
    file.write_bytes(b"x" * 5000)
    app = create_app({"CRM_DATABASE_URL": f"sqlite:///{file}", "CRM_SECRET_KEY": SECRET_KEY})
    answer = app.test_client().get("/readyz")
    assert (answer.status_code, answer.json) == (503, {"status": "unavailable", "checks": AWAY})
    assert app.test_client().get("/livez").status_code == 200
    with app.app_context():
        db.engine.dispose()


@ON_POSTGRESQL
@pytest.mark.parametrize("how", ["closed", "silent"])
def test_the_database_s_going_and_coming_is_seen_within_two_seconds(serving, environ, database_url, how):
    url = make_url(database_url)
    with relay_to(url.host, url.port or 5432) as relay:
        through = url.set(host="127.0.0.1", port=relay.port).render_as_string(hide_password=False)
        with serving({**environ, "CRM_DATABASE_URL": through}, "", "--workers", "1") as server:
            assert ask(server) == (200, {"status": "ok", "checks": READY})
            for _ in range(2):
                if how == "closed":
                    relay.close_way()
                    wait_until(lambda: ask(server) == (503, {"status": "unavailable", "checks": AWAY}), SECONDS)
                    assert ask(server, "/livez") == (200, {"status": "ok"})
                    relay.open_way()
                else:
                    with relay.holding():
                        wait_until(lambda: ask(server)[0] == 503, SECONDS + 0.5)
                        assert ask(server, "/livez") == (200, {"status": "ok"})
                wait_until(lambda: ask(server)[0] == 200, SECONDS)


def test_redis_going_and_coming_is_seen_within_two_seconds(serving, environ, redis_url):
    parts = urlsplit(redis_url)
    with relay_to(parts.hostname, parts.port) as relay:
        storage = f"redis://127.0.0.1:{relay.port}{parts.path}"
        with serving({**environ, "CRM_RATELIMIT_STORAGE_URL": storage}, "", "--workers", "1") as server:
            assert ask(server) == (200, {"status": "ok", "checks": READY})
            relay.close_way()
            wait_until(lambda: ask(server) == (200, {"status": "ok", "checks": {**READY, "limits": "away"}}), SECONDS)
            relay.open_way()
            wait_until(lambda: ask(server) == (200, {"status": "ok", "checks": READY}), SECONDS)
