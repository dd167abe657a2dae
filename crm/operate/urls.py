"""URLs of databases and of the limits' storage as an operator may be shown them."""

from urllib.parse import parse_qsl, urlsplit

from crm.extensions import db

_SHOWN_OF_QUERY = ("host", "port")


def own_database() -> str:
    """Return the URL of the application's database, without secrets."""
    return without_secrets(db.engine.url.render_as_string(hide_password=False))


def without_secrets(url: str) -> str:
    """Return a URL without its password, and without what its query may hold of that kind."""
    parts = urlsplit(url)
    login, _, host = parts.netloc.rpartition("@")
    user = login.partition(":")[0]
    query = "&".join(f"{name}={value}" for name, value in parse_qsl(parts.query) if name in _SHOWN_OF_QUERY)
    return f"{parts.scheme}://{user}{user and '@'}{host}{parts.path}{query and '?'}{query}"
