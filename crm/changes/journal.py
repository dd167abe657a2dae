"""Noting changes, in the transaction that makes them and as its last statement.

The counter `changes` of the team is raised right before the commit and stays locked until then. So the sequence has no
holes and is the order of the commits: whoever has read up to one has missed none before it.
"""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from typing import Any, NamedTuple

import orjson
from flask import has_request_context
from sqlalchemy import text

from crm.access import acting
from crm.database.connections import at_commit
from crm.database.projection import Json
from crm.database.query import Query
from crm.extensions import db
from crm.http.request_id import request_id
from crm.models import NO_TEAM
from crm.models.base import Record
from crm.models.types import new_external_id

CREATED, UPDATED, DELETED, RESTORED = "created", "updated", "deleted", "restored"
"""What happens to records, beside what an action has a word of its own for."""

JOURNAL = "changes"
"""What the counters call the journal, beside the resources."""

_AT_ONCE = 1000


class Noted(NamedTuple):
    """A change of one record: what happened to it, and what it is since then."""

    model: type[Record]
    word: str
    record_id: str
    """Its `external_id`."""
    team_id: int | None
    version: int
    moment: datetime
    changed: Json | None = None
    """For each field that differs its values `from` and `to`, as JSON shows them."""


def type_of(model: type[Record], word: str) -> str:
    """Return the type of a change: the singular of the resource, and what happened to the record."""
    return f"{model.__name__.lower()}.{word}"


def note(changes: Iterable[Noted]) -> None:
    """Have changes written when the open transaction is committed, in this order and after those noted before."""
    at_commit(_write).extend(changes)


def _write(noted: list[Noted]) -> None:
    """Write changes, those of each team with the numbers that follow, and the teams in order."""
    of_teams: dict[int, list[Noted]] = defaultdict(list)
    for change in noted:
        of_teams[change.team_id or NO_TEAM].append(change)
    who = _who()
    for team_id, changes in sorted(of_teams.items()):
        for start in range(0, len(changes), _AT_ONCE):
            some = changes[start : start + _AT_ONCE]
            rows = [{"place": place, **_row(change), **who} for place, change in enumerate(some, 1)]
            _append(team_id, len(some), orjson.dumps(rows, option=orjson.OPT_OMIT_MICROSECONDS).decode())


def _append(team_id: int, more: int, rows: str) -> None:
    """Raise the team's counter and add rows, given as JSON; on PostgreSQL in one exchange, since others wait for it."""
    if db.engine.dialect.name == "postgresql":
        _COUNT_AND_ADD.execute(team_id=team_id, journal=JOURNAL, more=more, rows=rows)
    else:
        ((last,),) = _COUNT.rows(team_id=team_id, journal=JOURNAL, more=more)
        _ADD.execute(team_id=team_id, before=last - more, rows=rows)


def _who() -> dict[str, Any]:
    """Return who is acting, by which token and in which request; nothing of that on the command line."""
    caller = acting.caller_if_any()
    return {
        "user_id": caller and caller.id,
        "user_name": caller and caller.name,
        "token_id": caller and caller.token_id,
        "token_name": caller and caller.token_name,
        "request_id": request_id() if has_request_context() else None,
    }


def _row(change: Noted) -> dict[str, Any]:
    return {
        "id": new_external_id(),
        "type": type_of(change.model, change.word),
        "resource": change.model.__tablename__,
        "record_id": change.record_id,
        "version": change.version,
        "occurred_at": change.moment,
        "changed": None if change.changed is None else orjson.dumps(change.changed).decode(),
    }


_COLUMNS = {
    "id": "uuid",
    "type": "text",
    "resource": "text",
    "record_id": "uuid",
    "version": "integer",
    "occurred_at": "timestamptz",
    "user_id": "bigint",
    "user_name": "text",
    "token_id": "bigint",
    "token_name": "text",
    "request_id": "text",
    "changed": "text",
}
"""The columns of `changes` beside its key, with their types on PostgreSQL."""

_COUNT_SQL = (
    "INSERT INTO counters (team_id, resource, last_number, live_records) VALUES (:team_id, :journal, :more, 0)"
    " ON CONFLICT (team_id, resource) DO UPDATE SET last_number = counters.last_number + :more RETURNING last_number"
)
_INSERT_SQL = f"INSERT INTO changes (team_id, sequence, {', '.join(_COLUMNS)}) SELECT"
_TYPED = ", ".join(f"{name} {kind}" for name, kind in _COLUMNS.items())
_EXTRACTED = ", ".join(f"json_extract(value, '$.{name}')" for name in _COLUMNS)

_COUNT_AND_ADD = Query(
    text(
        f"WITH counted AS ({_COUNT_SQL}) {_INSERT_SQL} :team_id, last_number - :more + place, {', '.join(_COLUMNS)}"
        f" FROM counted, json_to_recordset(CAST(:rows AS json)) AS noted (place bigint, {_TYPED})"
    )
)
_COUNT = Query(text(_COUNT_SQL))
_ADD = Query(
    text(f"{_INSERT_SQL} :team_id, :before + json_extract(value, '$.place'), {_EXTRACTED} FROM json_each(:rows)")
)
