"""Settings: read from `CRM_…` environment variables and checked once, at the start (contract, section 9)."""

from collections.abc import Callable, Mapping
from difflib import get_close_matches
from typing import Any

from crm.database.connections import engine_options
from crm.operate import values
from crm.operate.files import embedded_database, kept_secret_key

PREFIX = "CRM_"
OF_OTHERS = ("CRM_TEST_", "CRM_SERVICE_", "CRM_PORT")
"""How names begin that are no settings: those of the tests, and of container platforms for a service named crm."""

Settings = dict[str, Any]
_Readings = dict[str, tuple[Callable[[str], Any], str | None]]

_DATABASE: _Readings = {
    "DATABASE_URL": (values.database_url, None),
    "ROW_SECURITY": (values.boolean, "false"),
}
_OTHERS: _Readings = {
    "SECRET_KEY": (values.secret_key, None),
    "SECRET_KEY_FALLBACKS": (values.comma_separated, ""),
    "RATELIMIT_STORAGE_URL": (values.rate_limit_storage, "memory://"),
    "RATELIMIT_AUTHENTICATED": (values.rate_limit, "60 per minute"),
    "RATELIMIT_UNAUTHENTICATED": (values.rate_limit, "30 per minute"),
    "LOGIN_ATTEMPTS": (values.rate_limit, "5 per 15 minutes"),
    "TEAMS": (values.boolean, "false"),
    "TEAM_HEADER_ON_SHOW": (values.boolean, "false"),
    "DEFAULT_CURRENCY": (values.currency, "USD"),
    "TRUSTED_PROXIES": (values.count, "0"),
    "CHANGES_DAYS": (values.days, None),
    "IDEMPOTENCY_HOURS": (values.hours, "48"),
    "TOKEN_LIFETIME_MINUTES": (values.minutes, None),
    "MAX_BODY_BYTES": (values.positive, "1048576"),
    "WEBHOOKS_ALLOW_NETWORKS": (values.networks, ""),
    "FIRST_PASSWORD": (values.password, None),
    "LOG_FORMAT": (values.log_format, None),
    "LOG_LEVEL": (values.log_level, "info"),
    "METRICS_BIND": (values.bind_address, None),
    "CORS_ORIGINS": (values.origins, ""),
}
"""How the text of each setting is read, and the text that it has by default, in the order in which faults are told."""


class SettingError(SystemExit):
    """A setting that cannot be used: ends the start with one line that names it."""


def load_settings(environ: Mapping[str, str], instance_path: str) -> Settings:
    """Return Flask's configuration made from the environment.

    An empty variable counts as an absent one. Raises SettingError for a value that cannot be used, and for a name
    that begins as those of settings do and is none.
    """
    database = _database_settings(environ, instance_path)
    others = {name: _read(environ, name, *how) for name, how in _OTHERS.items()}
    _refuse_unknown(environ)
    others["MAX_CONTENT_LENGTH"] = others.pop("MAX_BODY_BYTES")
    others["SECRET_KEY"] = others["SECRET_KEY"] or _own_secret_key(database["SQLALCHEMY_DATABASE_URI"], instance_path)
    return database | others


def _database_settings(environ: Mapping[str, str], instance_path: str) -> Settings:
    given = {name: _read(environ, name, *how) for name, how in _DATABASE.items()}
    url, row_security = given["DATABASE_URL"] or embedded_database(instance_path), given["ROW_SECURITY"]
    if row_security and url.startswith("sqlite"):
        raise SettingError(f"{PREFIX}ROW_SECURITY cannot be used: it needs PostgreSQL.")
    return {
        "SQLALCHEMY_DATABASE_URI": url,
        "SQLALCHEMY_ENGINE_OPTIONS": engine_options(url, row_security=row_security),
        "ROW_SECURITY": row_security,
    }


def _read(environ: Mapping[str, str], name: str, parse: Callable[[str], Any], default: str | None) -> Any:
    """Return the value of a setting, None where there is no text of it."""
    text = environ.get(PREFIX + name) or default
    try:
        return None if text is None else parse(text)
    except ValueError as error:
        raise SettingError(f"{PREFIX}{name} cannot be used: {error}") from None


def _refuse_unknown(environ: Mapping[str, str]) -> None:
    """Raise SettingError for a variable that its author takes for a setting: a slip would go unseen."""
    known = [PREFIX + name for name in (*_DATABASE, *_OTHERS)]
    for name in sorted(environ):
        if name.startswith(PREFIX) and not name.startswith(OF_OTHERS) and name not in known and environ[name]:
            similar = "".join(f" Did you mean {match}?" for match in get_close_matches(name, known, n=1))
            raise SettingError(f"{name} is no setting.{similar}")


def _own_secret_key(database_url: str, instance_path: str) -> str:
    if not database_url.startswith("sqlite"):
        raise SettingError(f"{PREFIX}SECRET_KEY is required with this database: set it to a long random text.")
    return kept_secret_key(instance_path)
