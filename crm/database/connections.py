"""The database: how connections are set up, and the one connection that a request reads and writes on.

Connections are in the driver's autocommit mode, so that a read costs no BEGIN and no ROLLBACK. A transaction
begins explicitly; on SQLite it begins as a write, so that writers queue instead of failing half-way.
"""

import select
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from typing import Any

from flask import Flask, g
from sqlalchemy import Connection, Engine, event, make_url
from sqlalchemy.exc import InvalidatePoolError
from sqlalchemy.pool import Pool, PoolProxiedConnection

from crm.database.functions import fold
from crm.extensions import db

THREADS = 8
"""How many requests a worker handles at once; each takes one connection."""

_CONNECTION = "crm_connection"
_TRANSACTION = "crm_transaction"
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
    app.teardown_appcontext(release)


def engine_options(url: str) -> dict[str, Any]:
    """Return SQLAlchemy's engine options for a database URL."""
    parsed = make_url(url)
    if parsed.get_backend_name() == "postgresql":
        return {**_POOL, "connect_args": _POSTGRESQL, "pool_use_lifo": True}
    in_memory = parsed.database in (None, "", ":memory:")
    return {"connect_args": _SQLITE, **({} if in_memory else _POOL)}


@contextmanager
def cursor() -> Iterator[Any]:
    """Give a driver's cursor on the connection of the request: within its transaction, if one is open."""
    connection = _connection()
    try:
        yield connection.cursor()
    except db.engine.dialect.loaded_dbapi.Error as error:
        _note_disconnect(connection, error)
        raise


@contextmanager
def together() -> Iterator[None]:
    """Have statements within the block go to PostgreSQL together, in one exchange, as far as nothing is read between.

    The less a transaction waits for answers, the shorter others wait for its locks. An inner block joins the outer one.
    """
    connection = _connection()
    driver: Any = connection.driver_connection
    is_needed = hasattr(driver, "pipeline") and not driver.pgconn.pipeline_status
    try:
        with driver.pipeline() if is_needed else nullcontext():
            yield
    except db.engine.dialect.loaded_dbapi.Error as error:
        _note_disconnect(connection, error)
        raise


def _note_disconnect(connection: PoolProxiedConnection, error: Exception) -> None:
    """Give a connection up if the server has ended it."""
    if db.engine.dialect.is_disconnect(error, connection, None):  # type: ignore[arg-type]
        connection.invalidate(error)


@contextmanager
def snapshot() -> Iterator[None]:
    """Have all that is read within the block see the database at one moment. Costs a BEGIN and a COMMIT.

    Within a transaction it is nothing of its own: what the transaction has locked nobody else changes.
    """
    if _TRANSACTION in g:
        yield
        return
    with cursor() as opening:
        opening.execute(_SNAPSHOT[db.engine.dialect.name])
    try:
        yield
    except BaseException:
        release()  # which rolls back
        raise
    with cursor() as closing:
        closing.execute("COMMIT")


@contextmanager
def transaction() -> Iterator[Connection]:
    """Have all that is read and written within the block be committed together, or not at all if an error is raised.

    Runs on the connection that the request reads on, so reads within the block see what it has written. An inner
    transaction joins the outer one. Gives SQLAlchemy's connection, for statements that are no `Query`.
    """
    if _TRANSACTION in g:
        yield getattr(g, _TRANSACTION)
        return
    connection = Connection(db.engine, connection=_connection())
    setattr(g, _TRANSACTION, connection)
    try:
        with connection.begin():
            yield connection
    finally:
        g.pop(_TRANSACTION)


def release(_error: BaseException | None = None) -> None:
    """Give back the connection of the request, if it has one; what was not committed is rolled back."""
    if connection := g.pop(_CONNECTION, None):
        connection.close()


def _connection() -> PoolProxiedConnection:
    """Return the connection of the request, a new one if it has none or has lost it."""
    connection: PoolProxiedConnection | None = g.get(_CONNECTION)
    if connection is None or not connection.is_valid:
        connection = db.engine.raw_connection()
        setattr(g, _CONNECTION, connection)
    return connection


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
    return None if text is None else fold(text)
