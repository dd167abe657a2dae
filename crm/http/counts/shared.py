"""Counts in Redis: the same ones for every worker."""

from typing import Any

from crm.http.counts.window import Window

PREFIX = "LIMITS:"
OPTIONS: dict[str, Any] = {
    "socket_connect_timeout": 0.5,  # seconds
    "socket_timeout": 0.5,
}
ADD = """
local hits = redis.call("INCRBY", KEYS[1], ARGV[1])
local left = redis.call("PTTL", KEYS[1])
if left < 0 or left > tonumber(ARGV[2]) then -- it is new, or the clock has been set back
    redis.call("PEXPIRE", KEYS[1], ARGV[2])
    left = tonumber(ARGV[2])
end
return {hits, left}
"""
TAKE_BACK = """
if tonumber(redis.call("GET", KEYS[1]) or 0) > 0 then
    redis.call("DECR", KEYS[1])
end
"""


class SharedCounts:
    """Counts by key, each with one question to Redis. All methods raise one of `errors` while it is away."""

    def __init__(self, url: str):
        """Read the URL and connect to nothing yet. Raises ValueError for one that cannot be read."""
        import redis  # here, so that counting in memory does not load it
        from redis.backoff import NoBackoff
        from redis.retry import Retry

        at_once = Retry(NoBackoff(), 1, (redis.ConnectionError,))  # a connection that Redis closed is made anew
        self.errors = redis.RedisError
        self._redis = redis.Redis.from_url(url, **OPTIONS, retry=at_once)
        self._add: Any = self._redis.register_script(ADD)
        self._take_back: Any = self._redis.register_script(TAKE_BACK)

    def add(self, key: str, seconds: int, amount: int) -> Window:
        """Count, in the key's window or in a new one of so many seconds, and return it."""
        return _window(*self._add([PREFIX + key], [amount, seconds * 1000 - 1]))

    def find(self, key: str) -> Window:
        """Return a key's window, one that is over where none has begun."""
        with self._redis.pipeline(transaction=False) as both:
            both.get(PREFIX + key)
            both.pttl(PREFIX + key)
            hits, left = both.execute()
        return _window(int(hits or 0), left)

    def take_back(self, key: str) -> None:
        """Count one less in a key's window, if it is not over."""
        self._take_back([PREFIX + key])

    def clear(self, key: str) -> None:
        """Forget a key."""
        self._redis.delete(PREFIX + key)

    def reset(self) -> None:
        """Forget all keys."""
        for key in self._redis.scan_iter(f"{PREFIX}*", count=1000):
            self._redis.delete(key)

    def ping(self) -> None:
        """Ask whether it is there."""
        self._redis.ping()


def _window(hits: int, milliseconds: int) -> Window:
    """Return the window of a key that lives so long: Redis lets it go in the millisecond after."""
    return Window.of(hits, max(0, milliseconds + 1) / 1000)
