"""Which pages in browsers may use the API from another origin (beyond, section 21).

By hand, since it is two hooks: what an extension would add is patterns for paths and origins, and cookies, none of
which is wanted here. An origin counts if it is named in `CRM_CORS_ORIGINS` to the letter, or if `*` is.
"""

from collections.abc import Iterable

from flask import Flask, Response, current_app, request

from crm.http.idempotency import HEADER as IDEMPOTENCY_KEY
from crm.http.idempotency import REPLAYED
from crm.http.request_id import HEADER as REQUEST_ID

ANY = "*"
"""The origin that stands for all."""
VERBS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
SENT = ("Authorization", "Content-Type", "X-Team-ID", IDEMPOTENCY_KEY, "If-Match", "If-None-Match", REQUEST_ID)
"""The headers that a page may send."""
READ = (
    "ETag",
    "Location",
    "Retry-After",
    REQUEST_ID,
    "X-RateLimit-Limit",
    "X-RateLimit-Remaining",
    "X-RateLimit-Reset",
    "RateLimit",
    "RateLimit-Policy",
    REPLAYED,
    "WWW-Authenticate",
)
"""The headers of an answer that a page may read."""
_ALSO_SENT = "crm_cors_sent"
_KEPT_SECONDS = 7200  # as long as Chromium keeps a permission at most


def init_app(app: Flask) -> None:
    """Answer what browsers ask beforehand, and tell them which pages may read answers; nothing without the setting.

    The question comes without a token, and must neither be counted nor wait for a database: else a page would be told
    nothing of a 429 or a 503.
    """
    if app.config["CORS_ORIGINS"]:
        app.before_request(answer_preflight)
        app.after_request(add_cors_headers)


def answer_preflight() -> Response | None:
    """Before a request: answer it if a browser asks whether a page of an allowed origin may send another one."""
    is_preflight = request.method == "OPTIONS" and "Access-Control-Request-Method" in request.headers
    if not is_preflight or request.routing_exception is not None or allowed_origin() is None:
        return None
    response = Response(status=204)
    response.headers["Access-Control-Allow-Methods"] = ", ".join(VERBS)
    response.headers["Access-Control-Allow-Headers"] = ", ".join((*SENT, *_also_sent()))
    response.headers["Access-Control-Max-Age"] = str(_KEPT_SECONDS)
    return response


def also_sent(app: Flask, endpoint: str, headers: Iterable[str]) -> None:
    """Let pages send more headers to one endpoint."""
    app.extensions.setdefault(_ALSO_SENT, {})[endpoint] = tuple(headers)


def _also_sent() -> tuple[str, ...]:
    more: dict[str, tuple[str, ...]] = current_app.extensions.get(_ALSO_SENT, {})
    return more.get(request.endpoint or "", ())


def add_cors_headers(response: Response) -> Response:
    """Put on an answer who may read it, and what of its headers. Credentials are none: tokens are no cookies."""
    response.vary.add("Origin")
    if origin := allowed_origin():
        response.headers["Access-Control-Allow-Origin"] = origin
        response.headers["Access-Control-Expose-Headers"] = ", ".join(READ)
    return response


def allowed_origin() -> str | None:
    """Return the origin that a request comes from as the answer has to name it, None if it is not allowed."""
    origins: list[str] = current_app.config["CORS_ORIGINS"]
    origin = request.headers.get("Origin")
    if origin is None:
        return None
    return ANY if ANY in origins else origin if origin in origins else None
