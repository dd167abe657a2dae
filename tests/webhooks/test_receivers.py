"""Receivers that are slow, endless, elsewhere or not what they say: each try ends in time, and tells little."""

import contextlib
import itertools
import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from crm.webhooks import sending, wire
from crm.webhooks.guard import Guard
from crm.webhooks.schedule import Schedule
from crm.webhooks.sending import BROKEN, CALL_SECONDS, LATE, NO_TLS, REDIRECTED, UNREACHABLE, Message, Sender
from crm.webhooks.wire import MAX_RESPONSE
from tests.support.client import ApiClient
from tests.support.receiver import Receiver, deliver_once, deliveries, receiving, status, subscribe

ONCE = Schedule(pauses=())
SECONDS = 0.5
"""What stands for the 15 seconds of a call here."""
_resolve = socket.getaddrinfo


@pytest.fixture(autouse=True)
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have a call take half a second at most."""
    assert CALL_SECONDS == 15
    monkeypatch.setattr(sending, "CALL_SECONDS", SECONDS)


@contextlib.contextmanager
def raw(answer: Callable[[socket.socket], None]) -> Iterator[str]:
    """Run a server that reads what it is sent and then does as it likes; give its URL."""
    listening = socket.create_server(("127.0.0.1", 0))
    end = threading.Event()

    def serve() -> None:
        with contextlib.suppress(OSError):
            while not end.is_set():
                connection, _ = listening.accept()
                with connection, contextlib.suppress(OSError):
                    connection.recv(65_536)
                    answer(connection)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}/"
    finally:
        end.set()
        listening.shutdown(socket.SHUT_RDWR)
        listening.close()
        thread.join(2)


def hang(_connection: socket.socket) -> None:
    time.sleep(1)


def drip(connection: socket.socket) -> None:
    for byte in itertools.cycle(b"HTTP/1.1 200 OK\r\nX: "):
        connection.sendall(bytes([byte]))
        time.sleep(0.05)


def drip_headers(connection: socket.socket) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\n")
    for n in itertools.count():
        connection.sendall(b"X-%d: x\r\n" % n)
        time.sleep(0.05)


def continue_for_ever(connection: socket.socket) -> None:
    while True:
        connection.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")


def one_long_head(connection: socket.socket) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\n" + b"X: yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy\r\n" * 100_000)


def one_long_header(connection: socket.socket) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\nX: %b\r\n\r\n" % (b"y" * 65_530))


def half_a_head(connection: socket.socket) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n")


def nonsense(connection: socket.socket) -> None:
    connection.sendall(b"220 smtp ready\r\n\r\n")


def hang_up(connection: socket.socket) -> None:
    connection.shutdown(socket.SHUT_RDWR)


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        *((hang, LATE), (drip, LATE), (drip_headers, LATE)),
        *((continue_for_ever, BROKEN), (one_long_head, BROKEN), (one_long_header, BROKEN), (half_a_head, BROKEN)),
        *((nonsense, BROKEN), (hang_up, BROKEN)),
    ],
)
def test_no_receiver_holds_a_delivery_up(
    api: ApiClient, answer: Callable[[socket.socket], None], error: str, receiver: Receiver
) -> None:
    with raw(answer) as url:
        webhook, other = subscribe(api, url), subscribe(api, receiver.url)
        api.create("leads")
        started = time.monotonic()
        deliver_once(api.app, ONCE)
        assert time.monotonic() - started < SECONDS + 1.5
    (shown,) = deliveries(api, webhook)
    assert (shown["status"], shown["error"], shown["response_status"]) == ("failed", error, None)
    assert deliveries(api, other)[0]["status"] == "succeeded"


@pytest.mark.parametrize(
    "before", ["", "HTTP/1.1 100 Continue\r\n\r\n", "HTTP/1.1 103 Early Hints\r\nLink: </>\r\n\r\n"]
)
def test_the_last_status_is_the_answer_s(api: ApiClient, before: str) -> None:
    with raw(lambda connection: connection.sendall(f"{before}HTTP/1.1 204 No Content\r\n\r\n".encode())) as url:
        webhook = subscribe(api, url)
        api.create("leads")
        deliver_once(api.app, ONCE)
    (shown,) = deliveries(api, webhook)
    assert (shown["status"], shown["response_status"]) == ("succeeded", 204)


def test_of_300_megabytes_64_kilobytes_are_read(api: ApiClient) -> None:
    sent = []

    def answer_much(handler: Any, _received: Any) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", str(300_000_000))
        handler.end_headers()
        with contextlib.suppress(OSError):
            for _ in range(300):
                handler.wfile.write(b"x" * 1_000_000)
                sent.append(1_000_000)

    with receiving(answer_much) as receiver:
        webhook = subscribe(api, receiver.url)
        api.create("leads")
        deliver_once(api.app, ONCE)
        assert deliveries(api, webhook)[0]["status"] == "succeeded"
    assert MAX_RESPONSE == 65_536
    assert sum(sent) < 30_000_000  # what the sockets have taken up


def test_a_body_that_drips_holds_nothing_up_after_its_head(
    api: ApiClient, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sending, "_REST_SECONDS", 0.2)

    def drip_body(handler: Any, _received: Any) -> None:
        handler.send_response(204)
        handler.end_headers()
        handler.send_response(200)
        handler.send_header("Content-Length", "1000")
        handler.end_headers()
        handler.wfile.write(b"x")
        time.sleep(1)

    receiver.answer = drip_body
    webhook = subscribe(api, receiver.url)
    api.create("leads")
    started = time.monotonic()
    deliver_once(api.app, ONCE)
    assert time.monotonic() - started < 0.9
    assert deliveries(api, webhook)[0]["status"] == "succeeded"


@pytest.mark.parametrize("code", [301, 302, 303, 307, 308])
def test_no_redirect_is_followed(api: ApiClient, receiver: Receiver, code: int) -> None:
    with receiving() as elsewhere:
        receiver.answer = status(code, Location=elsewhere.url)
        webhook = subscribe(api, receiver.url)
        api.create("leads")
        deliver_once(api.app, ONCE)
        assert elsewhere.received == []
    (shown,) = deliveries(api, webhook)
    assert (shown["status"], shown["error"], shown["response_status"]) == ("failed", REDIRECTED, code)


def test_no_proxy_of_the_environment_is_asked(
    api: ApiClient, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    subscribe(api, receiver.url)
    api.create("leads")
    deliver_once(api.app, ONCE)
    assert len(receiver.received) == 1


def resolving(monkeypatch: pytest.MonkeyPatch, *answers: list[str]) -> list[str]:
    """Have names resolve to these addresses, each time to the next ones; return what was asked for."""
    asked: list[str] = []

    def resolve(host: str, port: int, **options: Any) -> Any:
        asked.append(host)
        addresses = answers[min(len(asked), len(answers)) - 1]
        return [each for address in addresses for each in _resolve(address, port, **options)]

    monkeypatch.setattr(wire.socket, "getaddrinfo", resolve)
    return asked


def test_a_name_is_asked_for_once_and_what_was_judged_is_called(
    api: ApiClient, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = resolving(monkeypatch, ["127.0.0.1"], ["10.0.0.1"])
    webhook = subscribe(api, f"http://rebinding.example:{receiver.server_port}/")
    for _ in range(2):
        api.create("leads")
        deliver_once(api.app, ONCE)
    assert asked == ["rebinding.example"] * 2
    assert receiver.received[0].headers["host"] == f"rebinding.example:{receiver.server_port}"
    assert len(receiver.received) == 1  # the second time it is an address that may not be called
    assert [each["error"] for each in deliveries(api, webhook)] == [UNREACHABLE, None]


def test_of_several_addresses_only_those_that_may_be_are_called(
    api: ApiClient, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    resolving(monkeypatch, ["10.0.0.1", "::1", "127.0.0.1"])
    webhook = subscribe(api, f"http://several.example:{receiver.server_port}/")
    api.create("leads")
    deliver_once(api.app, ONCE)
    assert deliveries(api, webhook)[0]["status"] == "succeeded"


def test_no_name_a_refused_address_and_a_closed_port_are_the_same_to_users(
    api: ApiClient, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    def resolve(host: str, port: int, **options: Any) -> Any:
        if host == "nowhere.example":
            raise socket.gaierror(-2, "Name or service not known")
        return _resolve({"internal.example": "10.11.12.13"}.get(host, "127.0.0.1"), port, **options)

    monkeypatch.setattr(wire.socket, "getaddrinfo", resolve)
    shown = []
    for host in ("nowhere.example", "internal.example", "closed.example"):
        webhook = subscribe(api, f"http://{host}:1/")
        api.post(f"/webhooks/{webhook['id']}/test")
        deliver_once(api.app, ONCE)
        (delivery,) = deliveries(api, webhook)
        shown.append({name: delivery[name] for name in ("status", "error", "response_status", "response_ms")})
    assert shown == [{"status": "failed", "error": UNREACHABLE, "response_status": None, "response_ms": None}] * 3


def test_a_name_that_nobody_answers_for_ends_in_time(api: ApiClient, monkeypatch: pytest.MonkeyPatch) -> None:
    end = threading.Event()
    monkeypatch.setattr(wire.socket, "getaddrinfo", lambda *_args, **_options: end.wait(5) and [])
    webhook = subscribe(api, "http://slow.example/")
    api.create("leads")
    started = time.monotonic()
    deliver_once(api.app, ONCE)
    end.set()
    assert time.monotonic() - started < SECONDS + 1
    assert deliveries(api, webhook)[0]["error"] == LATE


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """A certificate for `good.example` with its key, which signs itself."""
    path = tmp_path / "both.pem"
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=good.example"]
    command += ["-addext", "subjectAltName=DNS:good.example", "-keyout", str(path), "-out", str(tmp_path / "cert.pem")]
    subprocess.run(command, check=True, capture_output=True)
    path.write_text(path.read_text() + (tmp_path / "cert.pem").read_text())
    return path


def test_certificates_are_verified_for_the_name_in_the_url(
    certificate: Path, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    resolving(monkeypatch, ["127.0.0.1"])
    own = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    own.load_cert_chain(certificate)
    receiver.socket = own.wrap_socket(receiver.socket, server_side=True)
    from ipaddress import ip_network

    guard = Guard([ip_network("127.0.0.0/8")])
    message = Message(1, "msg_1", False, b"{}")

    def send(name: str, sender: Sender) -> str | None:
        return sender.send(message, f"https://{name}:{receiver.server_port}/", [b"x" * 32]).error

    trusting = Sender(guard)
    trusting._trust.load_verify_locations(certificate)
    assert send("good.example", trusting) is None
    assert send("good.example.", trusting) is None
    assert send("bad.example", trusting) == NO_TLS
    assert send("good.example", Sender(guard)) == NO_TLS
    assert send("good.example", Sender(Guard([]))) == UNREACHABLE
    assert len(receiver.received) == 2
