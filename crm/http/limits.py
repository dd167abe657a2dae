"""Rate limits: one count for each user, or for each client's address without a valid token (contract, section 8).

Flask-Limiter decides what is counted, with its fixed window; the counts are in `crm/http/counts`.
"""

import math
import time
from collections.abc import Callable

from flask import Blueprint, Flask, Response, current_app
from flask_limiter import Limiter, RequestLimit

from crm.http.addresses import client_network
from crm.http.counts.storage import SCHEME, Counts
from crm.http.errors import Refusal


def init_app(app: Flask, caller_id: Callable[[], int | None]) -> None:
    """Count every request of an existing path and verb, but those of blueprints that are exempt.

    `caller_id` tells the user whose request it is, or None: whoever finds that out runs before.
    """

    def limit() -> str:
        name = "UNAUTHENTICATED" if caller_id() is None else "AUTHENTICATED"
        return str(app.config[f"RATELIMIT_{name}"])

    def counted_as() -> str:
        user_id = caller_id()
        return f"address:{client_network()}" if user_id is None else f"user:{user_id}"

    limiter = Limiter(
        counted_as,
        application_limits=[limit],
        strategy="fixed-window",
        storage_uri=SCHEME + app.config["RATELIMIT_STORAGE_URL"],
    )
    limiter.init_app(app)
    app.after_request(lambda response: add_headers(response, limiter.current_limit))


def exempt(app: Flask, blueprint: Blueprint) -> None:
    """Leave the requests of a blueprint uncounted."""
    for limiter in app.extensions["limiter"]:
        limiter.exempt(blueprint)


def counts() -> Counts:
    """Return where the application counts, for what is limited by something else than user or address."""
    (limiter,) = current_app.extensions["limiter"]
    storage: Counts = limiter.storage
    return storage


def refusal_until(ends_at: float) -> Refusal:
    """Return the 429 of a limit whose window ends at a time, in epoch seconds."""
    return Refusal(429, headers=_end_headers(ends_at))


def add_headers(response: Response, limit: RequestLimit | None) -> Response:
    """Put the limit, what remains of it and, where it refused, when it ends on an answer that was counted."""
    if limit is not None:
        response.headers["X-RateLimit-Limit"] = str(limit.limit.amount)
        response.headers["X-RateLimit-Remaining"] = str(limit.remaining)
        if limit.breached:
            response.headers.update(_end_headers(limit.window.reset_time))
    return response


def _end_headers(ends_at: float) -> dict[str, str]:
    """Return what a 429 says of the end of its window, in epoch seconds."""
    seconds = max(1, math.ceil(ends_at - time.time()))
    return {"X-RateLimit-Reset": str(math.ceil(ends_at)), "Retry-After": str(seconds)}
