"""The log: every line on stderr in one form, as JSON or readable (beyond, section 21).

A line is `time`, `level`, `message`, the `request_id` where a request is answered, and what facts belong to it. Facts
are named by whoever writes the line (`extra=facts(…)`), and none of them is a secret, a body or a value of a query.
"""

import json
import logging
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import orjson
from flask import has_request_context

from crm.http.request_id import request_id
from crm.http.text import CONTROL, escape_controls

OURS = ("crm", "gunicorn.error", "py.warnings")
"""The loggers that write from CRM_LOG_LEVEL on; those of libraries write warnings and what is worse."""

_FACTS = "crm_facts"


def configure(form: str | None, level: str) -> None:
    """Have this process write its log to stderr: in a `form`, `json` or `text`, from a level on.

    Without a form it is text on a terminal, else JSON.
    """
    text = form == "text" or (form is None and sys.stderr.isatty())
    handler = StderrHandler()
    handler.setFormatter(TextFormatter() if text else JSONFormatter())
    logging.root.handlers = [handler]
    logging.root.setLevel(max(logging.WARNING, logging.getLevelName(level.upper())))
    for name in OURS:
        logging.getLogger(name).setLevel(level.upper())
    logging.getLogger("werkzeug").setLevel(logging.WARNING)  # its server writes the queries of requests
    logging.captureWarnings(True)


def catch_tracebacks() -> None:
    """Have what ends the process or one of its threads be a line of the log, too."""

    def write(kind: Any, error: Any, traceback: Any) -> None:
        logging.getLogger("crm").critical("The process has failed.", exc_info=(kind, error, traceback))

    sys.excepthook = write
    threading.excepthook = lambda failed: write(failed.exc_type, failed.exc_value, failed.exc_traceback)


@contextmanager
def telling_why_not() -> Iterator[None]:
    """Have a start that is refused within the block, with a sentence, say it in the form of the log."""
    try:
        yield
    except SystemExit as refused:
        if not isinstance(refused.code, str):
            raise
        logging.getLogger("crm").critical(refused.code)
        raise SystemExit(1) from None


def facts(**named: Any) -> dict[str, Any]:
    """Return what a call of a logger takes as `extra`, so that its line tells these facts."""
    return {_FACTS: named}


class StderrHandler(logging.Handler):
    """Writes each line to stderr in one piece, so that those of several workers do not mingle."""

    def emit(self, record: logging.LogRecord) -> None:
        """Write a line. One that cannot be written, since the disk is full, fails no request."""
        try:
            stream = sys.stderr.buffer
            stream.write(self.format(record).encode() + b"\n")
            stream.flush()
        except Exception:
            self.handleError(record)


class LineFormatter(logging.Formatter):
    """Makes of a record what its line tells, by name and in order; how that is written is left to `write`."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        moment = datetime.fromtimestamp(record.created, UTC)
        told = {
            "time": moment.isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "message": record.getMessage(),
        }
        if has_request_context():
            told["request_id"] = request_id()
        told |= getattr(record, _FACTS, {})
        if record.exc_info and record.exc_info[0]:
            told["traceback"] = self.formatException(record.exc_info)
        return self.write(told)

    def write(self, told: Mapping[str, Any]) -> str:
        """Return what is told as a line."""
        raise NotImplementedError


class JSONFormatter(LineFormatter):
    """One JSON object a line; what is no printable character is escaped."""

    def write(self, told: Mapping[str, Any]) -> str:
        """Return the object."""
        try:
            text = orjson.dumps(told).decode()
        except TypeError:  # halves of surrogate pairs, which are in no UTF-8
            text = json.dumps(told)
        return text if text.isascii() and "\x7f" not in text else CONTROL.sub(_escape, text)


class TextFormatter(LineFormatter):
    """Time, level and message, then the facts as `name=value`; for people."""

    def write(self, told: Mapping[str, Any]) -> str:
        """Return the line."""
        head, tail = list(told.items())[:3], list(told.items())[3:]
        words = [str(value) for _, value in head] + [f"{name}={_show(value)}" for name, value in tail]
        return escape_controls(" ".join(words))


def _show(value: Any) -> str:
    return "-" if value is None else str(value)


def _escape(match: Any) -> str:
    return f"\\u{ord(match[0]):04x}"
