"""Notes: writes that nothing depends on. They never fail a request, and never hold one up."""

import time
from typing import Any

from flask import current_app

from crm.database.connections import unwilling_to_wait
from crm.database.faults import REPORT_SECONDS, Fault, fault_of, report
from crm.database.query import Query
from crm.extensions import db

_RESTING = "crm_notes_resting_until"


def note(query: Query, **values: Any) -> None:
    """Run a write outside a transaction, if the database takes it at once.

    Where another writer is in the way the next request may try. Where the database takes no writes at all it is asked
    again after a minute only, and the log says why. One that does not answer is an error as ever: the request needs it,
    too.
    """
    if time.monotonic() < current_app.extensions.get(_RESTING, 0):
        return
    try:
        with unwilling_to_wait():
            query.execute(**values)
    except db.engine.dialect.loaded_dbapi.Error as error:
        fault = fault_of(error)
        if fault is Fault.AWAY:
            raise
        if fault is not Fault.LOCKED:
            _tell(fault, error)
            current_app.extensions[_RESTING] = time.monotonic() + REPORT_SECONDS


def _tell(fault: Fault | None, error: Exception) -> None:
    if fault:
        report(fault, error)
    else:
        current_app.logger.error("A note could not be written.", exc_info=error)
