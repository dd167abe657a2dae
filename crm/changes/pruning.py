"""Removing changes that are kept no longer; the last of them is remembered, so that followers learn of a gap."""

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import BigInteger, bindparam, delete, func, select, text

from crm.database.connections import transaction
from crm.database.query import Query
from crm.models import Change
from crm.models.types import Timestamp

AT_ONCE = 5000
"""How many changes one transaction removes: nobody waits long for it."""

_OLD = Change.occurred_at < bindparam("before", type_=Timestamp)
_OF_TEAM = Change.team_id == bindparam("team_id", type_=BigInteger)
_TEAMS = Query(text("SELECT team_id FROM counters WHERE resource = 'changes' ORDER BY team_id"))
_COUNT = Query(select(func.count()).select_from(Change).where(_OLD))
_OLDEST = Query(
    select(Change.sequence, Change.id)
    .where(_OF_TEAM, _OLD)
    .order_by(Change.sequence)
    .limit(bindparam("limit", type_=BigInteger))
)
_REMOVAL = Query(
    delete(Change.__table__).where(_OF_TEAM, _OLD, Change.sequence <= bindparam("sequence", type_=BigInteger))
)
_REMEMBERING = Query(
    text(
        "INSERT INTO pruned_changes (team_id, sequence, id) VALUES (:team_id, :sequence, :id)"
        " ON CONFLICT (team_id) DO UPDATE SET sequence = :sequence, id = :id"
        " WHERE pruned_changes.sequence < :sequence"
    )
)


def count_changes(before: datetime) -> int:
    """Return how many changes `prune_changes` would remove."""
    return int(_COUNT.rows(before=before)[0][0])


def prune_changes(before: datetime) -> Iterator[int]:
    """Remove all changes that were made before a moment, of all teams; after each portion yield how many it held."""
    for (team_id,) in _TEAMS.rows():
        while removed := _prune_some(team_id, before):
            yield removed


def _prune_some(team_id: int, before: datetime) -> int:
    with transaction():
        oldest = _OLDEST.rows(team_id=team_id, before=before, limit=AT_ONCE)
        if not oldest:
            return 0
        sequence, change_id = oldest[-1]
        _REMEMBERING.execute(team_id=team_id, sequence=sequence, id=change_id)
        return _REMOVAL.execute(team_id=team_id, before=before, sequence=sequence)
