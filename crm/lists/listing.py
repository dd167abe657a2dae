"""The rows of a list: filtered, sorted and counted (contract, section 6)."""

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, bindparam, cast, func, literal_column, select

from crm.access.scope import counters_in_scope, visible, without_team
from crm.database.functions import sort_keys
from crm.database.projection import NOTHING_MORE, Included, Json, Projection
from crm.database.query import Query
from crm.http.arguments import argument
from crm.http.responses import WrittenArray
from crm.http.text import trim
from crm.lists.pages import Page
from crm.lists.writing import AT_ONCE, write_records
from crm.models import Counter
from crm.models.base import Record

Filters = Mapping[str, Callable[[str], Any]]
"""For each filter, which is named as its column: from the text in the query to a value, None if none can match."""

_EVERYWHERE = ("created_at", "updated_at")
DEFAULT_SORT = "-created_at"


class Listing:
    """The list of one resource. Its queries are made once for each sort and set of filters."""

    def __init__(self, model: type[Record], projection: Projection, sorts: Sequence[str], filters: Filters):
        self.model = model
        self.table = model.__table__
        self.projection = projection
        self.sorts = (*sorts, *_EVERYWHERE)
        self.filters = filters
        self._total = Query(
            select(cast(func.coalesce(func.sum(Counter.live_records), 0), BigInteger)).where(
                Counter.resource == model.__tablename__, *counters_in_scope()
            )
        )
        self._counts: dict[frozenset[str], Query] = {}
        self._page = lru_cache(maxsize=256)(self._make_page)

    def read(self, page: Page, include: Included = NOTHING_MORE) -> tuple[list[Json] | WrittenArray, int]:
        """Return the records of a page and how many there are on all pages, as the request's query asks.

        The records of a long page of documents are JSON text.
        """
        given = self._given_filters()
        if None in given.values():
            return [], 0
        names = frozenset(given)
        total = self._count(names).rows(**given)[0][0]
        if page.offset >= total:
            return [], total
        query = self._page(self._requested_sort(), names, page.per_page, page.number == 1)
        offset = {} if page.number == 1 else {"offset": page.offset}
        with self.projection.reading():
            rows = query.rows(**offset, **given)
            if self.projection.of_documents and len(rows) > AT_ONCE:
                return write_records(self.projection, rows, include), total
            return self.projection.records(rows, include=include), total

    def _given_filters(self) -> dict[str, Any]:
        """Return the values that the request filters by, None for one that cannot match; a blank filter is none."""
        texts = {name: argument(name) for name in self.filters}
        return {name: self.filters[name](text) for name, text in texts.items() if text and trim(text)}

    def _requested_sort(self) -> str:
        sort = argument("sort") or DEFAULT_SORT
        return sort if sort.removeprefix("-") in self.sorts else DEFAULT_SORT

    def _count(self, names: frozenset[str]) -> Query:
        if not names:
            return self._total
        if names not in self._counts:
            self._counts[names] = Query(select(func.count()).select_from(self.table).where(*self._conditions(names)))
        return self._counts[names]

    def _make_page(self, sort: str, names: frozenset[str], per_page: int, is_first: bool) -> Query:
        """Return the query of a page.

        The ids of the page are found first, on the index alone: a page far out joins no row that it skips. The size
        stands in the SQL, and the first page has no offset, so that PostgreSQL keeps its plan from one request to the
        next instead of planning anew for each value.
        """
        order = self._order(sort)
        ids = select(self.table.c.id).where(*self._conditions(names)).order_by(*order)
        ids = ids.limit(literal_column(str(per_page)))
        if not is_first:
            ids = ids.offset(bindparam("offset", type_=BigInteger))
        in_page = self.table.c.id.in_(select(ids.subquery().c.id))
        return Query(self.projection.select().where(in_page).order_by(*order))

    def _conditions(self, names: frozenset[str]) -> list[ColumnElement[bool]]:
        in_scope = (*visible(self.model), without_team(self.model))
        return [*in_scope, *(self.table.c[name] == bindparam(name) for name in sorted(names))]

    def _order(self, sort: str) -> list[ColumnElement[Any]]:
        """Return the ORDER BY of a sort: null before every value, and of equal rows the newest first.

        The team comes first, of which there is one or, without teams, none: so the indexes, which begin with it, are
        read in their order.
        """
        column = self.table.c[sort.removeprefix("-")]
        team, first, *others = self.table.c.team_id, *sort_keys(column)
        if sort.startswith("-"):
            team, first, *others = (key.desc() for key in (team, first, *others))
            nulls_placed = first.nulls_last()
        else:
            nulls_placed = first.nulls_first()
        return [team, nulls_placed if column.nullable else first, *others, self.table.c.id.desc()]
