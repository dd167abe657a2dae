"""The database: how connections are set up, and the one connection that a request reads and writes on.

Connections are in the driver's autocommit mode, so that a read costs no BEGIN and no ROLLBACK. A transaction
begins explicitly; on SQLite it begins as a write, so that writers queue instead of failing half-way.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from flask import Flask, g, has_request_context
from sqlalchemy import Connection, Engine, event, make_url
from sqlalchemy.pool import PoolProxiedConnection

from crm.database import sqlite
from crm.database.row_security import EVERYBODY
from crm.extensions import db

THREADS = 8
"""How many requests a worker handles at once; each takes one connection."""

_CONNECTION = "crm_connection"
_TRANSACTION = "crm_transaction"
_AT_COMMIT = "crm_at_commit"
_SEEN = "crm_seen"
_SNAPSHOT = {"sqlite": "BEGIN", "postgresql": "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"}
_POOL = {"pool_size": THREADS, "max_overflow": THREADS, "pool_timeout": 3}  # seconds
_COMMON = {"hide_parameters": True}  # errors are logged, and rows are nobody's business there


def init_app(app: Flask) -> None:
    """Bind the database to an application."""
    db.init_app(app)
    app.teardown_appcontext(release)


def engine_options(url: str, *, row_security: bool) -> dict[str, Any]:
    """Return SQLAlchemy's engine options for a database URL; `row_security` is for PostgreSQL."""
    parsed = make_url(url)
    if parsed.get_backend_name() == "postgresql":
        from crm.database import postgresql  # here, so that serving SQLite loads no driver

        arguments = postgresql.connect_args(parsed, row_security=row_security)
        return {**_COMMON, **_POOL, "pool_use_lifo": True, "connect_args": arguments}
    in_memory = parsed.database in (None, "", ":memory:")
    return {**_COMMON, **({} if in_memory else _POOL), "connect_args": sqlite.connect_args()}


def see_team(team_id: int | None) -> None:
    """Have the request see the rows of this team alone from now on, where there is row-level security.

    Without teams, which is None, there is nothing to keep apart; and outside of requests this does nothing.
    """
    if has_request_context():
        _see(EVERYBODY if team_id is None else str(team_id))


def see_every_team() -> None:
    """Have a request see the rows of all teams that asks about the installation, and not for a user."""
    _see(EVERYBODY)


def _see(whose: str) -> None:
    setattr(g, _SEEN, whose)
    if _CONNECTION in g and db.engine.dialect.name == "postgresql":
        with cursor("SET crm.team") as driver:
            driver.connection.see(whose)


@contextmanager
def cursor(sql: str) -> Iterator[Any]:
    """Give a driver's cursor for a statement on the connection of the request: within its transaction, if one is open.

    An error is noted with the statement, which the driver's own text leaves out.
    """
    try:
        yield _connection().cursor()
    except db.engine.dialect.loaded_dbapi.Error as error:
        if not hasattr(error, "__notes__"):  # of statements that went together, the one that failed is noted
            error.add_note(f"[SQL: {sql}]")
        _note_disconnect(error)
        raise


def _note_disconnect(error: Exception) -> None:
    """Give the connection of the request up if the server has ended it."""
    connection: PoolProxiedConnection | None = g.get(_CONNECTION)
    if connection and connection.is_valid and db.engine.dialect.is_disconnect(error, connection, None):  # type: ignore[arg-type]
        connection.invalidate(error)


@contextmanager
def snapshot() -> Iterator[None]:
    """Have all that is read within the block see the database at one moment. Costs a BEGIN and a COMMIT.

    Within a transaction it is nothing of its own: what the transaction has locked nobody else changes.
    """
    if _TRANSACTION in g:
        yield
        return
    _run(_SNAPSHOT[db.engine.dialect.name])
    try:
        yield
    except BaseException:
        release()  # which rolls back
        raise
    _run("COMMIT")


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
    setattr(g, _AT_COMMIT, {})
    try:
        with connection.begin():
            yield connection
            for write, items in getattr(g, _AT_COMMIT).items():
                write(items)
    finally:
        g.pop(_TRANSACTION)
        g.pop(_AT_COMMIT)
    if db.engine.dialect.name == "sqlite":
        sqlite.shorten_log(_connection())


def in_transaction() -> bool:
    """Tell whether a transaction is open."""
    return _TRANSACTION in g


def at_commit(write: Callable[[list[Any]], None]) -> list[Any]:
    """Return the list that the open transaction hands to `write` right before its commit, for the caller to add to."""
    items: list[Any] = getattr(g, _AT_COMMIT).setdefault(write, [])
    return items


@contextmanager
def unwilling_to_wait() -> Iterator[None]:
    """Have a write within the block fail if it had to queue, for a lock or, on SQLite, for its turn."""
    if db.engine.dialect.name == "sqlite":
        waiting = sqlite.waiting(_connection(), 0)
    else:
        from crm.database import postgresql  # here, so that serving SQLite loads no driver

        waiting = postgresql.waiting(_connection(), 0)
    with waiting:
        yield


@contextmanager
def waiting_at_most(seconds: float) -> Iterator[None]:
    """Have statements within the block wait so long for a lock at most, then fail (Fault.LOCKED).

    To be used within a transaction. On SQLite that has queued already and waits for nothing more.
    """
    if db.engine.dialect.name == "sqlite":
        yield
        return
    from crm.database import postgresql  # here, so that serving SQLite loads no driver

    with postgresql.waiting_within_transaction(_connection(), seconds):
        yield


def release(_error: BaseException | None = None) -> None:
    """Give back the connection of the request, if it has one; what was not committed is rolled back."""
    if connection := g.pop(_CONNECTION, None):
        connection.close()


def _run(sql: str) -> None:
    with cursor(sql) as driver:
        driver.execute(sql)


def _connection() -> PoolProxiedConnection:
    """Return the connection of the request, a new one if it has none or has lost it."""
    connection: PoolProxiedConnection | None = g.get(_CONNECTION)
    if connection is None or not connection.is_valid:
        connection = db.engine.raw_connection()
        setattr(g, _CONNECTION, connection)
        if _SEEN in g:
            _see(g.get(_SEEN))
    return connection


@event.listens_for(Engine, "begin")
def _begin(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE" if connection.dialect.name == "sqlite" else "BEGIN")
