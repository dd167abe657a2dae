"""A connection to a receiver with one time limit for all of it, however slowly the other side drips its bytes."""

import contextlib
import io
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from ipaddress import ip_address
from typing import Any

from crm.webhooks.address import Receiver
from crm.webhooks.guard import Guard

MAX_RESPONSE = 64 * 1024
"""How many bytes of a response are read, its head included."""

Resolved = tuple[int, Any]
"""The family of an address, and the address as a socket takes it."""


class LateError(Exception):
    """The time is over."""


class UnreachableError(Exception):
    """There is no address, none that may be called, or none that answers: which of these is not told to users."""


class Deadline:
    """The end of a call."""

    def __init__(self, seconds: float):
        self._end = time.monotonic() + seconds

    def left(self) -> float:
        """Return the seconds that are left. Raises LateError."""
        if (seconds := self._end - time.monotonic()) <= 0:
            raise LateError
        return seconds

    def shorten(self, seconds: float) -> None:
        """Have it end within so many seconds."""
        self._end = min(self._end, time.monotonic() + seconds)


class Wire:
    """A connected socket as `http.client` uses it: it sends, and is read like a file, within the deadline."""

    def __init__(self, sock: socket.socket, deadline: Deadline):
        self._sock = sock
        self._deadline = deadline

    def sendall(self, data: bytes) -> None:
        """Send all of it."""
        self._sock.settimeout(self._deadline.left())
        self._sock.sendall(data)

    def makefile(self, _mode: str) -> io.BufferedReader:
        """Return what reads the response."""
        return io.BufferedReader(_Incoming(self._sock, self._deadline))

    def close(self) -> None:
        """Do nothing: whoever has connected closes the connection."""


class _Incoming(io.RawIOBase):
    """The bytes of a response, up to MAX_RESPONSE. That there are no more is an error: half a head is no answer."""

    def __init__(self, sock: socket.socket, deadline: Deadline):
        super().__init__()
        self._sock = sock
        self._deadline = deadline
        self._room = MAX_RESPONSE

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        self._sock.settimeout(self._deadline.left())
        count = self._sock.recv_into(memoryview(buffer)[: self._room])
        if not count:
            raise ConnectionAbortedError
        self._room -= count
        return count


@contextlib.contextmanager
def connected(receiver: Receiver, guard: Guard, deadline: Deadline, trust: ssl.SSLContext) -> Iterator[Wire]:
    """Connect to an address that was judged, and to no other. Raises LateError, UnreachableError, OSError."""
    with _connect(receiver, guard, deadline) as plain:
        if not receiver.encrypted:
            yield Wire(plain, deadline)
            return
        plain.settimeout(deadline.left())
        with trust.wrap_socket(plain, server_hostname=receiver.host.rstrip(".")) as encrypted:
            yield Wire(encrypted, deadline)


def _connect(receiver: Receiver, guard: Guard, deadline: Deadline) -> socket.socket:
    """Return a socket that is connected to the first address that may be called and answers."""
    for family, address in _resolve(receiver, deadline):
        if not guard.permits(ip_address(address[0]), encrypted=receiver.encrypted):
            continue
        sock = socket.socket(family, socket.SOCK_STREAM)
        try:
            sock.settimeout(deadline.left())
            sock.connect(address)
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        except TimeoutError:
            sock.close()
            raise LateError from None
        except OSError:
            sock.close()
        except BaseException:
            sock.close()
            raise
        else:
            return sock
    raise UnreachableError


def _resolve(receiver: Receiver, deadline: Deadline) -> list[Resolved]:
    """Return the addresses of a receiver's name, asked for once.

    The system's resolver cannot be interrupted: it runs in a thread of its own, which is left behind when it is late.
    """
    found: list[Resolved] = []

    def ask() -> None:
        with contextlib.suppress(OSError, UnicodeError):
            answers = socket.getaddrinfo(receiver.host, receiver.port, type=socket.SOCK_STREAM)
            found.extend((family, address) for family, _, _, _, address in answers)

    asking = threading.Thread(target=ask, daemon=True)
    asking.start()
    asking.join(deadline.left())
    if asking.is_alive():
        raise LateError
    return found
