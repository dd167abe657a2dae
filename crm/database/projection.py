"""The read path: from a schema to one SELECT, and from its rows to plain dicts for JSON.

A projection is worked out once, at its first use. Each field of the schema adds the columns and joins
that it is shown from and gives a reader, which takes its value out of a row. A collection, such as labels, is one
more query for all rows together.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Any, Protocol

from sqlalchemy import ColumnElement, FromClause, Select, Table, and_, select, true

from crm.database.connections import snapshot
from crm.database.query import Row

Json = dict[str, Any]

Condition = Callable[[FromClause], ColumnElement[bool]]

Included = frozenset[str]
"""The names of fields that are shown on request, as far as they are requested."""

NOTHING_MORE: Included = frozenset()


class Members(Protocol):
    """The rows of a collection: the labels of records, the lines of documents."""

    fits_its_record: bool
    """Whether they make sense only beside the record as it was at the same moment."""
    shows: tuple[str, ...]
    """The columns of their record that they show, too."""
    on_request: bool
    """Whether they are shown only where the request asks for them."""
    nothing: Callable[[], Any]
    """What is shown of a record that has none."""

    def of(self, record_ids: list[int]) -> dict[int, Any]:
        """Return the members of each record that has some, by the record's row id."""


class Projection:
    """How the rows of one table become JSON objects, with these fields in this order."""

    def __init__(self, fields: Iterable[tuple[str, Any]], table: FromClause):
        self.columns: list[ColumnElement[Any]] = [next(iter(table.primary_key))]  # collections are found by it
        self.source = table
        self._table = table
        self._joined: dict[ColumnElement[Any], FromClause] = {}
        self._collections: dict[str, Members] = {}
        self._uses: dict[str, set[str]] = {}
        self._positions: dict[str, list[int]] = {}
        self._readers = [(name, self._project(name, field)) for name, field in fields]
        self.names = frozenset(name for name, _ in self._readers)
        self.on_request = frozenset(name for name, members in self._collections.items() if members.on_request)

    def add(self, column: ColumnElement[Any]) -> int:
        """Select a column and return its position in the row."""
        if self._note_use(column):
            self._positions.setdefault(str(column.key), []).append(len(self.columns))
        self.columns.append(column)
        return len(self.columns) - 1

    def join(self, key: ColumnElement[Any], target: Table, shown: Condition | None = None) -> FromClause:
        """Join the row of `target` to which `key` refers, once, if it is to be shown; return its alias."""
        self._note_use(key)
        if key not in self._joined:
            self._joined[key] = alias = target.alias()
            self.source = self.source.outerjoin(alias, and_(alias.c.id == key, shown(alias) if shown else true()))
        return self._joined[key]

    def add_collection(self, name: str, members: Members) -> None:
        """Fill the field `name` of all records with one query of its own."""
        self._collections[name] = members
        self._uses[name].update((name, *members.shows))

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

    def records(
        self,
        rows: Sequence[Row],
        known: Mapping[str, Mapping[int, Any]] | None = None,
        include: Included = NOTHING_MORE,
        only: frozenset[str] | None = None,
    ) -> list[Json]:
        """Return the JSON objects of rows, with those fields on request that are to be included, or with some `only`.

        Collections that are `known`, by name and row id, are not read.
        """
        hidden = self.on_request - include
        if only is not None:
            hidden |= self.names - only
        readers = [(name, read) for name, read in self._readers if name not in hidden]
        records = [{name: read(row) for name, read in readers} for row in rows]
        if rows:
            for name, members in self._collections.items():
                if name not in hidden:
                    found = known[name] if known and name in known else members.of([row[0] for row in rows])
                    for row, record in zip(rows, records, strict=True):
                        record[name] = found.get(row[0]) or members.nothing()
        return records

    def affected_by(self, names: Collection[str]) -> set[str]:
        """Return the fields that show something else once these columns and collections are changed."""
        return {field for field, uses in self._uses.items() if not uses.isdisjoint(names)}

    def joins_by(self, names: Collection[str]) -> bool:
        """Tell whether any of these columns says which other rows are shown."""
        return any(key.key in names for key in self._joined if _is_of(key, self._table))

    def with_columns(self, row: Row, columns: Mapping[str, Any]) -> Row:
        """Return a row of the SELECT with other values, as the driver makes them, of the table's own columns."""
        values = [*row]
        for name, value in columns.items():
            for position in self._positions.get(name, ()):
                values[position] = value
        return tuple(values)

    @property
    def collections(self) -> set[str]:
        """The fields that are filled with a query of their own."""
        return {*self._collections}

    def _project(self, name: str, field: Any) -> Callable[[Row], Any]:
        self._used: set[str] = set()
        self._uses[name] = self._used
        reader: Callable[[Row], Any] = field.project(self, self._table)
        return reader

    def _note_use(self, column: ColumnElement[Any]) -> bool:
        """Note a column of the table itself as one that the field under projection is shown from; tell if it is one."""
        if is_own := _is_of(column, self._table):
            self._used.add(str(column.key))
        return is_own


def _is_of(column: ColumnElement[Any], table: FromClause) -> bool:
    return getattr(column, "table", None) is table
