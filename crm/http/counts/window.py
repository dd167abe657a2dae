"""A window: what was counted since it began, and when it ends."""

import time
from typing import NamedTuple


class Window(NamedTuple):
    """A count, and when it is over, on the monotonic clock: the wall clock may be set back or forward meanwhile."""

    hits: int
    ends: float

    @classmethod
    def of(cls, hits: int, seconds: float) -> "Window":
        """Return a window that ends in so many seconds."""
        return cls(hits, time.monotonic() + seconds)

    @property
    def seconds_left(self) -> float:
        """How long it lasts from now on, 0 when it is over."""
        return max(0.0, self.ends - time.monotonic())

    @property
    def ends_at(self) -> float:
        """When it ends, in epoch seconds."""
        return time.time() + self.seconds_left
