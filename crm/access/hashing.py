"""Password hashes, slow on purpose: how many of them a worker works out at once (contract, section 2).

Without that, a handful of simultaneous log-ins would take all threads of a worker for seconds.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from werkzeug.exceptions import ServiceUnavailable

from crm.database.connections import THREADS

AT_ONCE = max(1, THREADS // 4)
"""How many requests of a worker hash at a time, and how many more may wait for it: half of the threads stay free."""

WAIT_SECONDS = 2
"""How long a request waits for its turn."""

RETRY_SECONDS = 2
"""When one that was refused may come again."""

_present = threading.BoundedSemaphore(2 * AT_ONCE)
_hashing = threading.BoundedSemaphore(AT_ONCE)


@contextmanager
def turn_to_hash() -> Iterator[None]:
    """Wait until it is this request's turn to work out a password hash, which the block does.

    Raises ServiceUnavailable: at once where enough requests wait, or after WAIT_SECONDS.
    """
    with _place_among(_present, 0), _place_among(_hashing, WAIT_SECONDS):
        yield


@contextmanager
def _place_among(places: threading.BoundedSemaphore, seconds: float) -> Iterator[None]:
    if not places.acquire(timeout=seconds):
        raise ServiceUnavailable(retry_after=RETRY_SECONDS)
    try:
        yield
    finally:
        places.release()
