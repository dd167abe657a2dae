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

USER, ADDRESS = "user", "address"
"""The names of the limits, by whom they count."""
_SETTINGS = {USER: "RATELIMIT_AUTHENTICATED", ADDRESS: "RATELIMIT_UNAUTHENTICATED"}


def init_app(app: Flask, caller_id: Callable[[], int | None]) -> None:
    """Count every request of an existing path and verb, but those of blueprints that are exempt.

    `caller_id` tells the user whose request it is, or None: whoever finds that out runs before.
    """

    def name() -> str:
        return ADDRESS if caller_id() is None else USER

    def limit() -> str:
        return str(app.config[_SETTINGS[name()]])

    def counted_as() -> str:
        user_id = caller_id()
        return f"{name()}:{client_network() if user_id is None else user_id}"

    limiter = Limiter(
        counted_as,
        application_limits=[limit],
        strategy="fixed-window",
        storage_uri=SCHEME + app.config["RATELIMIT_STORAGE_URL"],
    )
    limiter.init_app(app)
    app.after_request(lambda response: add_headers(response, name(), limiter.current_limit))


def exempt(app: Flask, blueprint: Blueprint) -> None:
    """Leave the requests of a blueprint uncounted."""
    for limiter in app.extensions["limiter"]:
        limiter.exempt(blueprint)


def counts() -> Counts:
    """Return where the application counts, for what is limited by something else than user or address."""
    (limiter,) = current_app.extensions["limiter"]
    storage: Counts = limiter.storage
    return storage


def refusal_until(ends_at: float, name: str, most: int, seconds: int) -> Refusal:
    """Return the 429 of a limit of so many in so many seconds, whose window ends at a time, in epoch seconds."""
    return Refusal(429, headers={**_end_headers(ends_at), **_named(name, most, seconds, 0, ends_at)})


def add_headers(response: Response, name: str, limit: RequestLimit | None) -> Response:
    """Put a limit, what remains of it and when it ends on an answer that was counted.

    The older headers say the last where the limit refused; the IETF's draft says it always, and the limit's name. On
    the refusal of another limit they name that one.
    """
    if limit is not None:
        response.headers["X-RateLimit-Limit"] = str(limit.limit.amount)
        response.headers["X-RateLimit-Remaining"] = str(limit.remaining)
        ends_at = limit.window.reset_time
        own = _named(name, limit.limit.amount, limit.limit.get_expiry(), limit.remaining, ends_at)
        for header, value in own.items():
            response.headers.setdefault(header, value)
        if limit.breached:
            response.headers.update(_end_headers(ends_at))
    return response


def _named(name: str, most: int, seconds: int, remaining: int, ends_at: float) -> dict[str, str]:
    """Return what the IETF's draft says of a limit: its policy, and what is left of it until when."""
    left = max(0, math.ceil(ends_at - time.time()))
    return {"RateLimit-Policy": f'"{name}";q={most};w={seconds}', "RateLimit": f'"{name}";r={remaining};t={left}'}


def _end_headers(ends_at: float) -> dict[str, str]:
    """Return what a 429 says of the end of its window, in epoch seconds."""
    seconds = max(1, math.ceil(ends_at - time.time()))
    return {"X-RateLimit-Reset": str(math.ceil(ends_at)), "Retry-After": str(seconds)}
