"""Writing the rows of line items: which of a document's lines stay, change, come and go."""

from collections.abc import Mapping
from functools import cached_property
from typing import Any

from sqlalchemy import Table, bindparam, delete, insert, select, update

from crm.database.functions import any_of
from crm.database.given_rows import given_rows
from crm.database.query import Query
from crm.http.errors import Overtaken
from crm.models.document import tax_of
from crm.models.types import new_external_id
from crm.schemas.collections.arrays import Index

Line = dict[str, Any]
"""A line as it is given: columns, `tax_rate` that of its product now, and perhaps the `external_id` of one there is."""

GIVEN = ("product_id", "quantity", "unit_price", "amount", "comments")
_COPIED = (*GIVEN, "tax_rate")
_WRITTEN = (*GIVEN, "tax_rate", "tax_amount", "position")


class LineRows:
    """The table of line items of one kind of document."""

    def __init__(self, table: Table):
        self.table = table

    def write(self, lines_of: Mapping[int, dict[Index, Line]], *, new: bool) -> set[int]:
        """Make these the lines of documents, by the documents' row ids, and return whose lines are others now.

        Raises Overtaken if another request has removed one of them meanwhile.
        """
        gone = {} if new else self._present_in([*lines_of])
        changed, added = [], []
        for record_id, lines in lines_of.items():
            for position, line in enumerate(lines.values(), 1):
                named = line.get("external_id") or ""
                if present := gone.pop((record_id, named), None):
                    row = _row(line, position, present)
                    if any(present[name] != row[name] for name in _WRITTEN):
                        changed.append({**row, "row_id": present["id"], "record_id": record_id})
                elif named and not new:
                    raise Overtaken
                else:
                    own = {"record_id": record_id, "external_id": named or new_external_id()}
                    added.append({**_row(line, position), **own})
        if gone:
            self._removal.execute(row_ids=[row["id"] for row in gone.values()])
        self._change.execute_each(changed)
        if added:
            self._addition.execute(lines=added)
        return {row["record_id"] for row in (*gone.values(), *changed, *added)}

    def of(self, record_id: int) -> dict[Index, Line]:
        """Return the lines of a document in their order, as `write` takes them for another one."""
        lines = sorted(self._of_records.records(record_ids=[record_id]), key=lambda line: line["position"])
        return {index: {name: line[name] for name in _COPIED} for index, line in enumerate(lines)}

    def _present_in(self, record_ids: list[int]) -> dict[tuple[int, str], dict[str, Any]]:
        """Return the lines of documents as they are, by row id of the document and UUID of the line."""
        rows = self._of_records.records(record_ids=record_ids)
        return {(row["record_id"], row["external_id"]): row for row in rows}

    @cached_property
    def _of_records(self) -> Query:
        return Query(select(self.table).where(any_of(self.table.c.record_id, "record_ids")))

    @cached_property
    def _addition(self) -> Query:
        lines = given_rows("lines", [column for column in self.table.c if not column.primary_key])
        return Query(insert(self.table).from_select([*lines.c.keys()], select(*lines.c)))

    @cached_property
    def _change(self) -> Query:
        return Query(update(self.table).where(self.table.c.id == bindparam("row_id")), _WRITTEN)

    @cached_property
    def _removal(self) -> Query:
        return Query(delete(self.table).where(any_of(self.table.c.id, "row_ids")))


def _row(line: Line, position: int, present: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Return the columns of a line. One that is given as it is present keeps its tax."""
    row = {name: line[name] for name in GIVEN}
    if present and is_given_as(present, line):
        tax = {"tax_rate": present["tax_rate"], "tax_amount": present["tax_amount"]}
    else:
        tax = {"tax_rate": line["tax_rate"], "tax_amount": tax_of(line["amount"], line["tax_rate"])}
    return {**row, **tax, "position": position}


def is_given_as(present: Mapping[str, Any], line: Line) -> bool:
    """Tell whether a line is given just as it is present."""
    return all(line.get(name) == present[name] for name in GIVEN)
