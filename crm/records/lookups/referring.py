"""The records that refer to look-up rows: counted before a row is deleted (beyond, section 18)."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import ColumnElement, FromClause, Select, Table, func, select, union_all

from crm.access.scope import alive
from crm.database.functions import any_of
from crm.database.query import Query
from crm.extensions import db
from crm.http.errors import Refusal
from crm.models import RECORDS


class Referring:
    """What refers to the rows of a table."""

    def __init__(self, table: Table):
        rows = select(table.c.id).where(any_of(table.c.id, "row_ids")).order_by(table.c.id)
        self._locking = Query(rows.with_for_update())
        self._counting = Query(union_all(*_counts(table)))

    def require_none(self, row_ids: list[int], *, force: bool) -> None:
        """Raise Refusal (409) if live records refer to any of these rows, which are to be deleted; not with `force`.

        They are locked first: a record that is taking one of them at the moment is waited for, and whoever comes later
        waits, and finds it deleted.
        """
        if not row_ids:
            return
        self._locking.rows(row_ids=row_ids)
        records = 0 if force else sum(count for (count,) in self._counting.rows(row_ids=row_ids))
        if records:
            sentence = "1 record refers to it." if records == 1 else f"{records} records refer to it."
            raise Refusal(409, sentence, {"records": records})


def _counts(table: Table) -> Iterator[Select[Any]]:
    """Yield SELECTs of how many live records refer to rows: in columns of their own, or in those of a collection."""
    records = {model.__table__ for model in RECORDS}
    for other in db.metadata.sorted_tables:
        for column in other.c:
            if column.references(table.c.id) and (other in records or "record_id" in other.c):
                yield _count(other, column)


def _count(table: Table, column: ColumnElement[Any]) -> Select[Any]:
    source: FromClause = table
    record = table
    if "record_id" in table.c:
        (key,) = table.c.record_id.foreign_keys
        record = key.column.table
        source = table.join(record, key.column == table.c.record_id)
    return select(func.count()).select_from(source).where(alive(record), any_of(column, "row_ids"))
