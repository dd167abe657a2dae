"""What a list is asked: in which order, which rows, and which part of them."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from crm.lists.cursors import Position
from crm.lists.filters import Asked, Condition
from crm.lists.search import search_values
from crm.lists.sorting import SortKey

SORT, SEARCH = "sort", "search"


class Shape(NamedTuple):
    """Which rows a list holds, without the values: what the SQL depends on."""

    conditions: tuple[Condition, ...] = ()
    deleted: str | None = None
    words: int = 0
    old: tuple[str, ...] = ()


OPEN = Shape()
"""All live rows."""


class Question(NamedTuple):
    """What a list is asked: how to sort, and which rows."""

    sort: tuple[SortKey, ...]
    filters: Asked
    words: tuple[str, ...]
    old: Mapping[str, Any]

    @property
    def finds_nothing(self) -> bool:
        """Whether one of the old filters cannot match."""
        return None in self.old.values()

    def values(self) -> dict[str, Any]:
        """Return the values of its parameters."""
        values = {**self.filters.values, **self.old}
        for place, word in enumerate(self.words):
            values |= search_values(f"{SEARCH}{place}", word)
        return values

    def shape(self) -> Shape:
        """Return what its SQL depends on."""
        return Shape(self.filters.conditions, self.filters.deleted, len(self.words), tuple(sorted(self.old)))


class Part(NamedTuple):
    """Which part of the rows is read: at most so many, from a number on or, on a walk, after a position."""

    limit: int
    offset: int = 0
    after: Position | None = None
    is_walk: bool = False
