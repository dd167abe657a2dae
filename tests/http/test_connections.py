"""Kept connections: a request that is refused early leaves the way free for the next, or says that it does not."""

import socket
import time

import pytest

from crm.blueprints import PREFIX
from crm.http import connection as connections
from tests.support.client import UNKNOWN
from tests.support.factories import create_token, create_user
from tests.support.wire import request_head, wire_to

LIMIT = 1_048_576
SIZES = {"1 KiB": 1024, "65 KiB": 65 * 1024, "200 KiB": 200 * 1024, "1 MiB": LIMIT}
HOST = "Host: localhost"
JSON = "Content-Type: application/json"
EARLY = {
    401: ("POST", "/leads", JSON),
    404: ("POST", "/nothing", JSON),
    405: ("PUT", "/leads", JSON),
    415: ("POST", "/auth/token", "Content-Type: text/plain"),
    422: ("POST", "/auth/token", JSON),
}

each_size = pytest.mark.parametrize("size", SIZES.values(), ids=SIZES)
each_framing = pytest.mark.parametrize("chunked", [False, True], ids=["length", "chunked"])


def framed(body, chunked):
    """Return the header that says how a body is sent, and the body so."""
    if not chunked:
        return f"Content-Length: {len(body)}", body
    pieces = [body[start : start + 10_000] for start in range(0, len(body), 10_000)]
    return "Transfer-Encoding: chunked", b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in [*pieces, b""])


def post(wire, size, chunked=False, target=EARLY[401], *headers):
    method, path, content_type = target
    framing, body = framed(b"{}".ljust(size), chunked)
    return wire.ask(f"{method} {PREFIX}{path} HTTP/1.1", HOST, content_type, framing, *headers, body=body)


def check_kept(wire, server, answer, status):
    """Check that the answer keeps the connection, and that it carries the next request."""
    assert (answer.status, answer.headers["Connection"]) == (status, "keep-alive")
    authorization = f"Authorization: Bearer {server.token}"
    assert wire.ask(f"GET {PREFIX}/auth/me HTTP/1.1", HOST, authorization).status == 200


def check_ended(wire, answer, status):
    assert (answer.status, answer.headers["Connection"]) == (status, "close")
    assert set(answer.data) == {"message"}
    assert wire.is_closed()


@each_framing
@each_size
@pytest.mark.parametrize("status", EARLY)
def test_many_early_refusals_leave_their_connection_free(server, status, size, chunked):
    with wire_to(server.port) as wire:
        for _ in range(5):
            check_kept(wire, server, post(wire, size, chunked, EARLY[status]), status)


@each_framing
def test_the_body_of_a_request_that_takes_none_is_read_too(server, chunked):
    authorization = f"Authorization: Bearer {server.token}"
    with wire_to(server.port) as wire:
        for method, path, status in (("GET", "/leads", 200), ("DELETE", f"/leads/{UNKNOWN}", 404)):
            target = (method, path, JSON)
            check_kept(wire, server, post(wire, 200 * 1024, chunked, target, authorization), status)


@pytest.fixture
def strict(serving, app, database_url):
    """A server with the token of a Viewer, which takes three requests a minute from an address."""
    environ = {
        "CRM_DATABASE_URL": database_url,
        "CRM_SECRET_KEY": app.config["SECRET_KEY"],
        "CRM_RATELIMIT_UNAUTHENTICATED": "3 per minute",
    }
    with serving(environ, create_token(app, create_user(app, "Viewer"))) as server:
        yield server


def test_a_403_and_a_429_leave_their_connection_free(strict):
    with wire_to(strict.port) as wire:
        for size in SIZES.values():
            answer = post(wire, size, False, EARLY[401], f"Authorization: Bearer {strict.token}")
            check_kept(wire, strict, answer, 403)
        for number, size in enumerate([*SIZES.values()] * 2):
            check_kept(wire, strict, post(wire, size), 401 if number < 3 else 429)


def test_who_waits_for_a_go_ahead_gets_it_and_keeps_the_connection(server):
    head = request_head(f"POST {PREFIX}/leads HTTP/1.1", HOST, JSON, f"Content-Length: {LIMIT}", "Expect: 100-continue")
    with wire_to(server.port) as wire:
        for _ in range(3):
            wire.send(head)
            assert wire.connection.recv(25, socket.MSG_WAITALL) == b"HTTP/1.1 100 Continue\r\n\r\n"
            wire.send(b" " * LIMIT)
            check_kept(wire, server, wire.receive(), 401)


# What ends a connection


@each_framing
@pytest.mark.parametrize("status", EARLY)
def test_a_refusal_ends_the_connection_of_a_body_beyond_the_limit(server, status, chunked):
    with wire_to(server.port) as wire:
        expected = 413 if status == 422 else status
        check_ended(wire, post(wire, LIMIT + 1 + chunked * 70_000, chunked, EARLY[status]), expected)


def test_a_declared_length_beyond_the_limit_is_not_waited_for(server):
    with wire_to(server.port) as wire:
        start = time.monotonic()
        check_ended(wire, wire.ask(f"POST {PREFIX}/leads HTTP/1.1", HOST, JSON, f"Content-Length: {LIMIT + 1}"), 401)
        assert time.monotonic() - start < connections.SECONDS


@pytest.mark.parametrize("path", ["/leads", "/auth/token"])
def test_malformed_chunks_end_the_connection(server, path):
    with wire_to(server.port) as wire:
        answer = wire.ask(
            f"POST {PREFIX}{path} HTTP/1.1", HOST, JSON, "Transfer-Encoding: chunked", body=b"zz\r\n{}\r\n0\r\n\r\n"
        )
        check_ended(wire, answer, 401 if path == "/leads" else 400)


def test_who_sends_too_slowly_is_answered_in_time(server):
    with wire_to(server.port) as wire:
        start = time.monotonic()
        wire.send(request_head(f"POST {PREFIX}/leads HTTP/1.1", HOST, JSON, "Content-Length: 100000"), b"{" * 70_000)
        check_ended(wire, wire.receive(), 401)
        assert time.monotonic() - start < connections.SECONDS + 3


def test_who_sends_bit_by_bit_is_answered_in_time(server):
    with wire_to(server.port) as wire:
        start = time.monotonic()
        wire.send(request_head(f"POST {PREFIX}/leads HTTP/1.1", HOST, JSON, "Content-Length: 100000"))
        wire.connection.settimeout(0.01)
        while True:
            try:
                wire.send(b"{" * 100)
                assert wire.connection.recv(1, socket.MSG_PEEK)  # the answer begins
                break
            except TimeoutError:
                assert time.monotonic() - start < 2 * connections.SECONDS + 3
        wire.connection.settimeout(20)
        assert wire.receive().headers["Connection"] == "close"
