"""The database: how connections are set up, and the one transaction of a write.

Connections are in the driver's autocommit mode, so that a read costs no BEGIN and no ROLLBACK. A transaction
begins explicitly; on SQLite it begins as a write, so that writers queue instead of failing half-way.
"""

import select
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from flask import Flask, g
from sqlalchemy import Connection, Engine, event, make_url
from sqlalchemy.exc import InvalidatePoolError
from sqlalchemy.pool import Pool, PoolProxiedConnection

from crm.extensions import db

THREADS = 8
"""How many requests a worker handles at once; each takes one connection."""

_READING = "crm_reading"
_SNAPSHOT = {"sqlite": "BEGIN", "postgresql": "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"}
_POOL = {"pool_size": THREADS, "max_overflow": THREADS, "pool_timeout": 10}
_SQLITE = {"isolation_level": None, "timeout": 30}  # seconds that a writer queues
_POSTGRESQL = {
    "autocommit": True,
    "options": "-c timezone=UTC",
    "connect_timeout": 3,  # seconds
    "keepalives_idle": 30,
    "tcp_user_timeout": 30_000,  # milliseconds until a vanished server is noticed
}


def init_app(app: Flask) -> None:
    """Bind the database to an application."""
    db.init_app(app)
    app.teardown_appcontext(stop_reading)


def engine_options(url: str) -> dict[str, Any]:
    """Return SQLAlchemy's engine options for a database URL."""
    parsed = make_url(url)
    if parsed.get_backend_name() == "postgresql":
        return {**_POOL, "connect_args": _POSTGRESQL, "pool_use_lifo": True}
    in_memory = parsed.database in (None, "", ":memory:")
    return {"connect_args": _SQLITE, **({} if in_memory else _POOL)}


@contextmanager
def reading() -> Iterator[Any]:
    """Give a driver's cursor outside any transaction, on the connection that the request reads on."""
    if _READING not in g:
        setattr(g, _READING, db.engine.raw_connection())
    connection: PoolProxiedConnection = getattr(g, _READING)
    try:
        yield connection.cursor()
    except db.engine.dialect.loaded_dbapi.Error as error:
        if db.engine.dialect.is_disconnect(error, connection, None):
            connection.invalidate(error)
            g.pop(_READING)
        raise


@contextmanager
def snapshot() -> Iterator[None]:
    """Have all that is read within the block see the database at one moment. Costs a BEGIN and a COMMIT."""
    with reading() as cursor:
        cursor.execute(_SNAPSHOT[db.engine.dialect.name])
    try:
        yield
    except BaseException:
        stop_reading()  # which rolls back
        raise
    with reading() as cursor:
        cursor.execute("COMMIT")


def stop_reading(_error: BaseException | None = None) -> None:
    """Give back the connection that the request reads on, if there is one."""
    if connection := g.pop(_READING, None):
        connection.close()


@contextmanager
def transaction() -> Iterator[Connection]:
    """Give a connection whose changes are committed together, or not at all if an error is raised."""
    stop_reading()  # so that no request needs two connections at once
    with db.engine.begin() as connection:
        yield connection


@event.listens_for(Engine, "connect")
def _set_up_connection(connection: Any, _record: Any) -> None:
    if type(connection).__module__ == "sqlite3":
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")
        connection.execute("PRAGMA foreign_keys = ON")
        connection.create_function("fold_case", 1, _fold_case, deterministic=True)


@event.listens_for(Pool, "checkout")
def _check_connection(connection: Any, _record: Any, _proxy: Any) -> None:
    """Have a connection that PostgreSQL has closed replaced before its use, without a question to the server.

    An idle connection has nothing to say; if there is something to read, it is the server's farewell.
    """
    if type(connection).__module__.startswith("psycopg"):
        poll = select.poll()
        poll.register(connection.fileno(), select.POLLIN)
        if poll.poll(0):
            raise InvalidatePoolError


@event.listens_for(Engine, "begin")
def _begin(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE" if connection.dialect.name == "sqlite" else "BEGIN")


def _fold_case(text: str | None) -> str | None:
    return None if text is None else text.lower()
