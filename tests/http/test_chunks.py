"""Bodies as they come over a socket: in chunks, malformed, too large or cut short (contract, section 1)."""

import json
import socket

import pytest

from crm.blueprints import PREFIX

LIMIT = 1_048_576


@pytest.fixture
def send(server):
    """Send a raw body with the headers that describe it and return status and JSON of the answer."""

    def answer(framing: str, body: bytes, *, ends: bool = False, path: str = "/leads") -> tuple[int, dict]:
        head = (
            f"POST {PREFIX}{path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
            f"Authorization: Bearer {server.token}\r\nContent-Type: application/json\r\n{framing}\r\n\r\n"
        )
        with socket.create_connection(("127.0.0.1", server.port), timeout=20) as connection:
            connection.sendall(head.encode() + body)
            if ends:
                connection.shutdown(socket.SHUT_WR)
            with connection.makefile("rb") as received:
                text = received.read().decode()
        return int(text.split()[1]), json.loads(text.split("\r\n\r\n", 1)[1])

    return answer


def chunked(body: bytes) -> bytes:
    return b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body)


def test_a_body_in_chunks_is_a_body(send):
    status, answer = send("Transfer-Encoding: chunked", chunked(b'{"title": "In chunks"}'))
    assert (status, answer["data"]["title"]) == (201, "In chunks")


@pytest.mark.parametrize(
    "body", [b"zz\r\n{}\r\n0\r\n\r\n", b"-5\r\n{}\r\n0\r\n\r\n", b"\r\n{}\r\n", b'd\r\n{"title":"x"}XX0\r\n\r\n']
)
def test_malformed_chunks_are_a_400(send, body):
    assert send("Transfer-Encoding: chunked", body)[0] == 400


@pytest.mark.parametrize("body", [b'{"title": "%s"}' % (b"a" * LIMIT), b'{"title": "padded"}' + b" " * LIMIT])
def test_the_limit_holds_for_chunks(send, body):
    assert send("Transfer-Encoding: chunked", chunked(body))[0] == 413


def test_a_body_that_ends_too_early_is_a_400(send):
    assert send("Content-Length: 500", b'{"title": "half"}', ends=True)[0] == 400


def test_with_a_key_the_bytes_are_the_request_however_they_come(send):
    body, key = b'{"title": "Whole or in chunks"}', "Idempotency-Key: any-framing"
    in_chunks = send(f"{key}\r\nTransfer-Encoding: chunked", chunked(body))
    assert in_chunks[0] == 201
    assert send(f"{key}\r\nContent-Length: {len(body)}", body) == in_chunks
    assert send(f"{key}\r\nTransfer-Encoding: chunked", chunked(body + b" "))[0] == 422


def test_a_body_that_is_refused_is_refused_with_a_key_too_and_is_no_known_request(send):
    large = b'{"title": "x"}'.ljust(LIMIT + 1)
    for framing, body, status, ends in (
        ("Transfer-Encoding: chunked", chunked(large), 413, False),
        ("Transfer-Encoding: chunked", chunked(large + large), 413, False),
        (f"Content-Length: {len(large)}", large, 413, False),
        ("Transfer-Encoding: chunked", b"zz\r\n{}\r\n0\r\n\r\n", 400, False),
        ("Content-Length: 500", b'{"title": "half"}', 400, True),
    ):
        assert send(f"Idempotency-Key: unread\r\n{framing}", body, ends=ends)[0] == status
        nowhere = "/leads/00000000-0000-4000-8000-000000000000/restore"
        assert send(f"Idempotency-Key: unread\r\n{framing}", body, ends=ends, path=nowhere)[0] == 404
    assert send("Idempotency-Key: unread\r\nContent-Length: 14", b'{"title": "x"}')[0] == 201
    cut = b'{"title": "x"}'.ljust(LIMIT)
    assert send(f"Idempotency-Key: cut\r\nContent-Length: {LIMIT}", cut)[0] == 201
    for key in ("unread", "cut"):  # of the body one byte over the limit as much is read as of the one before
        status, answer = send(f"Idempotency-Key: {key}\r\nTransfer-Encoding: chunked", chunked(large))
        assert (status, [*answer["errors"]]) == (422, ["Idempotency-Key"])
