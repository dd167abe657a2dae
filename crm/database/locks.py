"""Locks that a transaction holds until it ends. On SQLite they are none: it begins as a write, one at a time."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, text

from crm.database.connections import transaction

_INSTALLATION = 0x43524D  # any numbers that other applications in the same database do not use as well
_TURN = 0x43524E


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


def _lock(connection: Connection, key: int) -> None:
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": key})
