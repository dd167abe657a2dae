"""The one door for writes: records are created, changed, deleted and restored here, and nowhere else.

A write takes two steps. First a body is read and its references resolved, all faults at once, before anything is
locked: `crm.schemas` does that. Then the values are written here, in the caller's transaction: the row, what belongs to
it in other tables, and the counters. Both take many records as well as one.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cached_property, lru_cache
from typing import Any

from sqlalchemy import bindparam, insert, not_, update
from werkzeug.exceptions import NotFound

from crm.access import acting
from crm.access.scope import alive
from crm.database.query import Query
from crm.models.base import Record
from crm.models.types import new_external_id, now
from crm.records.counters import count_created, count_live
from crm.schemas.base import RecordSchema
from crm.schemas.collections.base import Collection

Values = Mapping[str, Any]
"""A record as its schema has read it: columns, and collections, by the names of its fields."""


class Writer:
    """Writes the records of `model`, whose wire shape is `schema`, within the caller's transaction."""

    def __init__(self, model: type[Record], schema: RecordSchema):
        self.table = model.__table__
        self.number = model.number
        self._collections = {name: field for name, field in schema.fields.items() if isinstance(field, Collection)}
        self._change = lru_cache(maxsize=128)(self._make_change)

    def create(self, many: Sequence[Values]) -> list[int]:
        """Add records to the team that is worked in, numbered as they stand, and return their row ids."""
        number = count_created(acting.team_id(), self.table.name, len(many))
        moment = now()
        rows = [self._row(values, number + index, moment) for index, values in enumerate(many)]
        row_ids = [int(row[0]) for row in self._insertion.row_of_each(rows)]
        self._write_collections(dict(zip(row_ids, many, strict=True)), new=True)
        return row_ids

    def update(self, changes: Mapping[int, Values]) -> None:
        """Change records, by their row ids. Raises NotFound if one was deleted meanwhile."""
        for row_id in sorted(changes):
            self._change_row(row_id, self._columns(changes[row_id]))
        self._write_collections(changes, new=False)

    def delete(self, row_ids: Sequence[int]) -> None:
        """Soft-delete records. Raises NotFound if one was deleted meanwhile."""
        for row_id in sorted(row_ids):
            count_live(self._change_row(row_id, {"deleted_at": now()}), self.table.name, -1)

    def restore(self, row_ids: Sequence[int]) -> None:
        """Bring deleted records back; a live one stays as it is."""
        for row_id in sorted(row_ids):
            for (team_id,) in self._restoration.rows(row_id=row_id, deleted_at=None, updated_at=now()):
                count_live(team_id, self.table.name, 1)

    def _row(self, values: Values, number: int, moment: datetime) -> dict[str, Any]:
        """Return all columns of a new record. Code may give its id and times, which no client can."""
        made = {"external_id": new_external_id(), "created_at": moment, "updated_at": moment}
        row = {**self._empty, **made, **self._columns(values), "team_id": acting.team_id()}
        if self.number:
            column, prefix = self.number
            row[column] = f"{prefix}{number}"
        return row

    def _columns(self, values: Values) -> dict[str, Any]:
        return {name: value for name, value in values.items() if name in self.table.c}

    def _change_row(self, row_id: int, values: Values) -> int | None:
        """Lock and change the row of a live record and return its team."""
        changes = {**values, "updated_at": now()}
        rows = self._change(tuple(changes)).rows(row_id=row_id, **changes)
        if not rows:
            raise NotFound
        team_id: int | None = rows[0][0]
        return team_id

    def _write_collections(self, values_of: Mapping[int, Values], *, new: bool) -> None:
        """Write what belongs to records but stands in other tables, as far as it is given."""
        for name, field in self._collections.items():
            if given := {row_id: values[name] for row_id, values in values_of.items() if name in values}:
                field.write(given, new=new)

    def _make_change(self, columns: tuple[str, ...]) -> Query:
        statement = update(self.table).where(self.table.c.id == bindparam("row_id"), alive(self.table))
        return Query(statement.returning(self.table.c.team_id), columns)

    @cached_property
    def _restoration(self) -> Query:
        statement = update(self.table).where(self.table.c.id == bindparam("row_id"), not_(alive(self.table)))
        return Query(statement.returning(self.table.c.team_id), ("deleted_at", "updated_at"))

    @cached_property
    def _insertion(self) -> Query:
        return Query(insert(self.table).returning(self.table.c.id), tuple(self._empty))

    @cached_property
    def _empty(self) -> dict[str, Any]:
        """Return the row of a record of which nothing is known: null, or the constant that the model gives."""
        defaults = {column.name: column.default for column in self.table.c if not column.primary_key}
        return {name: default.arg if default and default.is_scalar else None for name, default in defaults.items()}
