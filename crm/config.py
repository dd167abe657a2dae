"""Settings: read from `CRM_…` environment variables and checked once, at the start (contract, section 9)."""

import os
import secrets
import tempfile
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import limits
import sqlalchemy.exc
from sqlalchemy import make_url

from crm.database.connections import engine_options
from crm.http.counts.storage import SCHEME, Counts

PREFIX = "CRM_"
MAX_MINUTES = 5_256_000  # ten years


class SettingError(SystemExit):
    """A setting that cannot be used: ends the start with one line that names it."""


def load_settings(environ: Mapping[str, str], instance_path: str) -> dict[str, Any]:
    """Return Flask's configuration made from the environment.

    An empty variable counts as an absent one. Raises SettingError for a value that cannot be used.
    """

    def read(name: str, parse: Callable[[str], Any], default: str = "") -> Any:
        value = environ.get(PREFIX + name) or default
        try:
            return parse(value) if value else None
        except (ValueError, sqlalchemy.exc.ArgumentError) as error:
            raise SettingError(f"{PREFIX}{name} cannot be used: {error}") from None

    database_url = read("DATABASE_URL", _database_url, _embedded_database(instance_path))
    return {
        "SQLALCHEMY_DATABASE_URI": database_url,
        "SQLALCHEMY_ENGINE_OPTIONS": engine_options(database_url),
        "SECRET_KEY": read("SECRET_KEY", str) or _kept_secret_key(database_url, instance_path),
        "SECRET_KEY_FALLBACKS": read("SECRET_KEY_FALLBACKS", _comma_separated) or [],
        "RATELIMIT_STORAGE_URL": read("RATELIMIT_STORAGE_URL", _rate_limit_storage, "memory://"),
        "RATELIMIT_AUTHENTICATED": read("RATELIMIT_AUTHENTICATED", _rate_limit, "60 per minute"),
        "RATELIMIT_UNAUTHENTICATED": read("RATELIMIT_UNAUTHENTICATED", _rate_limit, "30 per minute"),
        "TEAMS": read("TEAMS", _boolean, "false"),
        "TEAM_HEADER_ON_SHOW": read("TEAM_HEADER_ON_SHOW", _boolean, "false"),
        "DEFAULT_CURRENCY": read("DEFAULT_CURRENCY", _currency, "USD"),
        "TRUSTED_PROXIES": read("TRUSTED_PROXIES", _count, "0"),
        "TOKEN_LIFETIME_MINUTES": read("TOKEN_LIFETIME_MINUTES", _minutes),
        "MAX_CONTENT_LENGTH": read("MAX_BODY_BYTES", _positive, "1048576"),
    }


def _embedded_database(instance_path: str) -> str:
    return f"sqlite:///{Path(instance_path, 'crm.sqlite3')}"


def _kept_secret_key(database_url: str, instance_path: str) -> str:
    """Return the secret key kept in the instance folder, making it on first use (SQLite only)."""
    if not database_url.startswith("sqlite"):
        raise SettingError(f"{PREFIX}SECRET_KEY is required with this database: set it to a long random text.")
    path = Path(instance_path, "secret_key")
    if not path.exists():
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile("w", dir=path.parent) as draft:  # readable by its owner alone
            draft.write(secrets.token_urlsafe(48))
            draft.flush()
            with suppress(FileExistsError):  # where another process was first, its key counts
                os.link(draft.name, path)
    return path.read_text()


def _database_url(value: str) -> str:
    backend = make_url(value).get_backend_name()
    if backend not in ("sqlite", "postgresql"):
        raise ValueError("it must begin with sqlite:/// or postgresql://.")
    if make_url(value).get_driver_name() not in ("pysqlite", "psycopg"):
        raise ValueError("its driver must be left out, or be psycopg.")
    return value


def _rate_limit_storage(value: str) -> str:
    if not value.startswith(("memory://", "redis://", "rediss://")):
        raise ValueError("it must be memory:// or begin with redis:// or rediss://.")
    Counts(SCHEME + value)
    return value


def _rate_limit(value: str) -> str:
    try:
        limits.parse(value)
    except ValueError:
        raise ValueError(f"{value!r} is no rate such as '60 per minute'.") from None
    return value


def _boolean(value: str) -> bool:
    try:
        return {"true": True, "1": True, "false": False, "0": False}[value.lower()]
    except KeyError:
        raise ValueError(f"{value!r} is neither true nor false.") from None


def _currency(value: str) -> str:
    if not (len(value) == 3 and value.isascii() and value.isalpha()):
        raise ValueError(f"{value!r} is no currency of three letters.")
    return value.upper()


def _count(value: str) -> int:
    if not (value.isascii() and value.isdigit()):
        raise ValueError(f"{value!r} is no whole number from 0.")
    return int(value)


def _positive(value: str) -> int:
    if (number := _count(value)) < 1:
        raise ValueError("it must be at least 1.")
    return number


def _minutes(value: str) -> int:
    if (number := _positive(value)) > MAX_MINUTES:
        raise ValueError(f"it must be at most {MAX_MINUTES}.")
    return number


def _comma_separated(value: str) -> list[str]:
    return [part.strip() for part in value.split(",") if part.strip()]
