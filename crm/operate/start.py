"""The start of a server: what it works with, and whether it may serve (contract, sections 4 and 9)."""

import logging
import sys

from flask import Flask, current_app, request
from werkzeug.exceptions import ServiceUnavailable

from crm.database.faults import RETRY_SECONDS, database_errors, fault_of
from crm.database.migrations import known_revisions
from crm.extensions import db
from crm.operate.fitness import State, find_fault, read_state
from crm.operate.urls import own_database, without_secrets

VERSION = "2.0.0"

_UNCHECKED = "crm_unchecked"
_log = logging.getLogger(__name__)


def init_app(app: Flask) -> None:
    """Have requests refused for as long as a server's database is unchecked: see `require_check`."""
    app.extensions[_UNCHECKED] = False
    app.before_request(check_at_first_contact)


def require_check(app: Flask) -> None:
    """Have the application, which is about to be served, answer nothing before its database was found fit."""
    app.extensions[_UNCHECKED] = True


def start(app: Flask) -> None:
    """Say what a server works with. Raises SystemExit with one line where its database is not fit to be served.

    A database that is away does not stop the start: it is checked at first contact.
    """
    with app.app_context():
        state = _state_if_there()
        if state and (fault := find_fault(state)):
            raise SystemExit(fault)
        _log.info(describe(state))
        db.engine.dispose()  # no connection may be open when workers are forked
    app.extensions[_UNCHECKED] = state is None


def check_at_first_contact() -> None:
    """Before a request: check the database, if that is still to be done; a path that does not exist is a 404 anyway.

    Raises ServiceUnavailable while the database is not fit, and what the driver does while it is away.
    """
    if current_app.extensions[_UNCHECKED] and request.routing_exception is None:
        if fault := find_fault(read_state()):
            current_app.logger.error(fault)
            raise ServiceUnavailable(retry_after=RETRY_SECONDS)
        current_app.extensions[_UNCHECKED] = False


def describe(state: State | None) -> str:
    """Return the line that names what the application works with; without a state its database is away."""
    settings = current_app.config
    proxies = settings["TRUSTED_PROXIES"]
    return (
        f"CRM {VERSION}: database {own_database()},"
        f" {_migration(state)}, limits in {without_secrets(settings['RATELIMIT_STORAGE_URL'])},"
        f" teams {'on' if settings['TEAMS'] else 'off'}, {proxies} trusted {'proxy' if proxies == 1 else 'proxies'}"
    )


def say_what_is_worked_on() -> None:
    """Say what a command works with: to its user, so in no form of a log."""
    sys.stderr.write(f"{describe(_state_if_there())}\n")
    sys.stderr.flush()


def _migration(state: State | None) -> str:
    head = known_revisions()[-1]
    if state is None:
        return f"migration unknown (the database is away; this code: {head})"
    if state.revision == head:
        return f"migration {head}"
    return f"migration {state.revision or 'none'} (this code: {head})"


def _state_if_there() -> State | None:
    try:
        return read_state()
    except database_errors() as error:
        if fault_of(error) is None:
            raise
        return None
