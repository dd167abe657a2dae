"""Writing rows that nobody knows by a name: those of a record are replaced as a whole, where they are others."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

from sqlalchemy import Table, delete, insert, select

from crm.database.functions import any_of
from crm.database.given_rows import given_rows
from crm.database.query import Query

Rows = Sequence[dict[str, Any]]
"""The rows of one record in their order, each without `record_id` and `position`."""


class WholeRows:
    """A table of such rows; `position` counts from 1."""

    def __init__(self, table: Table):
        self.table = table
        self._own = [name for name in table.c.keys() if name not in ("record_id", "position")]  # noqa: SIM118

    def write(self, rows_of: Mapping[int, Rows], *, new: bool) -> set[int]:
        """Make these the rows of records, by the records' row ids, and return whose rows are others now."""
        present = {} if new else self._of(rows_of)
        differing = {key: rows for key, rows in rows_of.items() if [*rows] != present.get(key, [])}
        if replaced := present.keys() & differing:
            self._removal.execute(record_ids=[*replaced])
        added = [
            {**row, "record_id": record_id, "position": position}
            for record_id, rows in differing.items()
            for position, row in enumerate(rows, 1)
        ]
        if added:
            self._addition.execute(added=added)
        return {*differing}

    def _of(self, record_ids: Mapping[int, Any]) -> dict[int, list[dict[str, Any]]]:
        """Return the rows of each record that has some."""
        found = defaultdict(list)
        for row in self._of_records.records(record_ids=[*record_ids]):
            found[row["record_id"]].append({name: row[name] for name in self._own})
        return found

    @cached_property
    def _of_records(self) -> Query:
        of_records = any_of(self.table.c.record_id, "record_ids")
        return Query(select(self.table).where(of_records).order_by(self.table.c.record_id, self.table.c.position))

    @cached_property
    def _addition(self) -> Query:
        added = given_rows("added", self.table.c)
        return Query(insert(self.table).from_select([*added.c.keys()], select(*added.c)))

    @cached_property
    def _removal(self) -> Query:
        return Query(delete(self.table).where(any_of(self.table.c.record_id, "record_ids")))
