"""The Flask application, but that a view is run again where the database asks for it."""

from time import sleep

from flask import Flask
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import DBAPIError

from crm.database.faults import Fault, fault_of
from crm.extensions import db
from crm.http.errors import Overtaken

TRIES = 5
"""How often a view is run at most."""
PAUSE_SECONDS = 0.1
"""How long the other transaction may take its locks: who comes back at once overtakes it, into the same deadlock."""


class Application(Flask):
    """Runs every view, and so every write of a request, again from the top if it stood in another one's way.

    PostgreSQL ends one of two transactions that wait for each other (a deadlock), or that have changed what the other
    has read. And a write may find that another one has changed what it was judged by. What it had written is undone by
    then, and the body is kept, so the next time is like the first.
    """

    def dispatch_request(self) -> ResponseReturnValue:
        """Return what the view returns. Raises the error of the last time if there is one."""
        for _ in range(TRIES - 1):
            try:
                return super().dispatch_request()
            except Overtaken:
                continue
            except (DBAPIError, db.engine.dialect.loaded_dbapi.Error) as error:
                if fault_of(error) is not Fault.CONFLICT:
                    raise
            sleep(PAUSE_SECONDS)
        return super().dispatch_request()
