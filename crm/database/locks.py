"""Locks that a transaction holds until it ends. On SQLite they are none: it begins as a write, one at a time."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, text

from crm.database.connections import transaction
from crm.database.query import Query
from crm.extensions import db

_INSTALLATION = 0x43524D  # any numbers that other applications in the same database do not use as well
_TURN = 0x43524E
_NEXT_WRITE = Query(text("SELECT CAST(pg_snapshot_xmax(pg_current_snapshot()) AS text)"))
_HAVE_ENDED = Query(text("SELECT pg_snapshot_xmin(pg_current_snapshot()) >= CAST(:next_write AS xid8)"))
_POLL_SECONDS = 0.05


@contextmanager
def in_turn() -> Iterator[None]:
    """Have all within the block be one transaction, in which nobody else is who comes this way at the same time.

    On SQLite that is any transaction.
    """
    with transaction() as connection:
        _lock(connection, _TURN)
        yield


def lock_installation(connection: Connection) -> None:
    """Keep others from migrating, seeding or setting up the database at the same time; wait for who does."""
    _lock(connection, _INSTALLATION)


def lock_table(connection: Connection, table: str, mode: str) -> None:
    """Lock a table as a whole, in one of PostgreSQL's modes such as EXCLUSIVE, in which it can still be read."""
    if connection.dialect.name == "postgresql":
        connection.execute(text(f"LOCK TABLE {table} IN {mode} MODE"))


def wait_for_writes(seconds: float) -> bool:
    """Wait until all writes that are under way have ended, so long at most, and tell whether they have.

    They may have read what has been changed since. To be used outside a transaction.
    """
    if db.engine.dialect.name == "sqlite":
        return True
    ((next_write,),) = _NEXT_WRITE.rows()
    deadline = time.monotonic() + seconds
    while not _HAVE_ENDED.rows(next_write=next_write)[0][0]:
        if time.monotonic() > deadline:
            return False
        time.sleep(_POLL_SECONDS)
    return True


def _lock(connection: Connection, key: int) -> None:
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": key})
