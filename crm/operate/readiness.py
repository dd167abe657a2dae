"""Whether a process can serve: what it needs is looked at, once a second at most (beyond, section 21)."""

import time
from collections.abc import Callable
from threading import Lock, Thread

from flask import Flask

from crm.database.connections import see_every_team
from crm.database.faults import database_errors, fault_of, report
from crm.database.migrations import known_revisions
from crm.extensions import db
from crm.operate.deliveries import are_late
from crm.operate.fitness import State, read_state

KEPT_SECONDS = 1.0
"""How long what was found counts."""
PATIENCE_SECONDS = 1.0
"""How long looking may take: what has not answered by then is away. It is not asked again before it has answered."""

Checks = dict[str, str]

OK, AWAY, PENDING, LATE, UNKNOWN = "ok", "away", "pending", "late", "unknown"
_NOT_READY = {("database", AWAY), ("migrations", PENDING)}


class Look:
    """A question that may find no answer: it is asked in a thread of its own, and until that ends `silent` counts."""

    def __init__(self, app: Flask, ask: Callable[[], Checks], silent: Checks):
        self._app = app
        self._ask = ask
        self._silent = silent
        self._found = silent
        self._thread: Thread | None = None

    def start(self) -> None:
        """Ask, unless the last time has not been answered yet."""
        if self._thread is None or not self._thread.is_alive():
            self._found = self._silent
            self._thread = Thread(target=self._run, daemon=True)
            self._thread.start()

    def wait(self, seconds: float) -> Checks:
        """Return what is found within so many seconds."""
        if self._thread:
            self._thread.join(max(0.0, seconds))
        return self._found

    def _run(self) -> None:
        with self._app.test_request_context():  # so that its statements are bounded, as those of requests are
            see_every_team()
            self._found = self._ask()


class Readiness:
    """What a process needs, and whether it is there."""

    def __init__(self, app: Flask, limits_are_there: Callable[[], bool]):
        """Ask nothing yet."""
        self._looks = (
            Look(app, look_at_database, {"database": AWAY, "migrations": UNKNOWN}),
            Look(app, lambda: {"limits": OK if limits_are_there() else AWAY}, {"limits": AWAY}),
            Look(app, look_at_deliveries, {"deliveries": OK}),
        )
        self._turn = Lock()
        self._kept: Checks = {}
        self._good_until = 0.0

    def checks(self) -> Checks:
        """Return each check's word, found a second ago at most."""
        with self._turn:
            if time.monotonic() >= self._good_until:
                self._kept = self._look()
                self._good_until = time.monotonic() + KEPT_SECONDS
            return self._kept

    def _look(self) -> Checks:
        end = time.monotonic() + PATIENCE_SECONDS
        for look in self._looks:
            look.start()
        found: Checks = {}
        for look in self._looks:
            found |= look.wait(end - time.monotonic())
        return found


def is_ready(checks: Checks) -> bool:
    """Tell whether requests can be served. Counting limits elsewhere and late deliveries are no hindrance."""
    return not _NOT_READY & checks.items()


def look_at_database() -> Checks:
    """Look whether the database answers, and whether its migration is the code's."""
    state = _state_if_there()
    if state is None:
        return {"database": AWAY, "migrations": UNKNOWN}
    return {"database": OK, "migrations": OK if state.revision == known_revisions()[-1] else PENDING}


def look_at_deliveries() -> Checks:
    """Look whether something that is to be sent is overdue. Of a database that is away its own check tells."""
    try:
        return {"deliveries": LATE if are_late() else OK}
    except database_errors():
        return {"deliveries": OK}


def _state_if_there() -> State | None:
    """Return the state of the database. Where the pool's connection has broken, a new one is the judge."""
    try:
        try:
            return read_state()
        except database_errors():
            return _read_anew()
    except database_errors() as error:
        if (fault := fault_of(error)) is None:
            raise
        report(fault, error)
        return None


def _read_anew() -> State:
    pool = db.engine.pool.recreate()
    try:
        return read_state(pool)
    finally:
        pool.dispose()
