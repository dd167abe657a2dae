"""One deliverer at a time where the database is a file: SQLite has no rows that others skip."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import make_url


class NotAloneError(Exception):
    """Another deliverer works on this database."""


@contextmanager
def alone_on(database_url: str) -> Iterator[None]:
    """Be the only deliverer of a database in a file, until the block ends. Raises NotAloneError.

    The lock goes with the process, however that ends.
    """
    url = make_url(database_url)
    if url.get_backend_name() != "sqlite" or url.database in (None, "", ":memory:"):
        yield
        return
    with Path(f"{url.database}-deliver").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise NotAloneError from None
        yield
