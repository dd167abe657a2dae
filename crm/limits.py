"""Rate limits: one count for each user, or for each address without a valid token (contract, section 8)."""

import math
import time

from flask import Flask, Response, g, request
from flask_limiter import ApplicationLimit, Limiter, RequestLimit
from limits import RateLimitItem
from limits.strategies import STRATEGIES, FixedWindowRateLimiter

UNCOUNTED = "public"
"""The blueprint whose pages are not counted (contract, section 10)."""


class CountingWindow(FixedWindowRateLimiter):
    """A fixed window that remembers the count of a hit, so that the headers cost no second question."""

    def hit(self, item: RateLimitItem, *identifiers: str, cost: int = 1) -> bool:
        """Count a request; tell whether it is within the limit."""
        count = self.storage.incr(item.key_for(*identifiers), item.get_expiry(), amount=cost)
        g.rate_limit = item.amount, max(0, item.amount - count)
        return count <= item.amount


STRATEGIES["counting-window"] = CountingWindow


def init_app(app: Flask) -> None:
    """Count every request of an existing path and verb but the public pages. Expects `g.caller` to be set before."""
    app.after_request(add_limit_headers)
    limiter = Limiter(
        _counted_as,
        application_limits=[
            ApplicationLimit(app.config["RATELIMIT_AUTHENTICATED"], exempt_when=lambda: g.caller is None),
            ApplicationLimit(app.config["RATELIMIT_UNAUTHENTICATED"], exempt_when=lambda: g.caller is not None),
        ],
        strategy="counting-window",
        storage_uri=app.config["RATELIMIT_STORAGE_URL"],
        in_memory_fallback_enabled=True,
        on_breach=_note_reset,
    )
    limiter.request_filter(lambda: request.blueprint == UNCOUNTED)
    limiter.init_app(app)


def add_limit_headers(response: Response) -> Response:
    """Put the limit, what remains of it and, on a 429, when it ends on an answer that was counted."""
    if "rate_limit" in g:
        limit, remaining = g.rate_limit
        response.headers["X-RateLimit-Limit"] = str(limit)
        response.headers["X-RateLimit-Remaining"] = str(remaining)
    if response.status_code == 429:
        response.headers["X-RateLimit-Reset"] = str(g.rate_limit_reset)
        response.headers["Retry-After"] = str(max(1, math.ceil(g.rate_limit_reset - time.time())))
    return response


def _counted_as() -> str:
    return f"user:{g.caller.id}" if g.caller else f"address:{request.remote_addr}"


def _note_reset(breached: RequestLimit) -> None:
    g.rate_limit_reset = breached.reset_at
