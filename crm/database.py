"""The database: how connections are set up, and the one transaction of a write.

Connections are in the driver's autocommit mode, so that a read costs no BEGIN and no ROLLBACK. A transaction
begins explicitly; on SQLite it begins as a write, so that writers queue instead of failing half-way.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, Engine, event, make_url

from crm.extensions import db

SQLITE_BUSY_SECONDS = 30


def engine_options(url: str) -> dict[str, Any]:
    """Return SQLAlchemy's engine options for a database URL."""
    if make_url(url).get_backend_name() == "sqlite":
        return {"connect_args": {"isolation_level": None, "timeout": SQLITE_BUSY_SECONDS}}
    return {"connect_args": {"autocommit": True, "options": "-c timezone=UTC"}}


@contextmanager
def transaction() -> Iterator[Connection]:
    """Give a connection whose changes are committed together, or not at all if an error is raised."""
    try:
        yield db.session.connection()
        db.session.commit()
    except BaseException:
        db.session.rollback()
        raise


@event.listens_for(Engine, "connect")
def _set_up_connection(connection: Any, _record: Any) -> None:
    if type(connection).__module__ == "sqlite3":
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")
        connection.execute("PRAGMA foreign_keys = ON")
        connection.create_function("fold_case", 1, _fold_case, deterministic=True)


@event.listens_for(Engine, "begin")
def _begin(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE" if connection.dialect.name == "sqlite" else "BEGIN")


def _fold_case(text: str | None) -> str | None:
    return None if text is None else text.lower()
