"""What proxies in front say of a request, believed where it can be true (contract, section 9; beyond, section 21)."""

import re
from collections.abc import Iterable
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

_PREFIX = re.compile(r"/|(?:/[A-Za-z0-9._~!$&'()*+,;=:@%-]+)+/?")
r"""A path as it stands in URLs. For browsers `//host` and `/\host` are other servers, which no prefix may lead to."""


def init_app(app: Flask) -> None:
    """Believe the forwarded headers of as many proxies as the setting says."""
    if proxies := app.config["TRUSTED_PROXIES"]:
        app.wsgi_app = ProxyFix(  # type: ignore[method-assign]
            doubt(app.wsgi_app), x_for=proxies, x_proto=proxies, x_host=proxies, x_prefix=proxies
        )


def doubt(app: WSGIApplication) -> WSGIApplication:
    """Return an application that takes back what ProxyFix made of a forwarded scheme or prefix that is none.

    A forwarded host that is none stays, to be refused as one in `Host` is: there is no other that a client could reach.
    """

    def serve(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        before = environ["werkzeug.proxy_fix.orig"]
        scheme = environ["wsgi.url_scheme"].lower()
        environ["wsgi.url_scheme"] = scheme if scheme in ("http", "https") else before["wsgi.url_scheme"]
        if not _PREFIX.fullmatch(environ["SCRIPT_NAME"]):
            environ["SCRIPT_NAME"] = before["SCRIPT_NAME"]
        return app(environ, start_response)

    return serve
