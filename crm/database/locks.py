"""Locks that a transaction holds until it ends. On SQLite they are none: it begins as a write, one at a time."""

from sqlalchemy import Connection, text

_INSTALLATION = 0x43524D  # any number that other applications in the same database do not use as well


def lock_installation(connection: Connection) -> None:
    """Keep others from migrating, seeding or setting up the database at the same time; wait for who does."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _INSTALLATION})


def lock_table(connection: Connection, table: str, mode: str) -> None:
    """Lock a table as a whole, in one of PostgreSQL's modes such as EXCLUSIVE, in which it can still be read."""
    if connection.dialect.name == "postgresql":
        connection.execute(text(f"LOCK TABLE {table} IN {mode} MODE"))
