"""The read path: from a schema to one SELECT, and from its rows to plain dicts for JSON.

A projection is worked out once, at its first use. Each field of the schema adds the columns and joins
that it is shown from and gives a reader, which takes its value out of a row. A collection, such as labels, is one
more query for all rows together.
"""

from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Any, Protocol

from sqlalchemy import ColumnElement, FromClause, Select, Table, and_, select, true

from crm.database.connections import snapshot
from crm.database.query import Row

Json = dict[str, Any]

Condition = Callable[[FromClause], ColumnElement[bool]]


class Members(Protocol):
    """The rows of a collection: the labels of records, the lines of documents."""

    fits_its_record: bool
    """Whether they make sense only beside the record as it was at the same moment."""

    def of(self, record_ids: list[int]) -> dict[int, list[Json]]:
        """Return the members of each record that has some, by the record's row id."""


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
        records = [{name: read(row) for name, read in self._readers} for row in rows]
        if rows:
            for name, members in self._collections.items():
                found = members.of([row[0] for row in rows])
                for row, record in zip(rows, records, strict=True):
                    record[name] = found.get(row[0], [])
        return records
