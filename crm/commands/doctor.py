"""`flask crm doctor`: looks at all that an installation needs, and says of each what is to be done, if anything is."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import click
from flask import current_app
from sqlalchemy import DateTime, func, select

from crm.commands.group import crm
from crm.commands.seed import count_missing
from crm.database.connections import snapshot
from crm.database.faults import database_errors, describe, fault_of
from crm.database.query import Query
from crm.extensions import db
from crm.models.types import now
from crm.operate import deliveries
from crm.operate.fitness import (
    State,
    check_not_newer,
    check_not_older,
    check_row_security,
    check_set_up,
    check_teams,
    find_fault,
    read_state,
)
from crm.operate.urls import own_database, without_secrets
from crm.records.recount import find_wrong

CLOCK_SECONDS = 2
"""How far the clocks of this machine and of the database may be apart."""


class Finding(NamedTuple):
    """What was found of something, and what to do about it, if anything."""

    found: str
    remedy: str | None = None


@crm.command(checks=())
def doctor() -> None:
    """Check settings, database, migrations, look-ups, counters, limits, deliveries and clock."""
    try:
        state = read_state()
    except database_errors() as error:
        if (fault := fault_of(error)) is None:
            raise
        findings = {"database": Finding(describe(error), fault.value), "limits": look_at_limits()}
    else:
        findings = {"settings": look_at_settings(state), "database": Finding(own_database())}
        findings |= look_within(state)
    for name, (found, remedy) in findings.items():
        click.echo(f"{'to do' if remedy else 'ok':6}{name:12}{found}{(remedy and f' {remedy}') or ''}")
    if any(finding.remedy for finding in findings.values()):
        click.get_current_context().exit(1)


def look_within(state: State) -> dict[str, Finding]:
    """Look at what is in the database, if it is as this code has it, and at what stands beside it."""
    migrations = look_at_migrations(state)
    within = {} if migrations.remedy else {name: looked(look) for name, look in _WITHIN.items()}
    return {"migrations": migrations, **within, "limits": look_at_limits(), "clock": look_at_clock()}


def looked(look: Callable[[], Finding]) -> Finding:
    """Return what is found by looking at something in the database, or why that cannot be looked at."""
    try:
        return look()
    except database_errors() as error:
        if (fault := fault_of(error)) is None:
            raise
        return Finding(describe(error), fault.value)


def look_at_settings(state: State) -> Finding:
    """Look whether they suit the database; that each can be used has been seen at the start."""
    return Finding("teams on" if current_app.config["TEAMS"] else "teams off", find_fault(state, _SETTINGS))


def look_at_migrations(state: State) -> Finding:
    """Look whether the database is as this code has it."""
    return Finding(state.revision or "none", find_fault(state, _MIGRATION))


def look_at_lookups() -> Finding:
    """Look whether the look-up rows are there that come with the code."""
    missing = count_missing()
    return Finding(f"{missing} missing", (missing and "Run `flask --app wsgi crm seed`.") or None)


def look_at_counters() -> Finding:
    """Look whether the kept totals and last numbers are those of the records."""
    with snapshot():
        wrong = find_wrong()
    return Finding(f"{len(wrong)} wrong", (wrong and "Run `flask --app wsgi crm recount`.") or None)


def look_at_limits() -> Finding:
    """Look whether the counts are where the setting says."""
    storage = without_secrets(current_app.config["RATELIMIT_STORAGE_URL"])
    there = all(limiter.storage.check() for limiter in current_app.extensions["limiter"])
    remedy = "It does not answer: see that it runs, and check CRM_RATELIMIT_STORAGE_URL."
    return Finding(storage, None if there else remedy)


def look_at_deliveries() -> Finding:
    """Look whether something that is to be sent is overdue."""
    lag = deliveries.deliveries().lag_seconds()
    late = lag >= deliveries.LATE_SECONDS
    return Finding(f"due for {lag:.0f} seconds", "See that `flask --app wsgi crm deliver` runs." if late else None)


def look_at_clock() -> Finding:
    """Look whether this machine and that of the database have the same time."""
    if db.engine.dialect.name == "sqlite":
        return Finding("one machine")
    ((there,),) = Query(select(func.clock_timestamp(type_=DateTime(timezone=True)))).rows()
    apart = abs((now() - there).total_seconds())
    remedy = "Set the clocks of this machine and of the database by NTP." if apart > CLOCK_SECONDS else None
    return Finding(f"{apart:.1f} seconds apart from the database's", remedy)


_SETTINGS: Sequence[Callable[[State], str | None]] = (check_teams, check_row_security)
_MIGRATION: Sequence[Callable[[State], str | None]] = (check_not_newer, check_set_up, check_not_older)
_WITHIN = {"look-ups": look_at_lookups, "counters": look_at_counters, "deliveries": look_at_deliveries}
