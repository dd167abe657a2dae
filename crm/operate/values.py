"""How the text of a setting is read: each function returns its value, or raises ValueError that says what is wrong."""

import re
from collections.abc import Sequence
from ipaddress import IPv4Network, IPv6Network, ip_network

import limits
from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from crm.http.counts.storage import SCHEME, Counts
from crm.models.user import MAX_PASSWORD_LENGTH, MIN_PASSWORD_LENGTH

MIN_KEY_LENGTH = 32
MAX_MINUTES = 5_256_000  # ten years
_NO_URL = (
    "it is no URL such as sqlite:////path/crm.sqlite3 or postgresql://user:password@host/name."
    " Special characters of a password are written as %40 for @, %2F for /, %3A for :, %23 for # and %25 for %."
)
MAX_DAYS = 36_500
_ORIGIN = re.compile(r"(?P<scheme>[a-z][a-z0-9+.-]*)://(?P<host>[a-z0-9._-]+|\[[0-9a-f:.]+\])(?P<port>:[0-9]{1,5})?")
_DEFAULT_PORTS = {"http": ":80", "https": ":443"}


def secret_key(value: str) -> str:
    """Return a key that cannot be guessed."""
    if len(value) < MIN_KEY_LENGTH:
        raise ValueError(f"it must have at least {MIN_KEY_LENGTH} characters, and be random.")
    return value


def password(value: str) -> str:
    """Return a password of the length that is taken."""
    if not MIN_PASSWORD_LENGTH <= len(value) <= MAX_PASSWORD_LENGTH:
        raise ValueError(f"it must have {MIN_PASSWORD_LENGTH} to {MAX_PASSWORD_LENGTH} characters.")
    return value


def database_url(value: str) -> str:
    """Return the URL of a database of the kinds that are known."""
    try:
        url = make_url(value)
    except (ValueError, ArgumentError):
        raise ValueError(_NO_URL) from None
    if url.get_backend_name() not in ("sqlite", "postgresql"):
        raise ValueError("it must begin with sqlite:/// or postgresql://.")
    if url.get_driver_name() not in ("pysqlite", "psycopg"):
        raise ValueError("its driver must be left out, or be psycopg.")
    return value


def rate_limit(value: str) -> str:
    """Return a rate such as `60 per minute`."""
    try:
        limits.parse(value)
    except ValueError:
        raise ValueError(f"{value!r} is no rate such as '60 per minute'.") from None
    return value


def rate_limit_storage(value: str) -> str:
    """Return the URL of where requests are counted."""
    if not value.startswith(("memory://", "redis://", "rediss://")):
        raise ValueError("it must be memory:// or begin with redis:// or rediss://.")
    Counts(SCHEME + value)
    return value


def boolean(value: str) -> bool:
    """Return a switch."""
    try:
        return {"true": True, "1": True, "false": False, "0": False}[value.lower()]
    except KeyError:
        raise ValueError(f"{value!r} is neither true nor false.") from None


def log_format(value: str) -> str:
    """Return the form of log lines."""
    return _one_of(("json", "text"), value)


def log_level(value: str) -> str:
    """Return the least level of log lines, in lower case."""
    return _one_of(("debug", "info", "warning", "error", "critical"), value)


def _one_of(words: Sequence[str], value: str) -> str:
    if value.lower() not in words:
        raise ValueError(f"{value!r} is none of {', '.join(words)}.")
    return value.lower()


def bind_address(value: str) -> tuple[str, int]:
    """Return the host, an IPv6 address without its brackets, and the port of an address to listen on."""
    host, colon, port = value.rpartition(":")
    if not (host and colon and port.isascii() and port.isdigit() and 0 < int(port) < 65_536):
        raise ValueError(f"{value!r} is no address such as 127.0.0.1:9100.")
    return host.removeprefix("[").removesuffix("]"), int(port)


def currency(value: str) -> str:
    """Return the code of a currency, in upper case."""
    if not (len(value) == 3 and value.isascii() and value.isalpha()):
        raise ValueError(f"{value!r} is no currency of three letters.")
    return value.upper()


def count(value: str) -> int:
    """Return a whole number from 0."""
    if not (value.isascii() and value.isdigit()):
        raise ValueError(f"{value!r} is no whole number from 0.")
    return int(value)


def positive(value: str) -> int:
    """Return a whole number from 1."""
    if (number := count(value)) < 1:
        raise ValueError("it must be at least 1.")
    return number


def minutes(value: str) -> int:
    """Return a whole number of minutes, ten years' at most."""
    if (number := positive(value)) > MAX_MINUTES:
        raise ValueError(f"it must be at most {MAX_MINUTES}.")
    return number


def days(value: str) -> int:
    """Return a whole number of days, a hundred years' at most."""
    if (number := positive(value)) > MAX_DAYS:
        raise ValueError(f"it must be at most {MAX_DAYS}.")
    return number


def hours(value: str) -> int:
    """Return a whole number of hours, a hundred years' at most."""
    if (number := positive(value)) > 24 * MAX_DAYS:
        raise ValueError(f"it must be at most {24 * MAX_DAYS}.")
    return number


def comma_separated(value: str) -> list[str]:
    """Return the parts between commas, blank ones left out."""
    return [part.strip() for part in value.split(",") if part.strip()]


def networks(value: str) -> list[IPv4Network | IPv6Network]:
    """Return networks, with commas between."""
    return [_network(part) for part in comma_separated(value)]


def _network(text: str) -> IPv4Network | IPv6Network:
    try:
        return ip_network(text)
    except ValueError:
        raise ValueError(f"{text!r} is no network such as 10.1.0.0/16.") from None


def origins(value: str) -> list[str]:
    """Return the origins of pages, with commas between, as browsers write them; `*` stands for any."""
    return [_origin(part) for part in comma_separated(value)]


def _origin(text: str) -> str:
    if text == "*":
        return text
    found = _ORIGIN.fullmatch(text.lower())
    if found is None:
        raise ValueError(f"{text!r} is no origin such as https://app.example.com.")
    port = "" if found["port"] == _DEFAULT_PORTS.get(found["scheme"]) else found["port"] or ""
    return f"{found['scheme']}://{found['host']}{port}"
