"""The feed: a team's changes from a position on, in their sequence.

All that a page takes is read at one moment, so that nothing can be removed between the look whether something was
missed and the reading of what comes next.
"""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from sqlalchemy import BigInteger, ColumnElement, Select, bindparam, func, literal_column, select, union_all

from crm.access.scope import in_team
from crm.changes.position import START, Bookmark, Position
from crm.changes.reading import SHOWN, shown
from crm.database.connections import snapshot
from crm.database.functions import any_of
from crm.database.projection import Json
from crm.database.query import Query
from crm.http.errors import Refusal
from crm.models import Change, PrunedChanges

MAX_BYTES = 4 * 1024 * 1024
"""How long a page may become; a single change is always shown."""

_AT_ONCE = 50
_NOTHING = Bookmark(START, START)
_EXPIRED = "The cursor has expired. Read everything again, then follow from a new cursor."

_LAST = select(func.max(Change.sequence)).where(*in_team(Change)).scalar_subquery()


def _named(
    name: str, model: type[Change] | type[PrunedChanges], *conditions: ColumnElement[bool]
) -> Select[Any, int, str]:
    """Return the SELECT of one position in the journal, under a name."""
    position: Select[Any, int, str] = select(literal_column(f"'{name}'").label("name"), model.sequence, model.id)
    return position.where(*in_team(model), *conditions)


_STATE = Query(
    union_all(
        _named("latest", Change, Change.sequence == _LAST),
        _named("read", Change, Change.sequence == bindparam("read", type_=BigInteger)),
        _named("then latest", Change, Change.sequence == bindparam("then_latest", type_=BigInteger)),
        _named("pruned", PrunedChanges),
    )
)
_NEXT = Query(
    select(*SHOWN, Change.id)
    .where(
        *in_team(Change),
        Change.sequence > bindparam("sequence", type_=BigInteger),
        any_of(Change.resource, "resources"),
    )
    .order_by(Change.sequence)
    .limit(bindparam("limit", type_=BigInteger))
)


class Page(NamedTuple):
    """Changes as JSON text, the cursor to go on from, and whether there are more of those picked."""

    changes: list[bytes]
    cursor: str
    has_more: bool


def latest() -> Page:
    """Return a page without changes, whose cursor is that of now."""
    now = _state(_NOTHING)["latest"]
    return Page([], Bookmark(now, now).cursor(), has_more=False)


def read_on(
    after: Bookmark | None, limit: int, resources: Sequence[str], write: Callable[[list[Json]], list[bytes]]
) -> Page:
    """Return up to `limit` changes of some resources that come after a position, or from the oldest that is kept.

    `write` makes the JSON text of changes, a few at a time. Raises Refusal (410) if something after the position has
    been removed, or if it is one of another history.
    """
    with snapshot():
        state = _state(after or _NOTHING)
        here = state["pruned"] if after is None else _require_known(after, state)
        now = state["latest"]
        page: list[bytes] = []
        size = 0
        while True:
            wanted = min(_AT_ONCE, limit + 1 - len(page))
            rows = _NEXT.rows(sequence=here.sequence, resources=[*resources], limit=wanted)
            for row, text in zip(rows, write([shown(row[:-1]) for row in rows]), strict=True):
                size += len(text)
                if len(page) == limit or (page and size > MAX_BYTES):
                    return Page(page, Bookmark(here, now).cursor(), has_more=True)
                page.append(text)
                here = Position(row[0], str(row[-1]))
            if len(rows) < wanted:
                return Page(page, Bookmark(now, now).cursor(), has_more=False)


def _state(after: Bookmark) -> dict[str, Position]:
    """Return the positions of the latest change, of the last that was removed, and those of the bookmark if kept."""
    rows = _STATE.rows(read=after.read.sequence, then_latest=after.latest.sequence)
    found = {name: Position(sequence, str(change_id)) for name, sequence, change_id in rows}
    pruned = found.setdefault("pruned", START)
    found["latest"] = max(found.get("latest", pruned), pruned)  # by a clock that was put back, less may be kept
    return found


def _require_known(after: Bookmark, state: dict[str, Position]) -> Position:
    """Return a position that is of this history and has missed nothing. Raises Refusal (410) for any other.

    What was the latest change then has to be there as well: the records that were shown may have been as it left them.
    """
    pruned = state["pruned"]
    are_known = after.read in (pruned, state.get("read")) and after.latest in (pruned, state.get("then latest"))
    if not are_known or after.read.sequence < pruned.sequence:
        raise Refusal(410, _EXPIRED)
    return after.read
