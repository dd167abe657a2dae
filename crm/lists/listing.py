"""The rows of a list: filtered, searched, sorted and counted (contract, section 6; beyond, section 15)."""

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any, NamedTuple

from marshmallow import Schema
from sqlalchemy import BigInteger, ColumnElement, Select, bindparam, cast, func, literal_column, select

from crm.access.scope import counters_in_scope, of_team, visible, without_team
from crm.database.projection import Json, Projection
from crm.database.query import Query, Row
from crm.http.responses import WrittenArray
from crm.http.text import trim
from crm.lists.cursors import Position, is_after, typed
from crm.lists.filters import ONLY, Asked, Condition, Filters
from crm.lists.search import has_word, read_words
from crm.lists.showing import Shown
from crm.lists.sorting import Ordered, Sorting, SortKey
from crm.lists.writing import AT_ONCE, write_records
from crm.models import Counter
from crm.models.base import Record

OldFilters = Mapping[str, Callable[[str], Any]]
"""The filters of earlier clients, each named as its column: from text to a value, None if none can match."""

SORT, SEARCH = "sort", "search"
_COMPILED = 256
_LARGEST_OFFSET = 2**63 - 1
"""The most rows that a database can be told to skip."""


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
        words = {f"{SEARCH}{place}": word for place, word in enumerate(self.words)}
        return {**self.filters.values, **self.old, **words}

    def shape(self) -> "Shape":
        """Return what its SQL depends on."""
        return Shape(self.filters.conditions, self.filters.deleted, len(self.words), tuple(sorted(self.old)))


class Shape(NamedTuple):
    """Which rows a list holds, without the values."""

    conditions: tuple[Condition, ...] = ()
    deleted: str | None = None
    words: int = 0
    old: tuple[str, ...] = ()


OPEN = Shape()
"""All live rows."""


class Part(NamedTuple):
    """Which part of the rows is read: at most so many, from a number on or, on a walk, after a position."""

    limit: int
    offset: int = 0
    after: Position | None = None
    is_walk: bool = False


Place = tuple[bool, bool, tuple[bool, ...] | None]
"""Where a page begins, as far as its SQL goes: whether rows are skipped, whether it is of a walk, after which nulls."""


class Listing:
    """The list of one resource. A bounded number of its statements is kept, those that were used last."""

    def __init__(self, model: type[Record], projection: Projection, schema: Schema, old: OldFilters):
        self.model = model
        self.table = model.__table__
        self.projection = projection
        self.sorting = Sorting(schema.dump_fields, self.table)
        self.filters = Filters(schema.fields, self.table)
        self.old = old
        self._total = Query(
            select(cast(func.coalesce(func.sum(Counter.live_records), 0), BigInteger)).where(
                Counter.resource == model.__tablename__, *counters_in_scope()
            )
        )
        self._count = lru_cache(maxsize=_COMPILED)(self._make_count)
        self._page = lru_cache(maxsize=_COMPILED)(self._make_page)

    def ask(self, query: Mapping[str, str]) -> Question:
        """Return what the parameters of a query ask. Raises ValidationFailed for a newer one that cannot be read."""
        asked = {name: text for name, text in query.items() if name not in (SORT, SEARCH) and name not in self.old}
        old = {name: query[name] for name in self.old if trim(query.get(name, ""))}
        return Question(
            self.sorting.read(query.get(SORT)),
            self.filters.read(asked),
            read_words(query.get(SEARCH, ""), SEARCH),
            {name: self.old[name](text) for name, text in old.items()},
        )

    def count(self, question: Question) -> int:
        """Return how many rows there are."""
        if question.finds_nothing:
            return 0
        shape = question.shape()
        query = self._total if shape == OPEN else self._count(shape)
        return int(query.rows(**question.values())[0][0])

    def rows(self, question: Question, part: Part) -> list[Row]:
        """Return a part of the rows, as the projection takes them; on a walk with what each is sorted by at its end.

        Raises ValidationFailed for a position that is none in this order.
        """
        if question.finds_nothing or part.offset > _LARGEST_OFFSET:
            return []
        values = question.values()
        if part.offset:
            values["offset"] = part.offset
        if part.after is None:
            place: Place = (bool(part.offset), part.is_walk, None)
        else:
            after = typed(part.after, self.sorting.order(question.sort))
            values |= after.parameters()
            place = (False, True, after.shape)
        return self._page(question.sort, question.shape(), part.limit, place).rows(**values)

    def records(self, rows: list[Row], shown: Shown) -> list[Json] | WrittenArray:
        """Return the JSON of rows; of many documents, as text."""
        if self.projection.of_documents and len(rows) > AT_ONCE:
            return write_records(self.projection, rows, shown)
        return shown.records(self.projection, rows)

    def sort_values(self, question: Question, row: Row) -> Row:
        """Return what a row of a walk is sorted by."""
        return row[-len(self.sorting.order(question.sort)) :]

    def _make_count(self, shape: Shape) -> Query:
        counted = select(func.count()).select_from(self.table).where(*self._conditions(shape))
        return Query(counted, planned_anew=True).settled()

    def _make_page(self, sort: tuple[SortKey, ...], shape: Shape, limit: int, place: Place) -> Query:
        """Return the query of a page.

        The ids of the page are found first, on the index alone: a page far out joins no row that it skips. The size
        stands in the SQL, and the first page has no offset, so that PostgreSQL keeps its plan from one request to the
        next instead of planning anew for each value.
        """
        has_offset, is_walk, after = place
        order = self.sorting.order(sort)
        ids = select(self.table.c.id).where(*self._conditions(shape), without_team(self.model))
        if after is not None:
            ids = ids.where(is_after(order, after))
        ids = ids.order_by(self._team(order[0]), *(key.sql for key in order)).limit(literal_column(str(limit)))
        if has_offset:
            ids = ids.offset(bindparam("offset", type_=BigInteger))
        in_page = self.table.c.id.in_(select(ids.subquery().c.id))
        rows: Select[Any] = self.projection.select().where(in_page).order_by(*(key.sql for key in order))
        if is_walk:
            rows = rows.add_columns(*(key.value for key in order))
        return Query(rows, planned_anew=shape != OPEN).settled()

    def _team(self, first: Ordered) -> ColumnElement[Any]:
        """Return the team, in the direction of what is sorted by first.

        There is one or, without teams, none; the indexes begin with it, and are read in their order if a sort does.
        """
        team: ColumnElement[Any] = self.table.c.team_id
        return team.desc() if first.is_descending else team.asc()

    def _conditions(self, shape: Shape) -> list[ColumnElement[bool]]:
        return [
            *(of_team(self.model) if shape.deleted else visible(self.model)),
            *([self.table.c.deleted_at.is_not(None)] if shape.deleted == ONLY else []),
            *(self.table.c[name] == bindparam(name) for name in shape.old),
            *self.filters.sql(shape.conditions),
            *(has_word(self.table, f"{SEARCH}{place}") for place in range(shape.words)),
        ]
