"""The read path: from a schema to one SELECT, and from its rows to plain dicts for JSON.

A projection is worked out once, at its first use. Each field of the schema adds the columns and joins
that it is shown from and gives a reader, which takes its value out of a row. A collection, such as labels, is one
more query for all rows together.
"""

from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Any, Protocol

from sqlalchemy import ColumnElement, FromClause, Select, Table, and_, select, true

from crm.database.connections import snapshot, together
from crm.database.query import Query, Row

Json = dict[str, Any]

Condition = Callable[[FromClause], ColumnElement[bool]]
Fetches = dict[str, Callable[[], dict[int, list[Json]]]]


class Members(Protocol):
    """The rows of a collection: the labels of records, the lines of documents."""

    fits_its_record: bool
    """Whether they make sense only beside the record as it was at the same moment."""

    def send(self, record_ids: list[int]) -> Callable[[], dict[int, list[Json]]]:
        """Ask for the members of records; return what fetches those of each that has some, by the record's row id."""


class Projection:
    """How the rows of one table become JSON objects, with these fields in this order."""

    def __init__(self, fields: Iterable[tuple[str, Any]], table: FromClause):
        self.columns: list[ColumnElement[Any]] = [next(iter(table.primary_key))]  # collections are found by it
        self.source = table
        self._joined: dict[ColumnElement[Any], FromClause] = {}
        self._collections: dict[str, Members] = {}
        self._readers = [(name, field.project(self, table)) for name, field in fields]

    def add(self, column: ColumnElement[Any]) -> int:
        """Select a column and return its position in the row."""
        self.columns.append(column)
        return len(self.columns) - 1

    def join(self, key: ColumnElement[Any], target: Table, shown: Condition | None = None) -> FromClause:
        """Join the row of `target` to which `key` refers, once, if it is to be shown; return its alias."""
        if key not in self._joined:
            self._joined[key] = alias = target.alias()
            self.source = self.source.outerjoin(alias, and_(alias.c.id == key, shown(alias) if shown else true()))
        return self._joined[key]

    def add_collection(self, name: str, members: Members) -> None:
        """Fill the field `name` of all records with one query of its own."""
        self._collections[name] = members

    def reading(self) -> AbstractContextManager[None]:
        """Return the context to read rows and collections in: of one moment, where they must fit together."""
        return snapshot() if self.of_documents else nullcontext()

    @property
    def of_documents(self) -> bool:
        """Whether records are shown with rows that make sense only beside them, as lines do."""
        return any(members.fits_its_record for members in self._collections.values())

    def select(self) -> Select[Any]:
        """Return the SELECT of the rows that `records` takes, still without a condition."""
        return select(*self.columns).select_from(self.source)

    def records(self, rows: Sequence[Row]) -> list[Json]:
        """Return the JSON objects of rows."""
        if not rows:
            return []
        with together() if len(self._collections) > 1 else nullcontext():
            fetches = self._send_collections([row[0] for row in rows])
        return self._fill(rows, fetches)

    def records_of(self, query: Query, row_ids: list[int]) -> list[Json]:
        """Return the JSON objects of rows that are there, in the order of their row ids: the query's `row_ids`."""
        with together():
            fetch = query.send(row_ids=row_ids)
            fetches = self._send_collections(row_ids)
        rows = {row[0]: row for row in fetch()}
        return self._fill([rows[row_id] for row_id in row_ids], fetches)

    def _send_collections(self, row_ids: list[int]) -> Fetches:
        return {name: members.send(row_ids) for name, members in self._collections.items()}

    def _fill(self, rows: Sequence[Row], fetches: Fetches) -> list[Json]:
        """Return the JSON objects of rows with the collections that were asked for."""
        records = [{name: read(row) for name, read in self._readers} for row in rows]
        for name, fetch in fetches.items():
            found = fetch()
            for row, record in zip(rows, records, strict=True):
                record[name] = found.get(row[0], [])
        return records
