"""Rate limits: one count for each user, or for each address without a valid token (contract, section 8).

Flask-Limiter decides what is counted. The count is kept in the configured storage, or, while that is away, in this
process, so that requests go on.
"""

import logging
import math
import time
from collections.abc import Callable
from typing import Any, NamedTuple, TypeVar

from flask import Flask, Response, current_app, g, request
from flask_limiter import ApplicationLimit, Limiter
from limits import RateLimitItem
from limits.storage import MemoryStorage, Storage
from limits.strategies import STRATEGIES, FixedWindowRateLimiter

ASK_AGAIN_SECONDS = 2
REDIS_OPTIONS: dict[str, Any] = {
    "socket_connect_timeout": 0.5,  # seconds
    "socket_timeout": 0.5,
}

_log = logging.getLogger(__name__)
_Answer = TypeVar("_Answer")


class Window(NamedTuple):
    """How a request was counted: the limit, what remains of it, and the key of its count."""

    limit: int
    remaining: int
    key: str


UNCOUNTED = "public"
"""The blueprint whose pages are not counted (contract, section 10)."""


class CountingWindow(FixedWindowRateLimiter):
    """A fixed window that asks the storage once for each request, and notes the answer for the headers."""

    def __init__(self, storage: Storage):
        super().__init__(storage)
        self._substitute = MemoryStorage()
        self._away_until: float | None = None

    def hit(self, item: RateLimitItem, *identifiers: str, cost: int = 1) -> bool:
        """Count a request; tell whether it is within the limit."""
        key = item.key_for(*identifiers)
        count = self._ask(lambda storage: storage.incr(key, item.get_expiry(), amount=cost))
        g.rate_limit = Window(item.amount, max(0, item.amount - count), key)
        return count <= item.amount

    def ends_at(self, window: Window) -> float:
        """Return when a window ends, in epoch seconds."""
        return self._ask(lambda storage: storage.get_expiry(window.key))

    def _ask(self, question: Callable[[Storage], _Answer]) -> _Answer:
        """Return the storage's answer, or while it is away that of this process's own memory."""
        if self._away_until is not None:
            if time.monotonic() < self._away_until:
                return question(self._substitute)
            self._away_until = time.monotonic() + ASK_AGAIN_SECONDS  # this request asks, no other waits with it
        try:
            answer = question(self.storage)
        except self.storage.base_exceptions as error:
            self._note_away(error)
            return question(self._substitute)
        self._away_until = None
        return answer

    def _note_away(self, error: Exception) -> None:
        if self._away_until is None:
            _log.warning(
                "The rate-limit storage is away, each worker counts by itself until it is back;"
                " check CRM_RATELIMIT_STORAGE_URL: %s",
                error,
            )
        self._away_until = time.monotonic() + ASK_AGAIN_SECONDS


STRATEGIES["counting-window"] = CountingWindow


def init_app(app: Flask, caller_id: Callable[[], int | None]) -> None:
    """Count every request of an existing path and verb but the public pages.

    `caller_id` tells the user whose request it is, or None: whoever finds that out runs before.
    """

    def counted_as() -> str:
        user_id = caller_id()
        return f"address:{request.remote_addr}" if user_id is None else f"user:{user_id}"

    app.after_request(add_limit_headers)
    url = app.config["RATELIMIT_STORAGE_URL"]
    limiter = Limiter(
        counted_as,
        application_limits=[
            ApplicationLimit(app.config["RATELIMIT_AUTHENTICATED"], exempt_when=lambda: caller_id() is None),
            ApplicationLimit(app.config["RATELIMIT_UNAUTHENTICATED"], exempt_when=lambda: caller_id() is not None),
        ],
        strategy="counting-window",
        storage_uri=url,
        storage_options={} if url.startswith("memory:") else _redis_options(),
    )
    limiter.request_filter(lambda: request.blueprint == UNCOUNTED)
    limiter.init_app(app)
    app.extensions["crm_limits"] = limiter.limiter


def add_limit_headers(response: Response) -> Response:
    """Put the limit, what remains of it and, on a 429, when it ends on an answer that was counted."""
    window: Window | None = g.get("rate_limit")
    if window is not None:
        response.headers["X-RateLimit-Limit"] = str(window.limit)
        response.headers["X-RateLimit-Remaining"] = str(window.remaining)
        if response.status_code == 429:
            ends_at = current_app.extensions["crm_limits"].ends_at(window)
            response.headers["X-RateLimit-Reset"] = str(math.ceil(ends_at))
            response.headers["Retry-After"] = str(max(1, math.ceil(ends_at - time.time())))
    return response


def _redis_options() -> dict[str, Any]:
    from redis.backoff import NoBackoff  # here, so that counting in memory does not load it
    from redis.retry import Retry

    return {**REDIS_OPTIONS, "retry": Retry(NoBackoff(), 1)}  # a connection that Redis closed is made anew at once
