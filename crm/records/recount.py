"""Checking the kept totals and numbers against the records themselves, and mending what is wrong.

They are kept in the transaction of each record, so only changes made past the application can put them wrong.
"""

from typing import NamedTuple

from sqlalchemy import BigInteger, Connection, String, cast, func, select, text, union_all

from crm.access.scope import alive
from crm.changes.journal import JOURNAL
from crm.database.locks import lock_table
from crm.database.query import Query
from crm.models import NO_TEAM, RECORDS, Change, Counter, PrunedChanges
from crm.models.base import Record
from crm.records.counters import FIRST_NUMBER


class Mended(NamedTuple):
    """A counter that was wrong: whose it is, and its total and last number before and after."""

    resource: str
    team_id: int
    before: tuple[int, int]
    after: tuple[int, int]


def recount(connection: Connection) -> list[Mended]:
    """Mend every wrong counter within a transaction, which nobody else can create records in, and return them."""
    lock_table(connection, Counter.__tablename__, "SHARE ROW EXCLUSIVE")
    mended = find_wrong()
    for counter in mended:
        _set(connection, counter)
    return mended


def find_wrong() -> list[Mended]:
    """Return how every wrong counter would be mended. To be called where all is read as of one moment."""
    kept = {
        (resource, team_id): (live, last) for team_id, resource, last, live in Query(select(Counter.__table__)).rows()
    }
    mended = []
    counted = {model.__tablename__: _count(model) for model in RECORDS}
    for resource, of_teams in {**counted, JOURNAL: _count_changes()}.items():
        for team_id, (live, last) in of_teams.items():
            before = kept.pop((resource, team_id), (0, 0 if resource == JOURNAL else FIRST_NUMBER - 1))
            after = live, max(last, before[1])  # a number is never given twice
            if before != after:
                mended.append(Mended(resource, team_id, before, after))
    return mended + [Mended(*key, before, (0, before[1])) for key, before in kept.items() if before[0]]


def _count(model: type[Record]) -> dict[int, tuple[int, int]]:
    """Return for each team how many live records it has and the last number given."""
    table = model.__table__
    team = func.coalesce(table.c.team_id, NO_TEAM)
    live = func.count().filter(alive(table))
    last = func.count() + FIRST_NUMBER - 1
    if model.number:
        column, prefix = model.number
        digits = func.substr(table.c[column], len(prefix) + 1, type_=String)
        last = func.max(cast(digits, BigInteger))
    rows = Query(select(team, live, last).group_by(team)).rows()
    return {team_id: (total, last_number) for team_id, total, last_number in rows}


def _count_changes() -> dict[int, tuple[int, int]]:
    """Return for each team the last sequence that its journal has given; of live records it has none."""
    given = union_all(*(select(model.team_id, model.sequence) for model in (Change, PrunedChanges))).subquery()
    rows = Query(select(given.c.team_id, func.max(given.c.sequence)).group_by(given.c.team_id)).rows()
    return {team_id: (0, last) for team_id, last in rows}


def _set(connection: Connection, counter: Mended) -> None:
    live, last = counter.after
    values = {"team_id": counter.team_id, "resource": counter.resource, "live": live, "last": last}
    connection.execute(
        text(
            "INSERT INTO counters (team_id, resource, last_number, live_records)"
            " VALUES (:team_id, :resource, :last, :live)"
            " ON CONFLICT (team_id, resource) DO UPDATE SET last_number = :last, live_records = :live"
        ),
        values,
    )
