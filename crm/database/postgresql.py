"""How connections to PostgreSQL are set up: what bounds their waiting, and what their errors tell.

The server ends a statement of a request that takes too long, or waits too long for a lock. A server that has vanished,
or says nothing at all, is given up by the connection itself, so that no request waits for 15 seconds (beyond, section
21). Commands and migrations take their time.
"""

import logging
import select
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from typing import Any, NoReturn

import psycopg
from flask import has_request_context
from psycopg.abc import RV, PQGen
from psycopg.errors import PipelineAborted
from psycopg.pq.abc import PGresult
from sqlalchemy import URL, Engine, event
from sqlalchemy.engine import Dialect
from sqlalchemy.exc import InvalidatePoolError
from sqlalchemy.pool import Pool, PoolProxiedConnection

from crm.database.row_security import EVERYBODY, NOBODY, SETTING

STATEMENT_SECONDS = 10.0
LOCK_SECONDS = 10.0
SILENCE_SECONDS = 11.0
"""How long a request waits for an answer: a little longer, so that the server's own word comes first."""

_NEEDED_OPTIONS = "-c timezone=UTC"
_ROW_SECURITY = f"-c {SETTING}={EVERYBODY}"
_CONNECT_ARGS: dict[str, Any] = {
    "connect_timeout": 3,  # seconds, for each address of the server
    "keepalives_idle": 5,  # seconds; with the next two a server that has vanished is noticed after eleven
    "keepalives_interval": 2,
    "keepalives_count": 3,
    "tcp_user_timeout": 11_000,  # milliseconds
}


logging.getLogger("psycopg").setLevel(logging.ERROR)  # it warns of what follows from an error that is raised anyway


def connect_args(url: URL, *, row_security: bool) -> dict[str, Any]:
    """Return the arguments of the driver's `connect` that a URL leaves open, and those that reading rows relies on.

    With `row_security` a connection says whose rows it may see, which at first are everybody's.
    """
    left_open = {name: value for name, value in _CONNECT_ARGS.items() if name not in url.query}
    options = [*url.normalized_query.get("options", ()), _NEEDED_OPTIONS, *([_ROW_SECURITY] if row_security else [])]
    return {**left_open, "autocommit": True, "cursor_factory": NotingCursor, "options": " ".join(options)}


class NotingCursor(psycopg.Cursor[Any]):
    """A cursor that notes its statement on its errors: where several go together, they are raised at another one."""

    def _raise_for_result(self, result: PGresult) -> NoReturn:
        try:
            super()._raise_for_result(result)
        except psycopg.Error as error:
            if error.sqlstate and self._query:
                error.add_note(f"[SQL: {self._query.query.decode()}]")
            raise


class BoundedConnection(psycopg.Connection[Any]):
    """A connection that gives up a server which does not answer, and whose errors quote no rows."""

    _seconds: float | None = SILENCE_SECONDS
    _ends_statements = False
    _sees = EVERYBODY

    @cached_property
    def has_row_security(self) -> bool:
        """Whether it says whose rows it may see."""
        return _ROW_SECURITY in self.info.options

    def see(self, whose: str) -> None:
        """Have it see the rows of a team, of nobody, or of everybody, where there is row-level security."""
        if self.has_row_security and whose != self._sees:
            self.execute("SELECT set_config(%s, %s, false)", (SETTING, whose))
            self._sees = whose

    def bound(self, bounded: bool) -> None:
        """Bound the time of each statement from now on, or leave it open."""
        if bounded != self._ends_statements:
            self._seconds = SILENCE_SECONDS
            self.execute(_bounds() if bounded else "RESET statement_timeout; RESET lock_timeout")
            self._ends_statements = bounded
        self._seconds = SILENCE_SECONDS if bounded else None

    def wait(self, gen: PQGen[RV], interval: float = 0.1, timeout: float | None = None) -> RV:
        """Wait for the server's answer, as every statement does."""
        try:
            return super().wait(gen, interval, self._seconds if timeout is None else timeout)
        except psycopg.Error as error:
            raise self._judge(error) from None

    def _judge(self, error: psycopg.Error) -> psycopg.Error:
        if isinstance(error, PipelineAborted) and isinstance(error.__context__, psycopg.Error):
            error = error.__context__  # by which it was aborted
        if error.sqlstate:
            error.args = (f"{error.diag.message_primary} (SQLSTATE {error.sqlstate})",)  # without DETAIL, CONTEXT
        elif isinstance(error, psycopg.OperationalError) and not isinstance(error, PipelineAborted):
            self.pgconn.finish()  # no answer in time, or none ever
        return error


@contextmanager
def waiting(connection: PoolProxiedConnection, seconds: float) -> Iterator[None]:
    """Have statements of a request within the block wait so long for locks, a millisecond at least."""
    driver = connection.cursor()
    driver.execute(f"SET lock_timeout = {_milliseconds(seconds)}")
    try:
        yield
    finally:
        if not driver.connection.closed:
            driver.execute(f"SET lock_timeout = {_milliseconds(LOCK_SECONDS)}")


@contextmanager
def waiting_within_transaction(connection: PoolProxiedConnection, seconds: float) -> Iterator[None]:
    """As `waiting`, for a part of a transaction. An error takes the setting back, as it does all of a transaction."""
    driver = connection.cursor()
    driver.execute(f"SET LOCAL lock_timeout = {_milliseconds(seconds)}")
    yield
    driver.execute(f"SET LOCAL lock_timeout = {_milliseconds(LOCK_SECONDS)}")


def _bounds() -> str:
    statement, lock = _milliseconds(STATEMENT_SECONDS), _milliseconds(LOCK_SECONDS)
    return f"SET statement_timeout = {statement}; SET lock_timeout = {lock}"


def _milliseconds(seconds: float) -> int:
    return max(1, round(seconds * 1000))  # 0 is for ever


@event.listens_for(Engine, "do_connect")
def _connect(dialect: Dialect, _record: Any, args: list[Any], parameters: dict[str, Any]) -> BoundedConnection | None:
    return BoundedConnection.connect(*args, **parameters) if dialect.name == "postgresql" else None


@event.listens_for(Pool, "checkout")
def _prepare(connection: Any, _record: Any, _proxy: Any) -> None:
    """Have a connection that the server has closed replaced before its use, and bound one that a request uses.

    Such a one sees no team's rows until the request's team is known; all others see everybody's.

    An idle connection has nothing to say; if there is something to read, it is the server's farewell. So this costs no
    question to the server.
    """
    if isinstance(connection, BoundedConnection):
        poll = select.poll()
        poll.register(connection.fileno(), select.POLLIN)
        if poll.poll(0):
            raise InvalidatePoolError
        connection.bound(has_request_context())
        connection.see(NOBODY if has_request_context() else EVERYBODY)
