"""The one door for writes: records are created, changed, deleted and restored here, and nowhere else.

A write takes two steps. First a body is read and its references resolved, all faults at once, before anything is
locked: `crm.schemas` does that. Then the values are written here, in the caller's transaction: the row, what belongs to
it in other tables, and the counters. Both take many records as well as one.

What is there is locked before anything is decided: the records by their row ids in order, then the counter.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from functools import cached_property, lru_cache
from typing import Any, NamedTuple

from sqlalchemy import bindparam, insert, select, update
from werkzeug.exceptions import NotFound

from crm.access import acting
from crm.access.adoption import may_write, refuse_write
from crm.access.scope import alive
from crm.database.functions import any_of
from crm.database.query import Query
from crm.models.base import Record
from crm.models.types import new_external_id, now
from crm.records.counters import count_created, count_live
from crm.schemas.base import RecordSchema
from crm.schemas.collections.base import Collection

Values = Mapping[str, Any]
"""A record as its schema has read it: columns, and collections, by the names of its fields."""


class Locked(NamedTuple):
    """A record whose row is locked."""

    row_id: int
    team_id: int | None
    is_live: bool
    moment: datetime
    """When it is changed: now, but never before it was changed last."""


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
        records = self._lock_live(changes)
        self._change_rows(records, {row_id: self._columns(values) for row_id, values in changes.items()})
        self._write_collections(changes, new=False)

    def delete(self, row_ids: Sequence[int]) -> None:
        """Soft-delete records. Raises NotFound if one was deleted meanwhile."""
        records = self._lock_live(row_ids)
        self._change_rows(records, {record.row_id: {"deleted_at": record.moment} for record in records})
        self._count_live(records, -1)

    def restore(self, row_ids: Sequence[int]) -> None:
        """Bring deleted records back; a live one stays as it is."""
        records = [record for record in self._lock(row_ids) if not record.is_live]
        self._change_rows(records, {record.row_id: {"deleted_at": None} for record in records})
        self._count_live(records, 1)

    def _lock(self, row_ids: Iterable[int]) -> list[Locked]:
        """Lock records, deleted ones too, and return them in the order of their row ids.

        The time is taken afterwards: whoever waited for a lock does not write a time that others are past.
        """
        rows = self._locking.typed_rows(row_ids=[*row_ids])
        if not all(may_write for *_, may_write in rows):
            refuse_write()
        moment = now()
        return [
            Locked(row_id, team_id, is_live, max(moment, updated_at))
            for row_id, team_id, updated_at, is_live, _ in rows
        ]

    def _lock_live(self, row_ids: Iterable[int]) -> list[Locked]:
        """Lock records and return them. Raises NotFound if one is deleted."""
        wanted = {*row_ids}
        records = self._lock(wanted)
        if wanted != {record.row_id for record in records if record.is_live}:
            raise NotFound
        return records

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

    def _change_rows(self, records: Iterable[Locked], changes: Mapping[int, Values]) -> None:
        """Change the rows of locked records, those of which the same columns change in one statement."""
        alike: dict[tuple[str, ...], list[dict[str, Any]]] = defaultdict(list)
        for record in records:
            values = {**changes[record.row_id], "updated_at": record.moment}
            alike[tuple(values)].append({"row_id": record.row_id, **values})
        for columns, rows in alike.items():
            self._change(columns).execute_each(rows)

    def _count_live(self, records: Iterable[Locked], more: int) -> None:
        """Count so many live records more for each of them in its team, or less if `more` is negative."""
        for team_id, how_many in Counter(record.team_id for record in records).items():
            count_live(team_id, self.table.name, more * how_many)

    def _write_collections(self, values_of: Mapping[int, Values], *, new: bool) -> None:
        """Write what belongs to records but stands in other tables, as far as it is given."""
        for name, field in self._collections.items():
            if given := {row_id: values[name] for row_id, values in values_of.items() if name in values}:
                field.write(given, new=new)

    def _make_change(self, columns: tuple[str, ...]) -> Query:
        return Query(update(self.table).where(self.table.c.id == bindparam("row_id")), columns)

    @cached_property
    def _locking(self) -> Query:
        """Return the query that locks rows: as an UPDATE does, so that others may go on referring to them."""
        columns = (self.table.c[name] for name in ("id", "team_id", "updated_at"))
        rows = select(*columns, alive(self.table).label("is_live"), may_write().label("may_write"))
        rows = rows.where(any_of(self.table.c.id, "row_ids"))
        return Query(rows.order_by(self.table.c.id).with_for_update(key_share=True, of=self.table))

    @cached_property
    def _insertion(self) -> Query:
        return Query(insert(self.table).returning(self.table.c.id), tuple(self._empty))

    @cached_property
    def _empty(self) -> dict[str, Any]:
        """Return the row of a record of which nothing is known: null, or the constant that the model gives."""
        defaults = {column.name: column.default for column in self.table.c if not column.primary_key}
        return {name: default.arg if default and default.is_scalar else None for name, default in defaults.items()}
