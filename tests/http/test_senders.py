"""Slow and broken senders: what they do not send keeps no thread for ever, and nobody else waits for it."""

import contextlib
import time

import pytest

from crm.blueprints import PREFIX
from crm.http.connection import SECONDS, SILENCE
from tests.conftest import UNLIMITED
from tests.support.databases import SECRET_KEY
from tests.support.factories import create_token, create_user
from tests.support.server import run_server, wait_until
from tests.support.wire import request_head, wire_to

THREADS = 6

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True, scope="session")


@pytest.fixture
def few_threads(app, database_url):
    """A server whose one worker has few threads, and the token of a user who may write."""
    environ = {**UNLIMITED, "CRM_DATABASE_URL": database_url, "CRM_SECRET_KEY": SECRET_KEY}
    token = create_token(app, create_user(app))
    with run_server(environ, token, "--workers", "1", "--threads", str(THREADS)) as server:
        yield server


def unfinished(token):
    """Return requests of which the rest never comes."""
    head = (f"POST {PREFIX}/leads HTTP/1.1", "Host: localhost", f"Authorization: Bearer {token}")
    whole = (*head, "Content-Type: application/json")
    return {
        "half a line": b"POST /crm",
        "half a head": request_head(*head)[:-2],
        "no body": request_head(*whole, "Content-Length: 20"),
        "half a body": request_head(*whole, "Content-Length: 20") + b'{"title":',
        "half a chunk": request_head(*whole, "Transfer-Encoding: chunked") + b'9\r\n{"ti',
        "no last chunk": request_head(*whole, "Transfer-Encoding: chunked") + b'd\r\n{"title":"x"}\r\n',
    }


def test_nobody_waits_for_ever_for_those_who_send_nothing_more(few_threads):
    sent = [*unfinished(few_threads.token).values()]
    with contextlib.ExitStack() as stack:
        wires = [stack.enter_context(wire_to(few_threads.port)) for _ in sent]
        for wire, data in zip(wires, sent, strict=True):
            wire.send(data)
        begun = time.monotonic()
        assert few_threads.request("GET", "/leads").status == 200
        assert time.monotonic() - begun < 2 * (SILENCE + SECONDS)  # the silent ones have all threads
        for wire, data in zip(wires, sent, strict=True):
            if data.endswith((b"\r\n", b"POST /crm")) and b"chunked" not in data and b"Length" not in data:
                assert wire.is_closed()
            else:
                answer = wire.receive()
                assert (answer.status, answer.headers["Connection"]) == (400, "close")
                assert set(answer.data) == {"message"}
    check_log(few_threads)


def test_who_breaks_off_leaves_the_threads_free(few_threads):
    for _ in range(2):
        for data in unfinished(few_threads.token).values():
            with wire_to(few_threads.port) as wire:
                wire.send(data)
                time.sleep(0.05)
    begun = time.monotonic()
    assert few_threads.request("GET", "/leads").data["meta"]["total"] == 0
    assert time.monotonic() - begun < SECONDS
    check_log(few_threads)


def check_log(server):
    """Check that the server has told of no error of its own."""
    wait_until(lambda: any(line.get("route") == f"{PREFIX}/leads" for line in server.log()))
    assert [line for line in server.log() if line["level"] in ("error", "critical") or "traceback" in line] == []
