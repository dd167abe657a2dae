"""The storage that limits are counted in: one of our own, which the library `limits` finds by its scheme."""

import logging
import time
from collections.abc import Callable
from threading import Lock
from typing import Any, TypeVar

from flask import g, has_request_context
from limits.storage import Storage

from crm.http.counts.memory import MemoryCounts
from crm.http.counts.shared import SharedCounts
from crm.http.counts.window import Window

SCHEME = "crm+"
"""What stands before the URL of the setting, so that it means this storage and none that `limits` brings along."""
ASK_AGAIN_SECONDS = 2

_log = logging.getLogger(__name__)
_Answer = TypeVar("_Answer")


class Counts(Storage):
    """Counts in Redis, or in this process's memory: by the setting, or while Redis is away, so that requests go on.

    A request asks once: what it has counted is noted, and `get` and `get_expiry` answer it from there.
    """

    STORAGE_SCHEME = ["crm+memory", "crm+redis", "crm+rediss"]  # noqa: RUF012

    def __init__(self, uri: str, wrap_exceptions: bool = False, **options: Any):
        super().__init__(uri, wrap_exceptions, **options)
        url = uri.removeprefix(SCHEME)
        self._own = MemoryCounts()
        self._shared = None if url.startswith("memory:") else SharedCounts(url)
        self._turn = Lock()
        self._ask_at: float | None = None

    @property
    def base_exceptions(self) -> type[Exception] | tuple[type[Exception], ...]:
        """What comes from Redis while it is away."""
        return self._shared.errors if self._shared else ()

    def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        """Count, and return the count; a window lasts `expiry` seconds from its first."""
        window = self._ask(lambda counts: counts.add(key, expiry, amount))
        if has_request_context():
            _noted()[key] = window
        return window.hits

    def get(self, key: str) -> int:
        """Return a key's count."""
        return self._find(key).hits

    def get_expiry(self, key: str) -> float:
        """Return when a key's window ends, in epoch seconds: now where none has begun."""
        return self._find(key).ends_at

    def take_back(self, key: str) -> None:
        """Count one less in a key's window: what was counted did not happen."""
        if has_request_context():
            _noted().pop(key, None)
        self._ask(lambda counts: counts.take_back(key))

    def clear(self, key: str) -> None:
        """Forget a key."""
        if has_request_context():
            _noted().pop(key, None)
        self._own.clear(key)
        self._ask(lambda counts: counts.clear(key))

    def reset(self) -> int | None:
        """Forget all keys."""
        self._own.reset()
        self._ask(lambda counts: counts.reset())
        return None

    def check(self) -> bool:
        """Tell whether the counts are where the setting says: asks Redis, and waits for it half a second."""
        try:
            if self._shared:
                self._shared.ping()
        except self.base_exceptions:
            return False
        return True

    def _find(self, key: str) -> Window:
        noted = _noted().get(key) if has_request_context() else None
        return noted or self._ask(lambda counts: counts.find(key))

    def _ask(self, question: Callable[[MemoryCounts | SharedCounts], _Answer]) -> _Answer:
        """Return the answer of Redis, or while it is away that of this process's own memory."""
        was_away = self._ask_at is not None
        if self._shared is None or (was_away and not self._takes_turn()):
            return question(self._own)
        try:
            answer = question(self._shared)
        except self.base_exceptions as error:
            self._note_away(error)
            return question(self._own)
        if was_away:
            self._ask_at = None
        return answer

    def _takes_turn(self) -> bool:
        """Tell whether it is time to ask Redis again; who is told so asks, and nobody else waits with it."""
        with self._turn:
            if self._ask_at is not None and time.monotonic() < self._ask_at:
                return False
            self._ask_at = time.monotonic() + ASK_AGAIN_SECONDS
            return True

    def _note_away(self, error: Exception) -> None:
        with self._turn:
            is_news = self._ask_at is None
            self._ask_at = time.monotonic() + ASK_AGAIN_SECONDS
        if is_news:
            _log.warning(
                "The rate-limit storage is away, each worker counts by itself until it is back;"
                " check CRM_RATELIMIT_STORAGE_URL: %s",
                error,
            )


def _noted() -> dict[str, Window]:
    """Return the windows that this request has counted in, by key."""
    noted: dict[str, Window] = g.setdefault("crm_counted_windows", {})
    return noted
