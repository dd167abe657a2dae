"""Removing for good what was deleted and nothing refers to, with what belongs to it in other tables.

What refers comes before what it refers to, so that a deleted person goes together with the deleted leads of it.
Counters stay as they are: they count live records, and no number is given twice.
"""

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import BigInteger, Column, ColumnElement, Select, Table, bindparam, delete, select

from crm.database.connections import transaction
from crm.database.functions import any_of
from crm.database.query import Query
from crm.extensions import db
from crm.models import RECORDS, ExternalKey
from crm.models.types import Timestamp

AT_ONCE = 1000
"""How many records of a resource one transaction removes."""

_OF_RECORDS = {model.__table__ for model in RECORDS}
IN_ORDER: tuple[Table, ...] = tuple(table for table in reversed(db.metadata.sorted_tables) if table in _OF_RECORDS)
"""The tables of the resources, each before those that it refers to."""


def parts_of(table: Table) -> list[Column[int]]:
    """Return the columns of other tables that say to which record a row belongs."""
    return [column for column in _pointing_at(table) if _is_part(column)]


def references_to(table: Table) -> list[Column[int]]:
    """Return the columns that refer to a record from elsewhere."""
    return [column for column in _pointing_at(table) if not _is_part(column)]


class Purge:
    """Removes records of one table that were deleted before a moment."""

    def __init__(self, table: Table):
        self.table = table
        self._candidates = Query(
            self._removable()
            .where(table.c.id > bindparam("after", type_=BigInteger))
            .order_by(table.c.id)
            .limit(AT_ONCE)
            .with_for_update()
        )
        self._still = Query(self._removable().where(any_of(table.c.id, "row_ids")))
        self._removals = [Query(delete(each.table).where(any_of(each, "row_ids"))) for each in parts_of(table)]
        of_record = (ExternalKey.resource == table.name, any_of(ExternalKey.record_id, "row_ids"))
        self._removals += [Query(delete(ExternalKey).where(*of_record))]
        self._removals += [Query(delete(table).where(any_of(table.c.id, "row_ids")))]

    def run(self, before: datetime) -> Iterator[int]:
        """Remove records of all teams; after each portion yield how many it held."""
        after: int | None = 0
        while after is not None:
            with transaction():
                after, removed = self._remove_some(before, after)
            yield removed

    def _remove_some(self, before: datetime, after: int) -> tuple[int | None, int]:
        """Remove some records and return the last of them that was looked at, None if there are no more.

        Who makes a record that refers to one of them holds that one. So it is asked again once they are locked.
        """
        locked = [row_id for (row_id,) in self._candidates.rows(before=before, after=after)]
        row_ids = [row_id for (row_id,) in self._still.rows(before=before, row_ids=locked)]
        for removal in self._removals:
            removal.execute(row_ids=row_ids)
        return (locked[-1] if locked else None), len(row_ids)

    def _removable(self) -> Select[int]:
        """Return the SELECT of the deleted records that nothing refers to."""
        was_deleted = self.table.c.deleted_at < bindparam("before", type_=Timestamp)
        return select(self.table.c.id).where(was_deleted, *(self._is_free_of(key) for key in references_to(self.table)))

    def _is_free_of(self, reference: Column[int]) -> ColumnElement[bool]:
        return ~select(reference).where(reference == self.table.c.id).exists()


def purge(before: datetime) -> dict[str, int]:
    """Remove what was deleted before a moment, of all teams, and return how many of each resource."""
    return {table.name: sum(Purge(table).run(before)) for table in IN_ORDER}


def count_purged(before: datetime) -> dict[str, int]:
    """Return how many records `purge` would remove: it is done, and undone."""
    counts = {}
    try:
        with transaction():
            counts = purge(before)
            raise _UndoneError
    except _UndoneError:
        return counts


class _UndoneError(Exception):
    """Rolls a transaction back."""


def _pointing_at(table: Table) -> list[Column[int]]:
    return [
        key.parent for other in db.metadata.sorted_tables for key in other.foreign_keys if key.column.table is table
    ]


def _is_part(column: Column[int]) -> bool:
    """Tell whether a column says whose a row is."""
    return column.table not in _OF_RECORDS and (column.name == "record_id" or column.primary_key)
