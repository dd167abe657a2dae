"""Receivers of webhooks on the loopback address, which answer as a test likes and keep what they were sent."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple

from flask import Flask

from crm.commands.deliver import shown_records
from crm.webhooks.schedule import SCHEDULE, Schedule
from crm.webhooks.worker import deliver
from tests.support.client import ApiClient
from tests.support.server import wait_until

LOOPBACK = {"WEBHOOKS_ALLOW_NETWORKS": "127.0.0.0/8"}
"""The setting under which the receivers of tests can be reached."""
Json = dict[str, Any]


class Received(NamedTuple):
    """A message as it came."""

    headers: dict[str, str]
    body: bytes
    path: str

    @property
    def id(self) -> str:
        return self.headers["webhook-id"]

    @property
    def json(self) -> Json:
        told: Json = json.loads(self.body)
        return told


Answer = Callable[[BaseHTTPRequestHandler, Received], None]


def status(code: int, **headers: str) -> Answer:
    """Return what answers with a status."""

    def answer(handler: BaseHTTPRequestHandler, _received: Received) -> None:
        handler.send_response(code)
        for name, value in headers.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.send_header("Content-Length", "0")
        handler.end_headers()

    return answer


class Receiver(ThreadingHTTPServer):
    """A running receiver. `answer` may be changed while it runs."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, answer: Answer):
        super().__init__(("127.0.0.1", 0), _Handler)
        self.answer = answer
        self.received: list[Received] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/told"

    @property
    def sequences(self) -> list[int | None]:
        """Return the sequences of what was received, in its order."""
        return [each.json["data"].get("sequence") for each in self.received]


class _Handler(BaseHTTPRequestHandler):
    server: Receiver

    def do_POST(self) -> None:
        headers = {name.lower(): value for name, value in self.headers.items()}
        received = Received(headers, self.rfile.read(int(headers["content-length"])), self.path)
        self.server.received.append(received)
        self.server.answer(self, received)

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@contextmanager
def receiving(answer: Answer | None = None) -> Iterator[Receiver]:
    """Run a receiver, which answers 200 unless it is told otherwise, until the block ends."""
    with Receiver(answer or status(200)) as receiver:
        thread = threading.Thread(target=receiver.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield receiver
        finally:
            receiver.shutdown()
            thread.join()


def subscribe(api: ApiClient, url: str, *types: str, **fields: Any) -> Json:
    """Make a webhook and return its JSON, with the secret."""
    answer = api.post("/webhooks", {"url": url, "types": list(types) or ["*"], **fields})
    assert answer.status_code == 201, answer.text
    made: Json = answer.json["data"]
    return made


def deliver_once(app: Flask, schedule: Schedule = SCHEDULE) -> None:
    """Deliver what is due now."""
    deliver(app, shown_records, threading.Event(), once=True, schedule=schedule)


@contextmanager
def delivering(app: Flask, schedule: Schedule = SCHEDULE) -> Iterator[None]:
    """Have a deliverer run in a thread until the block ends."""
    stop = threading.Event()
    thread = threading.Thread(target=deliver, args=(app, shown_records, stop), kwargs={"schedule": schedule})
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def deliveries(api: ApiClient, webhook: Json, query: str = "") -> list[Json]:
    """Return the deliveries of a webhook, the newest first."""
    found: list[Json] = api.get(f"/webhooks/{webhook['id']}/deliveries?per_page=100{query}").json["data"]
    return found


def until_received(receiver: Receiver, count: int, seconds: float = 20) -> None:
    """Wait until so many messages have come."""
    wait_until(lambda: len(receiver.received) >= count, seconds)
