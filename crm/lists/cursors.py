"""Pages by position: where a walk through a list is, and the rows that come after (beyond, section 15).

A cursor holds what the list was asked, and by what its last row was sorted. So rows may come, go and change meanwhile:
each that was there all the time is shown once. Of rows that are sorted alike the last one is named by its UUID: row ids
never leave the server.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Date,
    FromClause,
    Integer,
    and_,
    bindparam,
    false,
    func,
    literal_column,
    or_,
    select,
    true,
)
from sqlalchemy.types import TypeEngine

from crm.access.scope import team_key
from crm.http.arguments import refuse
from crm.http.signed import sign, unsign
from crm.lists.pages import CURSOR
from crm.lists.sorting import Ordered
from crm.models.types import Timestamp
from crm.schemas.fields import INVALID_REFERENCE

_PURPOSE = "lists"
_PARAMETER = "after"
_ABOVE_ALL = 2**63 - 1
"""More than any row id: of rows that are sorted alike those with the highest come first."""


class Position(NamedTuple):
    """The values by which the last row of a page is sorted, its UUID in the place of its row id, which is the last."""

    values: tuple[Any, ...]

    @property
    def shape(self) -> tuple[bool, ...]:
        """Which of the values are null: the SQL depends on it."""
        return tuple(value is None for value in self.values)

    def parameters(self) -> dict[str, Any]:
        """Return the values by the names of their parameters."""
        return {f"{_PARAMETER}{place}": value for place, value in enumerate(self.values) if value is not None}


class Cursor(NamedTuple):
    """What a cursor stands for: the query that it goes on with, and where."""

    query: Mapping[str, str]
    """The parameters that the list was asked with, as they were written."""
    position: Position | None
    """None at the beginning."""


def write_cursor(resource: str, cursor: Cursor) -> str:
    """Return a cursor as text, good for the list of one resource in the request's team."""
    values = [_plain(value) for value in cursor.position.values] if cursor.position else []
    return sign([resource, team_key(), dict(cursor.query), values], _PURPOSE)


def read_cursor(resource: str, text: str) -> Cursor:
    """Return what a cursor stands for. Raises ValueError for a forged one, and for another list's or team's."""
    of_resource, team, query, values = unsign(text, _PURPOSE)
    if (of_resource, team) != (resource, team_key()):
        raise ValueError("The cursor is another list's.")
    return Cursor(query, Position(tuple(values)))


def typed(position: Position, table: FromClause, order: Sequence[Ordered]) -> Position:
    """Return a position with the Python values of the types that its list is sorted by.

    Raises ValidationFailed for one of another order: of a version of this program that sorted otherwise.
    """
    if len(position.values) != len(order):
        refuse(CURSOR, INVALID_REFERENCE)
    pairs = zip(position.values, sort_values(table, order), strict=True)
    return Position(tuple(_of_type(value, expression.type) for value, expression in pairs))


def sort_values(table: FromClause, order: Sequence[Ordered]) -> list[ColumnElement[Any]]:
    """Return the expressions of a row's position."""
    return [*(key.value for key in order[:-1]), table.c.external_id]


def is_after(table: FromClause, order: Sequence[Ordered], shape: Sequence[bool]) -> ColumnElement[bool]:
    """Return the condition that a row comes after a position, of which `shape` says which values are null.

    The first expression also bounds the rows by itself, so that an index over it is read from there on.
    """
    given = [_parameter(place, value) for place, value in enumerate(sort_values(table, order))]
    given[-1] = _row_id(table, given[-1])
    keys = [_Key(*parts) for parts in zip(order, given, shape, strict=True)]
    steps = [and_(*(key.same() for key in keys[:place]), key.after()) for place, key in enumerate(keys)]
    return and_(keys[0].from_here(), or_(*steps))


class _Key:
    """One expression of the order, and its value at the position."""

    def __init__(self, key: Ordered, given: ColumnElement[Any], is_null: bool):
        self.key = key
        self.given = given
        self.is_null = is_null

    def same(self) -> ColumnElement[bool]:
        return self.key.value.is_(None) if self.is_null else self.key.value == self.given

    def after(self) -> ColumnElement[bool]:
        value = self.key.value
        if self.is_null:
            return false() if self.key.is_descending else value.is_not(None)
        return self._or_null(value < self.given) if self.key.is_descending else value > self.given

    def from_here(self) -> ColumnElement[bool]:
        value = self.key.value
        if self.is_null:
            return value.is_(None) if self.key.is_descending else true()
        return self._or_null(value <= self.given) if self.key.is_descending else value >= self.given

    def _or_null(self, condition: ColumnElement[bool]) -> ColumnElement[bool]:
        return or_(condition, self.key.value.is_(None)) if self.key.may_be_null else condition


def _parameter(place: int, value: ColumnElement[Any]) -> ColumnElement[Any]:
    kind = BigInteger() if isinstance(value.type, Integer) else value.type
    return bindparam(f"{_PARAMETER}{place}", type_=kind)


def _row_id(table: FromClause, external_id: ColumnElement[Any]) -> ColumnElement[Any]:
    """Return the row id of a UUID. If the row is gone for good, all that are sorted alike come again, not none."""
    last = table.alias()
    row_id = select(last.c.id).where(last.c.external_id == external_id).scalar_subquery()
    return func.coalesce(row_id, literal_column(str(_ABOVE_ALL)))


def _plain(value: Any) -> Any:
    """Return a value of a row as JSON can hold it."""
    if isinstance(value, date):
        return value.isoformat()
    return str(value) if isinstance(value, UUID) else value


def _of_type(value: Any, kind: TypeEngine[Any]) -> Any:
    if isinstance(value, str) and isinstance(kind, Timestamp):
        return datetime.fromisoformat(value)
    return date.fromisoformat(value) if isinstance(value, str) and isinstance(kind, Date) else value
