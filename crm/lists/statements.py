"""The SQL of a list's questions. A bounded number of statements is kept, those that were used last."""

from functools import lru_cache, partial
from typing import Any, NamedTuple

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    FromClause,
    Select,
    SelectBase,
    bindparam,
    cast,
    func,
    literal_column,
    select,
)

from crm.access.scope import counters_in_scope, of_team, visible, without_team
from crm.database.projection import Projection
from crm.database.query import Query
from crm.lists.cursors import is_after, sort_values
from crm.lists.few_first import few_first
from crm.lists.filters import ONLY, Filters
from crm.lists.near_first import near_first
from crm.lists.questions import OPEN, SEARCH, Shape
from crm.lists.search import has_word
from crm.lists.sorting import Ordered, Sorting, SortKey, in_index_order
from crm.models import Counter
from crm.models.base import Record
from crm.schemas.fields.asking import FOUND_IN_ORDER

_KEPT = 256


class Page(NamedTuple):
    """A page as far as its SQL goes."""

    sort: tuple[SortKey, ...]
    shape: Shape
    limit: int
    has_offset: bool = False
    is_walk: bool = False
    after: tuple[bool, ...] | None = None
    """On a walk, which values of the position after which it begins are null."""


class Statements:
    """The statements of one resource's list: its total, counts of what is asked, and pages."""

    def __init__(self, model: type[Record], projection: Projection, sorting: Sorting, filters: Filters):
        self.model = model
        self.table = model.__table__
        self.projection = projection
        self.sorting = sorting
        self.filters = filters
        self.total = Query(
            select(cast(func.coalesce(func.sum(Counter.live_records), 0), BigInteger)).where(
                Counter.resource == model.__tablename__, *counters_in_scope()
            )
        )
        self.count = lru_cache(maxsize=_KEPT)(self._make_count)
        self.page = lru_cache(maxsize=_KEPT)(self._make_page)

    def _make_count(self, shape: Shape) -> Query:
        counted = select(func.count()).select_from(self.table)
        counted = counted.where(*self._in_scope(shape), *self._asked(shape, self.table))
        return Query(counted, planned_anew=True).settled()

    def _make_page(self, page: Page) -> Query:
        """Return the query of a page.

        The ids of the page are found first, on the index alone: a page far out joins no row that it skips. The size
        stands in the SQL, and the first page has no offset, so that PostgreSQL keeps its plan from one request to the
        next instead of planning anew for each value. What is asked for it plans anew.
        """
        order = self.sorting.order(page.sort, self.table)
        in_page = self.table.c.id.in_(self._ids(page, order))
        rows: Select[Any] = self.projection.select().where(in_page).order_by(*(key.sql for key in order))
        shown = rows.add_columns(*sort_values(self.table, order)) if page.is_walk else rows
        return Query(shown, planned_anew=page.shape != OPEN).settled()

    def _ids(self, page: Page, order: list[Ordered]) -> SelectBase:
        """Return the SELECT of the ids of a page."""
        in_scope = self._in_scope(page.shape)
        if page.after is not None:
            in_scope.append(is_after(self.table, order, page.after))
        if self._has_index_of_another_table(page):
            return few_first(self.table, [*in_scope, *self._asked(page.shape, self.table)], order, page.limit)
        if self._has_index_in_other_order(page):
            asked, sorted_by = partial(self._asked, page.shape), partial(self.sorting.order, page.sort)
            return near_first(self.table, in_scope, asked, sorted_by, page.limit)
        ids = select(self.table.c.id).where(*in_scope, *self._asked(page.shape, self.table))
        ids = ids.order_by(*in_index_order(self.table, order)).limit(literal_column(str(page.limit)))
        if page.has_offset:
            ids = ids.offset(bindparam("offset", type_=BigInteger))
        return select(ids.subquery().c.id)

    def _has_index_of_another_table(self, page: Page) -> bool:
        """Tell whether an index of another table finds what is asked, however the page is sorted."""
        if page.has_offset or page.shape.deleted:
            return False
        return any(self.filters.fields[name].has_own_index for name, _ in page.shape.conditions)

    def _has_index_in_other_order(self, page: Page) -> bool:
        """Tell whether an index is in the order of a page, and another one finds what is asked."""
        indexed = self.model.indexed()
        by = page.sort[0].field
        if page.has_offset or page.shape.deleted or by not in indexed:
            return False
        found = (name in indexed - {by} and operator in FOUND_IN_ORDER for name, operator in page.shape.conditions)
        return page.shape.words > 0 or any(found)

    def _in_scope(self, shape: Shape) -> list[ColumnElement[bool]]:
        scope = (*(of_team(self.model) if shape.deleted else visible(self.model)), without_team(self.model))
        return [*scope, self.table.c.deleted_at.is_not(None)] if shape.deleted == ONLY else [*scope]

    def _asked(self, shape: Shape, table: FromClause) -> list[ColumnElement[bool]]:
        return [
            *(table.c[name] == bindparam(name) for name in shape.old),
            *self.filters.sql(shape.conditions, table),
            *(has_word(table, f"{SEARCH}{place}") for place in range(shape.words)),
        ]
