"""The host that a request names, and the absolute URLs of answers (contract, sections 1 and 6).

Werkzeug's own URLs show a host as people read it, `xn--mnchen-3ya.example` as `münchen.example`, which is no URL any
more. So they are put together here, of the scheme, host and path that were asked.
"""

import re
from contextlib import suppress
from ipaddress import IPv6Address
from urllib.parse import quote

from flask import Flask, request

from crm.http.errors import Refusal

_HOST = re.compile(
    r"(?P<name>[a-z0-9_-]{1,63}(?:\.[a-z0-9_-]{1,63})*\.?"  # a domain or IPv4; names within networks have underscores
    r"|\[(?P<ipv6>[0-9a-f:.]+)\])(?::(?P<port>[0-9]{0,5}))?"
)
_LONGEST = 255  # characters
_DEFAULT_PORTS = {"http": 80, "https": 443}
_IN_PATHS = "!$&'()*+,/:;=@~"
_IN_QUOTED_PATHS = f"%{_IN_PATHS}"  # a prefix is taken as its proxy quoted it


def init_app(app: Flask) -> None:
    """Refuse every request whose host is none, before anything else is done for it."""
    app.before_request(require_host)


def require_host() -> None:
    """Before a request: raise Refusal (400) if its `Host` is none."""
    if _host() is None:
        raise Refusal(400, "The Host header names no host.")


def absolute_url(path: str) -> str:
    """Return the URL of a path of this application, as the client that is asking has to write it: in ASCII."""
    return f"{request.scheme}://{_host()}{path_on_host(path)}"


def path_on_host(path: str) -> str:
    """Return a path of this application behind the prefix that it is served under, if there is one."""
    return quote(request.root_path.rstrip("/"), safe=_IN_QUOTED_PATHS) + quote(path, safe=_IN_PATHS)


def path_is_text() -> bool:
    """Tell whether the request's path is UTF-8; Werkzeug shows U+FFFD in the place of what is not."""
    try:
        request.environ["PATH_INFO"].encode("latin-1").decode()
    except UnicodeDecodeError:
        return False
    return True


def _host() -> str | None:
    """Return the request's `host[:port]` in lower case, without the default port of its scheme; None if it is none."""
    found = _HOST.fullmatch(_named_host().lower())
    if found is None or len(found["name"]) > _LONGEST or not _is_address(found["ipv6"]):
        return None
    port = int(found["port"] or _DEFAULT_PORTS[request.scheme])
    if port == _DEFAULT_PORTS[request.scheme]:
        return found["name"]
    return f"{found['name']}:{port}" if 1 <= port <= 65535 else None


def _named_host() -> str:
    """Return what is said to be the host: by the request or, where HTTP/1.0 leaves it out, by the server."""
    named: str | None = request.environ.get("HTTP_HOST")
    if named is not None:
        return named
    if request.environ["SERVER_PROTOCOL"] != "HTTP/1.0":
        return ""  # HTTP/1.1 requires the header
    name, port = request.environ["SERVER_NAME"], request.environ["SERVER_PORT"]
    return f"[{name}]:{port}" if ":" in name else f"{name}:{port}"


def _is_address(ipv6: str | None) -> bool:
    """Tell whether the inside of brackets is an IPv6 address; there may be none to judge."""
    with suppress(ValueError):
        return ipv6 is None or bool(IPv6Address(ipv6))
    return False
