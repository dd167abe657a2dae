"""The rows of a list: filtered, searched, sorted and counted (contract, section 6; beyond, section 15)."""

from collections.abc import Callable, Mapping
from typing import Any

from marshmallow import Schema

from crm.database.projection import Json, Projection
from crm.database.query import Row
from crm.http.responses import WrittenArray
from crm.http.text import trim
from crm.lists.cursors import typed
from crm.lists.filters import Filters
from crm.lists.questions import OPEN, SEARCH, SORT, Part, Question
from crm.lists.search import read_words
from crm.lists.showing import Shown
from crm.lists.sorting import Ordered, Sorting
from crm.lists.statements import Page, Statements
from crm.lists.writing import AT_ONCE, write_records
from crm.models.base import Record

OldFilters = Mapping[str, Callable[[str], Any]]
"""The filters of earlier clients, each named as its column: from text to a value, None if none can match."""

_LARGEST_OFFSET = 2**63 - 1
"""The most rows that a database can be told to skip."""


class Listing:
    """The list of one resource."""

    def __init__(self, model: type[Record], projection: Projection, schema: Schema, old: OldFilters):
        self.table = model.__table__
        self.projection = projection
        self.sorting = Sorting(schema.dump_fields)
        self.filters = Filters(schema.fields)
        self.old = old
        self._statements = Statements(model, projection, self.sorting, self.filters)

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
        query = self._statements.total if shape == OPEN else self._statements.count(shape)
        return int(query.rows(**question.values())[0][0])

    def rows(self, question: Question, part: Part) -> list[Row]:
        """Return a part of the rows, as the projection takes them; on a walk with what each is sorted by at its end.

        Raises ValidationFailed for a position that is none in this order.
        """
        if question.finds_nothing or part.offset > _LARGEST_OFFSET:
            return []
        values = question.values()
        page = Page(question.sort, question.shape(), part.limit, bool(part.offset), part.is_walk)
        if part.offset:
            values["offset"] = part.offset
        if part.after is not None:
            after = typed(part.after, self.table, self._order(question))
            values |= after.parameters()
            page = page._replace(after=after.shape)
        return self._statements.page(page).rows(**values)

    def records(self, rows: list[Row], shown: Shown) -> list[Json] | WrittenArray:
        """Return the JSON of rows; of many documents, as text."""
        if self.projection.of_documents and len(rows) > AT_ONCE:
            return write_records(self.projection, rows, shown)
        return shown.records(self.projection, rows)

    def sort_values(self, question: Question, row: Row) -> Row:
        """Return what a row of a walk is sorted by."""
        return row[-len(self._order(question)) :]

    def _order(self, question: Question) -> list[Ordered]:
        return self.sorting.order(question.sort, self.table)
