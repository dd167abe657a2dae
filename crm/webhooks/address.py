"""The URL of a receiver, taken apart and judged as far as that can be done without asking for its name."""

import re
from typing import NamedTuple
from urllib.parse import urlsplit

from crm.webhooks.guard import Guard, literal

_PORTS = {"https": 443, "http": 80}
_PRINTABLE = re.compile(r"[!-~]+")
_NETLOC = re.compile(r"(\[[0-9a-f:.]+(?:%[0-9a-z._~%-]+)?\]|[a-z0-9_-]+(?:\.[a-z0-9_-]+)*\.?)(?::([0-9]{1,5}))?", re.I)
_LONGEST_NAME = 253


class NotCallableError(ValueError):
    """A URL that is none of a receiver, or of one that may not be called."""


class Receiver(NamedTuple):
    """Where a message is sent."""

    encrypted: bool
    netloc: str
    """Host and port as in the URL, for the header `Host`."""
    host: str
    """The name, or the address without brackets."""
    port: int
    target: str
    """Path and query."""


def receiver_of(url: str) -> Receiver:
    """Return the parts of a URL. Raises NotCallableError for what is none, or has user or password."""
    try:
        parts = urlsplit(url)
    except ValueError as error:
        raise NotCallableError(str(error)) from None
    if not _PRINTABLE.fullmatch(url):
        raise NotCallableError("A URL is printable ASCII.")
    match = _NETLOC.fullmatch(parts.netloc)
    if parts.scheme not in _PORTS or match is None:
        raise NotCallableError("It is no URL of a receiver.")
    port = int(match[2]) if match[2] else _PORTS[parts.scheme]
    host = match[1].strip("[]")
    if not 0 < port < 65536 or len(host) > _LONGEST_NAME:
        raise NotCallableError("There is no such port or name.")
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Receiver(parts.scheme == "https", parts.netloc, host, port, target)


def check(url: str, guard: Guard) -> None:
    """Raise NotCallableError for a URL of a refused address, and for http where none is allowed."""
    receiver = receiver_of(url)
    bracketed = f"[{receiver.host}]" if receiver.netloc.startswith("[") else receiver.host
    try:
        address = literal(bracketed)
    except (OSError, ValueError):
        raise NotCallableError("It is no address.") from None
    if address and not guard.permits(address, encrypted=receiver.encrypted):
        raise NotCallableError("The address may not be called.")
    if not receiver.encrypted and not guard.allowed:
        raise NotCallableError("Only https may be used.")
