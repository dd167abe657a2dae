"""Whether the database is one that this code, with these settings, can work on (contract, sections 4 and 9)."""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from flask import current_app
from sqlalchemy import Pool

from crm.database.migrations import known_revisions
from crm.database.row_security import guarded, row_security_of
from crm.extensions import db
from crm.operate.urls import own_database

_HAS_TABLE = {
    "sqlite": "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?",
    "postgresql": "SELECT 1 WHERE to_regclass(%s) IS NOT NULL",
}


class State(NamedTuple):
    """What a database says of itself: its migration, None where there is none yet, and whether it holds a team.

    On PostgreSQL also which tables it keeps each team's rows of apart, and whether the user passes that by.
    """

    revision: str | None
    has_team: bool
    kept_apart: frozenset[str] = frozenset()
    passes_by: bool = False


Check = Callable[[State], str | None]
"""Returns one line that says why the database cannot be worked on and what mends it, or None."""


def read_state(pool: Pool | None = None) -> State:
    """Return the state of the application's database, seen by a connection of its own pool or of the one that is given.

    Raises what the driver does where it is away.
    """
    connection = (pool or db.engine.pool).connect()
    try:
        cursor = connection.cursor()
        revision, has_team = _first(cursor, "alembic_version", "version_num"), _first(cursor, "teams", "id") is not None
        if db.engine.dialect.name == "sqlite":
            return State(revision, has_team)
        return State(revision, has_team, *row_security_of(cursor))
    finally:
        connection.close()


def check_not_newer(state: State) -> str | None:
    """Refuse a database that newer code has migrated."""
    known = known_revisions()
    if state.revision is None or state.revision in known:
        return None
    return (
        f"The database is at migration {state.revision}, this code at {known[-1]}:"
        " install the newer code, which knows that migration."
    )


def check_set_up(state: State) -> str | None:
    """Refuse a database that there is nothing in."""
    if state.revision is not None:
        return None
    return (
        f"The database {own_database()} has not been set up: run `flask --app wsgi crm setup`,"
        " or set CRM_DATABASE_URL if it is not the one you mean."
    )


def check_not_older(state: State) -> str | None:
    """Refuse a database that is still to be migrated."""
    head = known_revisions()[-1]
    if state.revision != head and state.revision in known_revisions():
        return f"The database is at migration {state.revision}, this code at {head}: run `flask --app wsgi db upgrade`."
    return None


def check_teams(state: State) -> str | None:
    """Refuse a database that holds a team while teams mode is off: everybody would see everybody's records."""
    if state.has_team and not current_app.config["TEAMS"]:
        return "The database holds teams, whose records are kept apart with CRM_TEAMS=true alone: set it."
    return None


def check_row_security(state: State) -> str | None:
    """Refuse a database that does not keep the teams' rows apart as the setting says, or not from this user."""
    if not current_app.config["ROW_SECURITY"]:
        if not state.kept_apart or state.passes_by:
            return None
        return (
            "The database keeps the teams' rows apart: set CRM_ROW_SECURITY=true,"
            " or run `flask --app wsgi db upgrade` without it, which ends that."
        )
    if state.passes_by:
        return (
            "CRM_ROW_SECURITY=true is nothing to the database's user, who is a superuser or has BYPASSRLS:"
            " connect as one who has neither, and owns the tables."
        )
    if not state.kept_apart >= guarded().keys():
        return "The database does not keep the teams' rows apart yet: run `flask --app wsgi db upgrade`."
    return None


CHECKS: Sequence[Check] = (check_not_newer, check_set_up, check_not_older, check_teams, check_row_security)


def find_fault(state: State, checks: Sequence[Check] = CHECKS) -> str | None:
    """Return what the first of the checks that fails has to say, or None."""
    return next(filter(None, (check(state) for check in checks)), None)


def _first(cursor: Any, table: str, column: str) -> Any:
    """Return a value of the column, or None where there is no row, or no table yet."""
    cursor.execute(_HAS_TABLE[db.engine.dialect.name], (table,))
    if not cursor.fetchall():
        return None
    cursor.execute(f"SELECT {column} FROM {table} LIMIT 1")  # noqa: S608 (names of this module)
    return next((row[0] for row in cursor.fetchall()), None)
