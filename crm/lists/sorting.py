"""How a list is sorted: by up to three fields, null before every value, of equal rows the newest first."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, FromClause

from crm.schemas.fields import Field

DEFAULT_SORT = "-created_at"
MAX_KEYS = 3


class SortKey(NamedTuple):
    """A field to sort by."""

    field: str
    is_descending: bool


class Ordered(NamedTuple):
    """One expression of an ORDER BY."""

    value: ColumnElement[Any]
    is_descending: bool
    may_be_null: bool

    @property
    def sql(self) -> ColumnElement[Any]:
        """The expression as it stands there; null comes before every value."""
        ordered = self.value.desc() if self.is_descending else self.value.asc()
        if not self.may_be_null:
            return ordered
        return ordered.nulls_last() if self.is_descending else ordered.nulls_first()


class Sorting:
    """What a list can be sorted by, by the fields of its schema."""

    def __init__(self, fields: Mapping[str, Any]):
        self.fields: dict[str, Field] = {name: field for name, field in fields.items() if field.is_sorted}

    def read(self, text: str | None) -> tuple[SortKey, ...]:
        """Return the first fields of a `sort` that are offered, each once; the default if there is none."""
        named = dict.fromkeys(name for name in (text or "").split(",") if name.removeprefix("-") in self.fields)
        keys: dict[str, SortKey] = {}
        for name in named:
            field = name.removeprefix("-")
            keys.setdefault(field, SortKey(field, name.startswith("-")))
        return tuple(keys.values())[:MAX_KEYS] or self.read(DEFAULT_SORT)

    def order(self, keys: tuple[SortKey, ...], table: FromClause) -> list[Ordered]:
        """Return the expressions to sort the rows of a table by, of which the last is the row id."""
        ordered = [
            Ordered(value, key.is_descending, self.fields[key.field].may_be_null(table))
            for key in keys
            for value in self.fields[key.field].sort_keys(table)
        ]
        return [*ordered, Ordered(table.c.id, True, False)]


def written(keys: tuple[SortKey, ...]) -> str:
    """Return fields to sort by as a query names them."""
    return ",".join(f"{'-' if key.is_descending else ''}{key.field}" for key in keys)


def in_index_order(table: FromClause, order: Sequence[Ordered]) -> list[ColumnElement[Any]]:
    """Return what to sort by such that the indexes of records, which begin with the team, are read in their order.

    There is one team or, without teams, none: so it comes first, in the direction of what the rows are sorted by.
    """
    team = Ordered(table.c.team_id, order[0].is_descending, may_be_null=False)
    return [key.sql for key in (team, *order)]
