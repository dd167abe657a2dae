"""Removing changes that are kept no longer; the last of them is remembered, so that followers learn of a gap.

What somebody still needs stays, and so does all that comes after it: a journal without holes.
"""

from collections.abc import Callable, Iterator
from datetime import datetime

from sqlalchemy import BigInteger, bindparam, delete, func, select, text

from crm.database.connections import transaction
from crm.database.query import Query
from crm.models import Change
from crm.models.types import Timestamp

AT_ONCE = 5000
"""How many changes one transaction removes: nobody waits long for it."""

Needed = Callable[[int], int | None]
"""Returns the sequence of the first change of a team that is still needed, None if none is."""

_NEVER = 2**62
"""A sequence that no change will have."""
_OLD = Change.occurred_at < bindparam("before", type_=Timestamp)
_OF_TEAM = Change.team_id == bindparam("team_id", type_=BigInteger)
_TEAMS = Query(text("SELECT team_id FROM counters WHERE resource = 'changes' ORDER BY team_id"))
_UNNEEDED = Change.sequence < bindparam("needed", type_=BigInteger)
_COUNT = Query(select(func.count()).select_from(Change).where(_OF_TEAM, _OLD, _UNNEEDED))
_OLDEST = Query(
    select(Change.sequence, Change.id)
    .where(_OF_TEAM, _OLD, _UNNEEDED)
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


def nothing_needed(_team_id: int) -> int | None:
    """Tell that no change is needed any more."""
    return None


def count_changes(before: datetime, first_needed: Needed = nothing_needed) -> int:
    """Return how many changes `prune_changes` would remove."""
    return sum(
        int(_COUNT.rows(team_id=team_id, before=before, needed=_end(team_id, first_needed))[0][0])
        for (team_id,) in _TEAMS.rows()
    )


def prune_changes(before: datetime, first_needed: Needed = nothing_needed) -> Iterator[int]:
    """Remove the changes that were made before a moment, of all teams; after each portion yield how many it held."""
    for (team_id,) in _TEAMS.rows():
        while removed := _prune_some(team_id, before, _end(team_id, first_needed)):
            yield removed


def _end(team_id: int, first_needed: Needed) -> int:
    """Return the sequence before which changes of a team may be removed."""
    needed = first_needed(team_id)
    return _NEVER if needed is None else needed


def _prune_some(team_id: int, before: datetime, needed: int) -> int:
    with transaction():
        oldest = _OLDEST.rows(team_id=team_id, before=before, needed=needed, limit=AT_ONCE)
        if not oldest:
            return 0
        sequence, change_id = oldest[-1]
        _REMEMBERING.execute(team_id=team_id, sequence=sequence, id=change_id)
        return _REMOVAL.execute(team_id=team_id, before=before, sequence=sequence)
