"""Counts in the memory of this process: without a thread, and bounded whoever asks."""

from threading import Lock

from crm.http.counts.window import Window

MOST = 100_000
"""As many windows outlast a sweep. Of more than these the ones that end first are forgotten."""
FEW = 1_000


class MemoryCounts:
    """Counts by key. Windows that are over are swept away each time as many have begun as the last sweep left."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._windows: dict[str, Window] = {}
        self._sweep_at = FEW

    def __len__(self) -> int:
        """Return how many windows are held, those included that are over and not yet swept."""
        return len(self._windows)

    def add(self, key: str, seconds: int, amount: int) -> Window:
        """Count, in the key's window or in a new one of so many seconds, and return it."""
        with self._lock:
            window = self._windows.get(key)
            if window is None or not window.seconds_left:
                if len(self._windows) >= self._sweep_at:
                    self._sweep()
                window = Window.of(0, seconds)
            window = self._windows[key] = window._replace(hits=window.hits + amount)
        return window

    def find(self, key: str) -> Window:
        """Return a key's window, one that is over where none has begun."""
        window = self._windows.get(key)
        return window if window and window.seconds_left else Window.of(0, 0)

    def take_back(self, key: str) -> None:
        """Count one less in a key's window, if it is not over."""
        with self._lock:
            window = self._windows.get(key)
            if window and window.hits:
                self._windows[key] = window._replace(hits=window.hits - 1)

    def clear(self, key: str) -> None:
        """Forget a key."""
        with self._lock:
            self._windows.pop(key, None)

    def reset(self) -> None:
        """Forget all keys."""
        with self._lock:
            self._windows.clear()

    def _sweep(self) -> None:
        live = [item for item in self._windows.items() if item[1].seconds_left]
        if len(live) > MOST:
            live = sorted(live, key=lambda item: item[1].ends)[-MOST:]
        self._windows = dict(live)
        self._sweep_at = FEW + 2 * len(live)
