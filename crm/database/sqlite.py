"""How connections to SQLite are set up, and how its write-ahead log is kept short."""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, event
from sqlalchemy.pool import PoolProxiedConnection

from crm.database.faults import Fault, fault_of, report
from crm.database.functions import fold

LOCK_SECONDS = 10
"""How long a writer queues (beyond, section 21)."""
LOG_BYTES = 16 * 1024 * 1024
"""How long the log may become before a writer waits for readers in order to begin it again."""
_READERS_SECONDS = 0.2
_TRY_AGAIN_SECONDS = 1

_next_try: dict[Path, float] = {}


def connect_args() -> dict[str, Any]:
    """Return the arguments of the driver's `connect`."""
    return {"isolation_level": None, "timeout": LOCK_SECONDS}


@event.listens_for(Engine, "connect")
def _set_up(connection: Any, record: Any) -> None:
    if isinstance(connection, sqlite3.Connection):
        _use_log(connection)
        connection.execute("PRAGMA synchronous = FULL")  # what was answered outlives a power cut
        connection.execute(f"PRAGMA journal_size_limit = {LOG_BYTES}")
        connection.execute("PRAGMA foreign_keys = ON")
        connection.create_function("fold_case", 1, _fold_case, deterministic=True)
        _, _, path = connection.execute("PRAGMA database_list").fetchone()
        record.info["log"] = Path(f"{path}-wal")


def _use_log(connection: sqlite3.Connection) -> None:
    """Have readers and the writer not wait for each other. A read-only database stays as it is."""
    try:
        connection.execute("PRAGMA journal_mode = WAL")
    except sqlite3.OperationalError as error:
        if not error.sqlite_errorname.startswith("SQLITE_READONLY"):
            raise


@contextmanager
def waiting(connection: PoolProxiedConnection, seconds: float) -> Iterator[None]:
    """Have statements within the block wait so long for other connections."""
    driver = connection.cursor()
    driver.execute(f"PRAGMA busy_timeout = {int(seconds * 1000)}")
    try:
        yield
    finally:
        driver.execute(f"PRAGMA busy_timeout = {LOCK_SECONDS * 1000}")


def shorten_log(connection: PoolProxiedConnection) -> None:
    """After a commit: begin the log again if it has become long.

    SQLite does so by itself when no reader looks at the log. Readers that take turns never leave it such a moment,
    however short they are. So wait for those that are there; who comes meanwhile reads the database, not the log.
    """
    log: Path = connection.info["log"]
    if not log.exists() or log.stat().st_size <= LOG_BYTES or time.monotonic() < _next_try.get(log, 0):
        return
    try:
        with waiting(connection, _READERS_SECONDS):
            held_up, _, _ = connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    except sqlite3.DatabaseError as error:  # what was written is in the log, and stays there
        held_up = True
        report(fault_of(error) or Fault.DISK, error)
    if held_up:
        _next_try[log] = time.monotonic() + _TRY_AGAIN_SECONDS


def _fold_case(text: str | None) -> str | None:
    return None if text is None else fold(text)
