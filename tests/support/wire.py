"""Requests byte by byte, for what no client library would send, or sends without being asked."""

import contextlib
import http.client
import json
import socket
from collections.abc import Iterator

from tests.support.server import Answer


class Wire:
    """One connection to a server, which is never made anew."""

    def __init__(self, connection: socket.socket):
        self.connection = connection

    def send(self, *parts: bytes) -> None:
        self.connection.sendall(b"".join(parts))

    def receive(self) -> Answer:
        """Return the next answer, to any verb but HEAD."""
        response = http.client.HTTPResponse(self.connection)
        response.begin()
        text = response.read()
        is_json = response.headers.get_content_type() == "application/json"
        return Answer(response.status, dict(response.headers), json.loads(text) if is_json else text)

    def ask(self, first_line: str, *headers: str, body: bytes = b"") -> Answer:
        """Send a request and return its answer. Its headers are these alone; no `Host` is added."""
        self.send(request_head(first_line, *headers), body)
        return self.receive()

    def is_closed(self) -> bool:
        """Wait for the server to end the connection, and tell whether it did so without another byte."""
        with contextlib.suppress(ConnectionResetError):
            return self.connection.recv(1) == b""
        return True


def request_head(first_line: str, *headers: str) -> bytes:
    """Return what comes before a request's body."""
    return "\r\n".join([first_line, *headers, "", ""]).encode("latin-1")


@contextlib.contextmanager
def wire_to(port: int) -> Iterator[Wire]:
    """Connect to a server on the loopback address, until the block ends."""
    with socket.create_connection(("127.0.0.1", port), timeout=20) as connection:
        yield Wire(connection)
