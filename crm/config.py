"""Settings: read from `CRM_…` environment variables and checked once, at the start (contract, section 9)."""

from collections.abc import Callable, Collection, Mapping
from difflib import get_close_matches
from typing import Any

from crm.database.connections import engine_options
from crm.http.counts.storage import SCHEME, Counts
from crm.operate import values
from crm.operate.files import embedded_database, kept_secret_key

PREFIX = "CRM_"
OF_OTHERS = ("CRM_TEST_", "CRM_SERVICE_", "CRM_PORT")
"""How names begin that are no settings: those of the tests, and of container platforms for a service named crm."""


class SettingError(SystemExit):
    """A setting that cannot be used: ends the start with one line that names it."""


def load_settings(environ: Mapping[str, str], instance_path: str) -> dict[str, Any]:
    """Return Flask's configuration made from the environment.

    An empty variable counts as an absent one. Raises SettingError for a value that cannot be used, and for a name
    that begins as those of settings do and is none.
    """
    names = set()

    def read(name: str, parse: Callable[[str], Any], default: str = "") -> Any:
        names.add(PREFIX + name)
        value = environ.get(PREFIX + name) or default
        try:
            return parse(value) if value else None
        except ValueError as error:
            raise SettingError(f"{PREFIX}{name} cannot be used: {error}") from None

    database_url = read("DATABASE_URL", values.database_url, embedded_database(instance_path))
    row_security = read("ROW_SECURITY", values.boolean, "false")
    if row_security and database_url.startswith("sqlite"):
        raise SettingError(f"{PREFIX}ROW_SECURITY cannot be used: it needs PostgreSQL.")
    settings = {
        "SQLALCHEMY_DATABASE_URI": database_url,
        "SQLALCHEMY_ENGINE_OPTIONS": engine_options(database_url, row_security=row_security),
        "ROW_SECURITY": row_security,
        "SECRET_KEY": read("SECRET_KEY", values.secret_key),
        "SECRET_KEY_FALLBACKS": read("SECRET_KEY_FALLBACKS", values.comma_separated) or [],
        "RATELIMIT_STORAGE_URL": read("RATELIMIT_STORAGE_URL", _rate_limit_storage, "memory://"),
        "RATELIMIT_AUTHENTICATED": read("RATELIMIT_AUTHENTICATED", values.rate_limit, "60 per minute"),
        "RATELIMIT_UNAUTHENTICATED": read("RATELIMIT_UNAUTHENTICATED", values.rate_limit, "30 per minute"),
        "LOGIN_ATTEMPTS": read("LOGIN_ATTEMPTS", values.rate_limit, "5 per 15 minutes"),
        "TEAMS": read("TEAMS", values.boolean, "false"),
        "TEAM_HEADER_ON_SHOW": read("TEAM_HEADER_ON_SHOW", values.boolean, "false"),
        "DEFAULT_CURRENCY": read("DEFAULT_CURRENCY", values.currency, "USD"),
        "TRUSTED_PROXIES": read("TRUSTED_PROXIES", values.count, "0"),
        "CHANGES_DAYS": read("CHANGES_DAYS", values.days),
        "IDEMPOTENCY_HOURS": read("IDEMPOTENCY_HOURS", values.hours, "48"),
        "TOKEN_LIFETIME_MINUTES": read("TOKEN_LIFETIME_MINUTES", values.minutes),
        "MAX_CONTENT_LENGTH": read("MAX_BODY_BYTES", values.positive, "1048576"),
        "WEBHOOKS_ALLOW_NETWORKS": read("WEBHOOKS_ALLOW_NETWORKS", values.networks) or [],
        "FIRST_PASSWORD": read("FIRST_PASSWORD", values.password),
        "LOG_FORMAT": read("LOG_FORMAT", values.log_format),
        "LOG_LEVEL": read("LOG_LEVEL", values.log_level, "info"),
        "METRICS_BIND": read("METRICS_BIND", values.bind_address),
        "CORS_ORIGINS": read("CORS_ORIGINS", values.origins) or [],
    }
    _refuse_unknown(environ, names)
    settings["SECRET_KEY"] = settings["SECRET_KEY"] or _own_secret_key(database_url, instance_path)
    return settings


def _refuse_unknown(environ: Mapping[str, str], names: Collection[str]) -> None:
    """Raise SettingError for a variable that its author takes for a setting: a slip would go unseen."""
    for name in sorted(environ):
        if name.startswith(PREFIX) and not name.startswith(OF_OTHERS) and name not in names and environ[name]:
            similar = "".join(f" Did you mean {match}?" for match in get_close_matches(name, names, n=1))
            raise SettingError(f"{name} is no setting.{similar}")


def _own_secret_key(database_url: str, instance_path: str) -> str:
    if not database_url.startswith("sqlite"):
        raise SettingError(f"{PREFIX}SECRET_KEY is required with this database: set it to a long random text.")
    return kept_secret_key(instance_path)


def _rate_limit_storage(value: str) -> str:
    if not value.startswith(("memory://", "redis://", "rediss://")):
        raise ValueError("it must be memory:// or begin with redis:// or rediss://.")
    Counts(SCHEME + value)
    return value
