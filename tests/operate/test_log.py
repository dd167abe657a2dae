"""The log: a line for each request and every other line in the same form, none of which tells a secret (21)."""

import io
import json
import logging
import os
import signal
import socket
import subprocess
import sys
from datetime import UTC, datetime, timedelta

import pytest

from crm.operate import log
from tests.support.client import UNKNOWN, ApiClient
from tests.support.factories import PASSWORD, create_token, create_user
from tests.support.server import ROOT, own_environ, wait_until

REQUEST = (
    "time level message request_id method route status ms bytes user_id team_id token_id address queries".split()  # noqa: SIM905
)
MINE = {"X-Request-Id": "mine"}
LEAD = "/crm/api/v2/leads/<external_id>"


@pytest.fixture
def environ(app, database_url):
    return {"CRM_DATABASE_URL": database_url, "CRM_SECRET_KEY": app.config["SECRET_KEY"]}


@pytest.fixture
def told(app, caplog):
    """What the lines of the requests told that MINE was sent with."""
    caplog.set_level(logging.INFO, "crm.requests")
    lines = lambda: [record.crm_facts for record in caplog.records if record.name == "crm.requests"]  # noqa: E731
    return lambda: [facts for facts in lines() if facts["request_id"] == "mine"]


def requests_of(server):
    return [line for line in server.log() if "ms" in line]


def formatted(formatter, message="A line.", **extra):
    record = logging.LogRecord("crm", logging.INFO, __file__, 1, message, (), None)
    record.__dict__.update(extra)
    return formatter().format(record)


# What a request's line tells


def test_a_request_is_a_line(app, api, told):
    lead = api.create("leads")
    answer = api.get(f"/leads/{lead['id']}", headers=MINE, buffered=True)
    line = told()[-1]
    assert list(line) == REQUEST[3:]
    assert line["request_id"] == "mine"
    assert (line["method"], line["route"], line["status"]) == ("GET", LEAD, 200)
    assert line["bytes"] == len(answer.data)
    assert line["user_id"] == api.user_id
    assert line["token_id"] == int(api.headers["Authorization"].split()[1].split("|")[0])
    assert (line["team_id"], line["address"]) == (None, "127.0.0.1")
    assert line["queries"] >= 2
    assert 0 < line["ms"] < 60_000


def test_the_team_is_told(teams, told):
    teams.in_b.get("/leads", headers=MINE, buffered=True)
    assert told()[-1]["team_id"] == teams.b


@pytest.mark.parametrize(
    ("method", "path", "route", "status"),
    [
        ("GET", "/no-such-path", None, 404),
        ("GET", f"/leads/{UNKNOWN}", LEAD, 404),
        ("DELETE", "/leads", "/crm/api/v2/leads", 405),
        ("OPTIONS", "/leads", "/crm/api/v2/leads", 200),
        ("GET", "/openapi.json", "/crm/api/v2/openapi.json", 200),
    ],
)
def test_a_route_is_its_template(api, told, method, path, route, status):
    api.request(method, path, headers=MINE, buffered=True)
    assert (told()[-1]["route"], told()[-1]["status"]) == (route, status)


def test_nobody_is_null(stranger, told):
    stranger.get("/leads", headers=MINE, buffered=True)
    assert [told()[-1][name] for name in ("user_id", "team_id", "token_id", "status", "queries")] == [
        *(None, None, None),
        *(401, 0),
    ]


def test_an_answer_without_body_has_no_bytes(api, told):
    api.request("HEAD", "/leads", headers=MINE, buffered=True)
    assert told()[-1]["bytes"] == 0


@pytest.mark.parametrize(
    ("forwarded", "address"),
    [("2001:db8::7", "2001:db8::7"), ("198.51.100.7:4711", "198.51.100.7"), ("a\x1bsecret", "127.0.0.1")],
)
def test_the_address_is_the_client_s_own(make_app, told, forwarded, address):
    app = make_app(TRUSTED_PROXIES="1")
    ApiClient(app).get("/leads", headers={**MINE, "X-Forwarded-For": forwarded}, buffered=True)
    assert told()[-1]["address"] == address


# The form


def test_json_is_a_line_of_its_own():
    line = formatted(log.JSONFormatter, "two\nlines \x7f\x9b\u2028\u202e\ud800", **log.facts(status=200))
    assert line.isprintable()
    told = json.loads(line)
    assert told["message"] == "two\nlines \x7f\x9b\u2028\u202e\ud800"
    assert list(told) == ["time", "level", "message", "status"]
    moment = datetime.fromisoformat(told["time"])
    assert abs(moment - datetime.now(UTC)) < timedelta(seconds=10)
    assert len(told["time"]) == len("2026-11-25T10:00:00.123+00:00")


def test_text_is_a_line_of_its_own():
    line = formatted(log.TextFormatter, "two\nlines \x1b[2J", **log.facts(status=200, user_id=None))
    assert line.isprintable()
    assert line.endswith(r" info two\nlines \x1b[2J status=200 user_id=-")


@pytest.mark.parametrize("formatter", [log.JSONFormatter, log.TextFormatter])
def test_a_traceback_is_one_line_with_the_request_s_id(app, api, formatter):
    written = []
    handler = logging.Handler()
    handler.setFormatter(formatter())
    handler.emit = lambda record: written.append(handler.format(record))
    app.logger.addHandler(handler)
    try:
        with app.test_request_context("/?password=secret", headers={"X-Request-Id": "mine"}):
            try:
                raise ZeroDivisionError
            except ZeroDivisionError:
                app.log_exception(sys.exc_info())
    finally:
        app.logger.removeHandler(handler)
    (line,) = written
    assert "\n" not in line
    assert "mine" in line
    assert "ZeroDivisionError" in line
    assert "secret" not in line


@pytest.mark.parametrize(
    ("form", "is_terminal", "formatter"),
    [
        (None, True, log.TextFormatter),
        (None, False, log.JSONFormatter),
        ("json", True, log.JSONFormatter),
        ("text", False, log.TextFormatter),
    ],
)
def test_the_form_follows_the_setting_or_else_the_terminal(monkeypatch, form, is_terminal, formatter):
    stderr = io.TextIOWrapper(io.BytesIO())
    stderr.isatty = lambda: is_terminal
    monkeypatch.setattr(sys, "stderr", stderr)
    before = logging.root.handlers, logging.root.level, {name: logging.getLogger(name).level for name in log.OURS}
    try:
        log.configure(form, "info")
        assert isinstance(logging.root.handlers[0].formatter, formatter)
    finally:
        logging.root.handlers, logging.root.level = before[:2]
        for name, level in before[2].items():
            logging.getLogger(name).setLevel(level)
        logging.captureWarnings(False)


# A server's


def test_every_line_of_a_server_is_in_the_same_form(serving, environ, app):
    token = create_token(app, create_user(app))
    with serving(environ, token, "--workers", "2") as server:
        server.request("GET", "/leads")
        wait_until(lambda: requests_of(server)[-1]["status"] == 200)
        os.kill(server.workers()[0], signal.SIGKILL)
        wait_until(lambda: "was sent SIGKILL" in "".join(server.log_lines()))
        wait_until(lambda: len(server.workers()) == 2)
        lines = server.log()
    assert all(list(line)[:3] == REQUEST[:3] for line in lines)
    of_requests = [line for line in lines if "ms" in line]
    assert [list(line) for line in of_requests] == [REQUEST] * len(of_requests)
    messages = [line["message"] for line in lines]
    assert messages[0].startswith("CRM ")
    assert any(message.startswith("Listening at: ") for message in messages)


def test_text_on_request_and_from_a_level_on(serving, environ):
    with serving({**environ, "CRM_LOG_FORMAT": "text"}) as server:
        server.request("GET", "/leads", **{"X-Request-Id": "mine"})
        wait_until(lambda: " info GET /crm/api/v2/leads 401 request_id=mine " in "".join(server.log_lines()))
    with serving({**environ, "CRM_LOG_LEVEL": "warning"}) as server:
        server.request("GET", "/leads")
        server.request("GET", "/leads")
        assert server.log_lines() == []


def test_what_is_no_request_is_not_quoted(serving, environ):
    with serving(environ) as server:
        for head in (b"GET /?password=secret HTTP/9.9\r\n\r\n", b"GET / HTTP/1.1\r\nsecret\r\n\r\n", b"secret\r\n\r\n"):
            with socket.create_connection(("127.0.0.1", server.port), timeout=10) as connection:
                connection.sendall(head)
                assert b"400" in connection.recv(1000)
        wait_until(
            lambda: len([line for line in server.log() if "Invalid request from ip=127.0.0.1" in line["message"]]) == 3
        )
        assert "secret" not in "".join(server.log_lines())


@pytest.mark.parametrize("setting", [{"CRM_SECRET_KEY": "short"}, {"CRM_NO_SETTING": "1"}, {"CRM_LOG_FORMAT": "xml"}])
def test_a_refused_start_is_said_in_the_same_form(environ, setting):
    done = subprocess.run(
        [sys.executable, "-m", "gunicorn", "--bind", "127.0.0.1:0", "wsgi:app"],
        cwd=ROOT,
        env=own_environ({**environ, **setting}),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 1
    (line,) = done.stderr.splitlines()
    assert json.loads(line)["level"] == "critical"
    assert next(iter(setting)) in json.loads(line)["message"]


def test_no_secret_is_in_any_line(serving, environ, app):
    user = create_user(app, email="jane@example.com")
    token = create_token(app, user)
    with serving({**environ, "CRM_LOG_LEVEL": "debug"}, token) as server:
        given = server.request("POST", "/auth/token", {"email": "jane@example.com", "password": PASSWORD})
        assert given.status == 201
        server.request("POST", "/auth/token", {"email": "marked@example.com", "password": "marked-password"})
        server.request("POST", "/auth/token", {"email": "jane@example.com", "password": "marked-password"})
        lead = server.request("POST", "/leads", {"title": "marked title", "description": "marked"}).data["data"]
        server.request("PUT", f"/leads/{lead['id']}", {"title": "marked title again", "owner_id": -1})
        server.request("GET", "/leads?filter[title]=marked&search=marked&marked=marked")
        server.request("GET", "/leads/by/marked/marked")
        server.request("GET", "/marked")
        server.request("GET", "/leads", token="1|crm_marked-marked-marked-marked-marked-marked-marked")
        server.request("POST", "/leads", {"title": "x"}, **{"Idempotency-Key": "marked", "X-Request-Id": "marked%"})
        server.request("DELETE", "/auth/token", token=given.data["token"])
        wait_until(lambda: len(requests_of(server)) >= 12)
        whole = "".join(server.log_lines())
    for secret in ("marked", PASSWORD, token, token.split("|")[1], given.data["token"].split("|")[1]):
        assert secret not in whole
