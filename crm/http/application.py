"""The Flask application, but that a view is run again where the database asks for it."""

from contextlib import suppress
from time import sleep
from typing import Any

from flask import Flask, request
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import DBAPIError

from crm.database.faults import Fault, fault_of
from crm.database.locks import in_turn
from crm.extensions import db
from crm.http.errors import Overtaken
from crm.operate.requests import route

TRIES = 8
"""How often a view is run again at most, where others are faster."""
PAUSE_SECONDS = 0.1
"""How long the other transaction may take its locks: who comes back at once overtakes it, into the same deadlock."""


class Application(Flask):
    """Runs every view, and so every write of a request, again from the top if it stood in another one's way.

    PostgreSQL ends one of two transactions that wait for each other (a deadlock), or that have changed what the other
    has read. And a write may find that another one has changed what it was judged by. What it had written is undone by
    then, and the body is kept, so the next time is like the first; but that those who come again do so one by one.
    """

    def log_exception(self, exc_info: Any) -> None:
        """Log what a request has failed by, named by its route: its path may hold a customer's own key."""
        self.logger.error("%s %s failed.", request.method, route(), exc_info=exc_info)

    def dispatch_request(self) -> ResponseReturnValue:
        """Return what the view returns. Raises a database's error at the second time, Overtaken at the last."""
        try:
            return super().dispatch_request()
        except Overtaken:
            pass
        except (DBAPIError, db.engine.dialect.loaded_dbapi.Error) as error:
            if fault_of(error) is not Fault.CONFLICT:
                raise
            sleep(PAUSE_SECONDS)
        for _ in range(TRIES - 1):
            with suppress(Overtaken):
                return self._dispatch_in_turn()
        return self._dispatch_in_turn()

    def _dispatch_in_turn(self) -> ResponseReturnValue:
        with in_turn():
            return super().dispatch_request()
