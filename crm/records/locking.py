"""Locking records before they are changed, and knowing them as they are from then on.

Records are locked by their row ids in order, and before any counter: whoever does so never waits in a circle.
"""

from collections.abc import Iterable
from datetime import datetime
from functools import cached_property
from typing import Any, NamedTuple

from sqlalchemy import select
from werkzeug.exceptions import NotFound

from crm.access.adoption import may_write, refuse_write
from crm.access.scope import alive
from crm.database.functions import any_of
from crm.database.query import Query
from crm.models.base import Record
from crm.models.types import now


class Locked(NamedTuple):
    """A record whose row is locked until the transaction ends."""

    columns: dict[str, Any]
    """Its row but for `search_text`, with the Python values of the columns' types."""
    is_live: bool
    moment: datetime
    """When it is changed: now, but never before it was changed last."""

    @property
    def row_id(self) -> int:
        """Its primary key."""
        row_id: int = self.columns["id"]
        return row_id

    @property
    def version(self) -> int:
        """Its version before the change."""
        version: int = self.columns["version"]
        return version


class Locks:
    """Locks records of `model`, within the caller's transaction."""

    def __init__(self, model: type[Record]):
        self.table = model.__table__

    def any(self, row_ids: Iterable[int]) -> list[Locked]:
        """Lock records, deleted ones too, and return them in the order of their row ids.

        The time is taken afterwards: whoever waited for a lock does not write a time that others are past.
        """
        rows = self._locking.records(row_ids=[*row_ids])
        if not all(row.pop("may_write") for row in rows):
            refuse_write()
        moment = now()
        return [Locked(row, row.pop("is_live"), max(moment, row["updated_at"])) for row in rows]

    def live(self, row_ids: Iterable[int]) -> list[Locked]:
        """Lock records and return them. Raises NotFound if one was deleted meanwhile."""
        wanted = {*row_ids}
        records = self.any(wanted)
        if wanted != {record.row_id for record in records if record.is_live}:
            raise NotFound
        return records

    @cached_property
    def _locking(self) -> Query:
        """Return the query that locks rows: as an UPDATE does, so that others may go on referring to them.

        What is made of other columns, and as long as they are, is not read.
        """
        columns = (column for column in self.table.c if column.name != "search_text")
        rows = select(*columns, alive(self.table).label("is_live"), may_write().label("may_write"))
        rows = rows.where(any_of(self.table.c.id, "row_ids"))
        return Query(rows.order_by(self.table.c.id).with_for_update(key_share=True, of=self.table))
