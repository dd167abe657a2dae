"""The rows of a resource's own table, as they are added and changed."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from functools import cached_property, lru_cache
from types import MappingProxyType
from typing import Any

from sqlalchemy import bindparam, insert, select, update

from crm.access import acting
from crm.database.given_rows import given_rows
from crm.database.query import Query
from crm.models.base import Record
from crm.models.types import new_external_id
from crm.records.locking import Locked
from crm.records.search_text import Searched, search_text

Columns = dict[str, Any]


class RecordTable:
    """The table of `model`, written within the caller's transaction.

    `searched` are the columns and collections of whose text `search_text` is made. That is written here and nowhere
    else.
    """

    def __init__(self, model: type[Record], searched: Searched):
        self.table = model.__table__
        self.number = model.number
        self.searched = searched
        self._change = lru_cache(maxsize=128)(self._make_change)

    def _columns_of(self, values: Mapping[str, Any]) -> Columns:
        """Return those of the values that are columns."""
        return {name: value for name, value in values.items() if name in self.table.c}

    def add(self, many: Sequence[Mapping[str, Any]], first_number: int, moment: datetime) -> dict[int, Columns]:
        """Add rows to the team that is worked in, numbered as they stand, and return their columns by their row ids."""
        rows = [self._row(values, first_number + index, moment) for index, values in enumerate(many)]
        added = self._addition.rows(**rows[0]) if len(rows) == 1 else self._addition_of_many.rows(added=rows)
        row_ids = {str(external_id): row_id for row_id, external_id in added}
        return {row_ids[row["external_id"]]: row for row in rows}

    def change(
        self,
        records: Iterable[Locked],
        values_of: Callable[[Locked], Mapping[str, Any]],
        shown: Mapping[int, Mapping[str, Any]] = MappingProxyType({}),
    ) -> dict[int, Columns]:
        """Change the rows of locked records, those of which the same columns change in one statement.

        `values_of` gives what is new of a record, its collections too; `shown`, by row id, how it was shown before. The
        version of each rises by one, and it was last changed at the record's moment. Returns by row id the columns that
        were written and may be shown, as the driver makes them.
        """
        alike: dict[tuple[str, ...], list[Columns]] = defaultdict(list)
        for record in records:
            values = values_of(record)
            columns = {**self._columns_of(values), "version": record.version + 1, "updated_at": record.moment}
            if not values.keys().isdisjoint(self.searched):
                whole = {**shown[record.row_id], **record.columns, **values}
                columns["search_text"] = search_text(whole, self.searched)
            alike[tuple(columns)].append({"row_id": record.row_id, **columns})
        return {
            row_id: dict(zip(_shown(names), values, strict=True))
            for names, rows in alike.items()
            for row_id, *values in self._change(names).row_of_each(rows)
        }

    def _row(self, values: Mapping[str, Any], number: int, moment: datetime) -> Columns:
        """Return all columns of a new record. Code may give its id and times, which no client can."""
        made = {"external_id": new_external_id(), "created_at": moment, "updated_at": moment}
        row = {**self._empty, **made, **self._columns_of(values), "team_id": acting.team_id()}
        if self.number:
            column, prefix = self.number
            row[column] = f"{prefix}{number}"
        row["search_text"] = search_text({**values, **row}, self.searched)
        return row

    def _make_change(self, names: tuple[str, ...]) -> Query:
        changed = update(self.table).where(self.table.c.id == bindparam("row_id"))
        return Query(changed.returning(self.table.c.id, *(self.table.c[name] for name in _shown(names))), names)

    @cached_property
    def _addition(self) -> Query:
        return Query(insert(self.table).returning(*self._identity), tuple(self._empty))

    @cached_property
    def _addition_of_many(self) -> Query:
        added = given_rows("added", [self.table.c[name] for name in self._empty])
        addition = insert(self.table).from_select([*added.c.keys()], select(*added.c), include_defaults=False)
        return Query(addition.returning(*self._identity))

    @property
    def _identity(self) -> tuple[Any, Any]:
        return self.table.c.id, self.table.c.external_id

    @cached_property
    def _empty(self) -> Columns:
        """Return the row of a record of which nothing is known: null, or the constant that the model gives."""
        defaults = {column.name: column.default for column in self.table.c if not column.primary_key}
        return {name: default.arg if default and default.is_scalar else None for name, default in defaults.items()}


def _shown(names: tuple[str, ...]) -> list[str]:
    return [name for name in names if name != "search_text"]
