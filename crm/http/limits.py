"""Rate limits: one count for each user, or for each client's address without a valid token (contract, section 8).

Flask-Limiter decides what is counted, with its fixed window; the counts are in `crm/http/counts`.
"""

import math
import time
from collections.abc import Callable

from flask import Blueprint, Flask, Response
from flask_limiter import Limiter, RequestLimit

from crm.http.addresses import client_network
from crm.http.counts.storage import SCHEME

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


def add_headers(response: Response, name: str, limit: RequestLimit | None) -> Response:
    """Put a limit, what remains of it and when it ends on an answer that was counted.

    The older headers say the last where the limit refused; the IETF's draft says it always, and the limit's name.
    """
    if limit is not None:
        response.headers["X-RateLimit-Limit"] = str(limit.limit.amount)
        response.headers["X-RateLimit-Remaining"] = str(limit.remaining)
        ends_at = limit.window.reset_time
        left = max(0, math.ceil(ends_at - time.time()))
        response.headers["RateLimit-Policy"] = f'"{name}";q={limit.limit.amount};w={limit.limit.get_expiry()}'
        response.headers["RateLimit"] = f'"{name}";r={limit.remaining};t={left}'
        if limit.breached:
            response.headers["X-RateLimit-Reset"] = str(math.ceil(ends_at))
            response.headers["Retry-After"] = str(max(1, left))
    return response
