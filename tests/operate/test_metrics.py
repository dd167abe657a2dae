"""Metrics: what is counted, right over several workers and those that have ended, at an address of their own (21)."""

import contextlib
import http.client
import os
import signal
import socket
import subprocess
import sys
from http.server import BaseHTTPRequestHandler

import pytest
import redis
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import make_url
from werkzeug.datastructures import Headers

from crm.operate.metrics import METHODS, limit_of
from crm.operate.metrics_server import server_at
from tests.support.client import UNKNOWN
from tests.support.factories import create_token, create_user
from tests.support.relay import relay_to
from tests.support.server import ROOT, free_port, in_parallel, own_environ, run_server, wait_until
from tests.support.stores import ON_POSTGRESQL

LEADS = "/crm/api/v2/leads"
LEAD = "/crm/api/v2/leads/<external_id>"


@pytest.fixture
def environ(app, database_url, redis_url):
    with redis.Redis.from_url(redis_url) as counts:
        counts.flushdb()
    return {
        "CRM_DATABASE_URL": database_url,
        "CRM_SECRET_KEY": app.config["SECRET_KEY"],
        "CRM_RATELIMIT_STORAGE_URL": redis_url,
        "CRM_RATELIMIT_AUTHENTICATED": "1000000 per minute",
    }


@pytest.fixture
def token(app):
    return create_token(app, create_user(app))


@contextlib.contextmanager
def measured(environ, token, *options, host="127.0.0.1"):
    """Give a server, and what asks for its metrics."""
    port = free_port()
    with run_server({**environ, "CRM_METRICS_BIND": f"{host}:{port}"}, token, *options) as server:
        yield server, lambda path="/metrics": ask(port, path)


def ask(port, path):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    connection.request("GET", path)
    response = connection.getresponse()
    body = response.read().decode()
    connection.close()
    return response.status, body


def samples(metrics):
    """Return every sample by its name and labels."""
    status, text = metrics()
    assert status == 200
    return {
        (sample.name, *(value for _, value in sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def requests(metrics, *labels):
    """Return how many requests of a method, a route and a status were counted."""
    return samples(metrics).get(("crm_requests_total", *labels), 0)


def test_four_workers_add_up_to_what_was_sent_also_when_some_have_ended(environ, token):
    sent = 120
    with measured(environ, token, "--workers", "4") as (server, metrics):
        for part in (1, 2):
            answers = in_parallel(8, sent, lambda n: server.request("GET", f"/leads?page={n}"))
            assert {answer.status for answer in answers} == {200}
            wait_until(lambda part=part: requests(metrics, "GET", LEADS, "200") == part * sent)
            os.kill(server.workers()[0], (signal.SIGTERM, signal.SIGKILL)[part - 1])
            wait_until(lambda: len(server.workers()) == 4)
        found = samples(metrics)
        assert found["crm_requests_total", "GET", LEADS, "200"] == 2 * sent
        assert found["crm_request_seconds_count", LEADS] == 2 * sent
        assert found["crm_request_seconds_bucket", "+Inf", LEADS] == 2 * sent
        assert 0 < found["crm_request_seconds_sum", LEADS] < 600
        wait_until(lambda: 1 <= samples(metrics)["crm_database_connections",] <= 4 * 8)


def test_what_is_counted(environ, token):
    limited = {**environ, "CRM_RATELIMIT_UNAUTHENTICATED": "2 per hour"}
    with measured(limited, token, "--workers", "2") as (server, metrics):
        key = {"Idempotency-Key": UNKNOWN}
        assert [server.request("POST", "/leads", {"title": "x"}, **key).status for _ in range(3)] == [201] * 3
        server.request("GET", f"/leads/{UNKNOWN}")
        server.request("GET", "/no-such-path?secret=1")
        server.request("SECRET", "/leads")
        for _ in range(8):
            server.request("GET", "/leads", token="nobody")
        wait_until(lambda: samples(metrics).get(("crm_refusals_total", "address"), 0) == 6)
        found = samples(metrics)
        assert found["crm_requests_total", "POST", LEADS, "201"] == 3
        assert found["crm_replays_total",] == 2
        assert found["crm_requests_total", "GET", LEAD, "404"] == 1
        assert found["crm_requests_total", "other", LEADS, "405"] == 1
        assert found["crm_requests_total", "GET", "other", "404"] >= 1
        assert found["crm_requests_total", "GET", LEADS, "429"] == 6
        assert "secret" not in metrics()[1].lower()
        assert token not in metrics()[1]


def test_only_metrics_are_at_the_address_and_only_there(environ, token):
    with measured(environ, token, "--workers", "1") as (server, metrics):
        assert metrics("/")[0] == metrics("/metrics/x")[0] == 404
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=20)
        connection.request("GET", "/metrics")
        assert connection.getresponse().status == 404
        connection.close()


def test_a_server_that_is_told_to_reload_goes_on_counting(environ, token):
    with measured(environ, token, "--workers", "2") as (server, metrics):
        server.request("GET", "/leads")
        before = server.workers()
        server.process.send_signal(signal.SIGHUP)
        wait_until(lambda: len(server.workers()) == 2 and not set(before) & set(server.workers()))
        with contextlib.suppress(http.client.HTTPException):  # its connection has been closed
            server.request("GET", "/leads")
        server.request("GET", "/leads")
        wait_until(lambda: requests(metrics, "GET", LEADS, "200") >= 2)


def test_the_files_are_gone_at_the_end(environ, token, tmp_path):
    with measured({**environ, "TMPDIR": str(tmp_path)}, token, "--workers", "1") as (server, _):
        assert len(list(tmp_path.glob("crm-metrics-*/*.db"))) > 0
    assert server.process.returncode == 0
    assert list(tmp_path.iterdir()) == []


def test_an_address_that_is_taken_stops_the_start_with_one_line(environ):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        bind = f"127.0.0.1:{taken.getsockname()[1]}"
        done = subprocess.run(
            [sys.executable, "-m", "gunicorn", "--bind", "127.0.0.1:0", "wsgi:app"],
            cwd=ROOT,
            env=own_environ({**environ, "CRM_METRICS_BIND": bind}),
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert "CRM_METRICS_BIND" in done.stderr


def test_nothing_is_loaded_or_made_without_the_setting_or_by_a_command(environ, tmp_path):
    loaded = "import sys, wsgi; sys.exit('prometheus_client' in sys.modules)"
    for settings in (environ, {**environ, "CRM_METRICS_BIND": "127.0.0.1:1"}):
        env = own_environ({**settings, "TMPDIR": str(tmp_path)})
        subprocess.run([sys.executable, "-c", loaded], cwd=ROOT, env=env, check=True)
    assert list(tmp_path.iterdir()) == []


@ON_POSTGRESQL
def test_a_database_that_is_away_leaves_the_rest(environ, token, database_url):
    url = make_url(database_url)
    with relay_to(url.host, url.port or 5432) as relay:
        through = url.set(host="127.0.0.1", port=relay.port).render_as_string(hide_password=False)
        with measured({**environ, "CRM_DATABASE_URL": through}, token, "--workers", "1") as (server, metrics):
            assert samples(metrics)["crm_delivery_lag_seconds",] == 0
            server.request("GET", "/leads")
            relay.close_way()
            assert server.request("GET", "/leads").status == 503
            wait_until(lambda: requests(metrics, "GET", LEADS, "503") == 1)
            relay.open_way()
            wait_until(lambda: samples(metrics)["crm_delivery_lag_seconds",] == 0)
            wait_until(lambda: server.request("GET", "/leads").status == 200)


@pytest.mark.parametrize(
    ("policy", "name"), [('"user";q=60;w=60', "user"), ('"login";q=5;w=900', "login"), ("", "other")]
)
def test_a_limit_s_name_is_that_of_its_policy(policy, name):
    assert limit_of(Headers([("RateLimit-Policy", policy)] if policy else [])) == name


def test_what_cannot_be_sent_is_told_in_the_log(caplog, capfd):
    class Failing(BaseHTTPRequestHandler):
        def do_GET(self):
            raise RuntimeError("no metrics")

    server = server_at(("127.0.0.1", 0))
    server.RequestHandlerClass = Failing
    with contextlib.closing(socket.create_connection(server.server_address)) as client:
        client.sendall(b"GET /metrics HTTP/1.0\r\n\r\n")
        server.handle_request()
    server.server_close()
    assert [record.exc_info[1].args for record in caplog.records] == [("no metrics",)]
    assert capfd.readouterr().err == ""


def test_every_method_of_a_route_is_counted_by_its_name(app):
    assert {method for rule in app.url_map.iter_rules() for method in rule.methods} <= METHODS
