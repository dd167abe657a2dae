"""What is wrong with the database: from an error to its kind, and to the sentence that tells the operator what to do.

A kind is found by the state that the store names, an SQLSTATE or SQLite's code, not by the class of the error. What has
no kind, such as a statement that is wrong, is a fault of the program.
"""

import logging
import re
import time
from enum import Enum
from typing import Any

import sqlalchemy.exc
from flask import current_app

from crm.extensions import db

RETRY_SECONDS = 5
"""When a client may try again."""
REPORT_SECONDS = 60
"""How long one kind of fault is reported once, however many requests meet it."""


class Fault(Enum):
    """What can be wrong; the value is the sentence for the operator."""

    AWAY = "The database does not answer, or has ended the connection: see that it runs, and check CRM_DATABASE_URL."
    BUSY = "The database has no connection or memory left: raise its limits (max_connections), or run fewer workers."
    CONFLICT = "The database has ended a transaction in favour of another one, twice: see what else writes to it."
    DISK = "The disk of the database is full, or fails: make room on it. Until then it takes no writes."
    LOCKED = "A transaction holds the database for long: see which other program or command writes to it."
    NOT_USABLE = "The database cannot be opened, or is damaged: check CRM_DATABASE_URL, or restore a backup."
    READ_ONLY = "The database takes no writes: name the primary server, no standby, or make file and folder writable."
    RIGHTS = "The database denies the user of CRM_DATABASE_URL a right: grant it the rights of the tables' owner."
    SCHEMA = "The database lacks a table or a column: run `flask db upgrade`."
    SLOW = "A statement took too long, or waited too long for another transaction: see what the database is doing."


_BY_SQLSTATE = {
    "08": Fault.AWAY,  # connection exceptions
    "25006": Fault.READ_ONLY,
    "25P03": Fault.AWAY,  # idle in a transaction for too long
    "25P04": Fault.SLOW,  # transaction_timeout
    "28": Fault.AWAY,  # the password, or who may connect
    "3D000": Fault.NOT_USABLE,
    "40001": Fault.CONFLICT,  # serialization failure
    "40P01": Fault.CONFLICT,  # deadlock
    "42501": Fault.RIGHTS,
    "42703": Fault.SCHEMA,
    "42P01": Fault.SCHEMA,
    "53": Fault.BUSY,
    "53100": Fault.DISK,
    "55P03": Fault.LOCKED,
    "57014": Fault.SLOW,
    "57P": Fault.AWAY,  # shutting down, starting up, idle for too long
    "57P04": Fault.NOT_USABLE,  # dropped
    "58": Fault.DISK,
    "XX001": Fault.NOT_USABLE,
    "XX002": Fault.NOT_USABLE,
}
_BY_SQLITE_NAME = {
    "SQLITE_BUSY": Fault.LOCKED,
    "SQLITE_CANTOPEN": Fault.NOT_USABLE,
    "SQLITE_CORRUPT": Fault.NOT_USABLE,
    "SQLITE_FULL": Fault.DISK,
    "SQLITE_INTERRUPT": Fault.SLOW,
    "SQLITE_IOERR": Fault.DISK,
    "SQLITE_LOCKED": Fault.LOCKED,
    "SQLITE_NOMEM": Fault.BUSY,
    "SQLITE_NOTADB": Fault.NOT_USABLE,
    "SQLITE_PROTOCOL": Fault.LOCKED,
    "SQLITE_READONLY": Fault.READ_ONLY,
    "SQLITE_READONLY_DBMOVED": Fault.NOT_USABLE,
}
_LACKING = re.compile("no such (table|column)|has no column named")  # which SQLite has no code for

_logger = logging.getLogger(__name__)


def database_errors() -> tuple[type[Exception], ...]:
    """Return what SQLAlchemy and the driver of the application's database raise; `fault_of` tells what they mean."""
    driver: Any = db.engine.dialect.dbapi
    return sqlalchemy.exc.DBAPIError, sqlalchemy.exc.TimeoutError, driver.Error


def fault_of(error: BaseException) -> Fault | None:
    """Return what an error of SQLAlchemy or the driver says is wrong with the database; None if it is the program."""
    if isinstance(error, sqlalchemy.exc.TimeoutError):  # the pool's
        return Fault.BUSY
    cause = getattr(error, "orig", None) or error
    if state := getattr(cause, "sqlstate", None):
        return next((_BY_SQLSTATE[state[:n]] for n in (5, 3, 2) if state[:n] in _BY_SQLSTATE), None)
    if name := getattr(cause, "sqlite_errorname", None):
        lacking = Fault.SCHEMA if _LACKING.search(str(cause)) else None
        return _BY_SQLITE_NAME.get(name) or _BY_SQLITE_NAME.get("_".join(name.split("_")[:2]), lacking)
    return Fault.AWAY if isinstance(cause, db.engine.dialect.loaded_dbapi.OperationalError) else None


def report(fault: Fault, error: Exception) -> None:
    """Tell the operator what is wrong and what to do: each kind once a minute, not for each request."""
    reported: dict[Fault, float] = current_app.extensions.setdefault("crm_faults", {})
    moment = time.monotonic()
    if fault not in reported or moment - reported[fault] >= REPORT_SECONDS:
        reported[fault] = moment
        _logger.error("%s %s", fault.value, describe(error))


def describe(error: Exception) -> str:
    """Return in one line what the database said, and to which statement; without its values."""
    said = str(getattr(error, "orig", None) or error)
    statement = getattr(error, "statement", None)
    notes = [f"[SQL: {statement}]"] if statement else getattr(error, "__notes__", [])
    return " ".join(" ".join([f"It said: {said}", *notes]).split())
