"""The labels of a record."""

from collections.abc import Mapping
from functools import cached_property
from typing import Any

from marshmallow.exceptions import ValidationError
from sqlalchemy import BigInteger, bindparam, delete, select
from sqlalchemy.dialects.postgresql import insert  # SQLite's is the same SQL

from crm.access.scope import alive, visible
from crm.database.functions import any_of, fold_case
from crm.database.projection import Projection
from crm.database.query import Query
from crm.models import Label
from crm.schemas.collections.arrays import Index
from crm.schemas.collections.base import WrittenCollection
from crm.schemas.field_order import shown_fields
from crm.schemas.fields import INVALID_REFERENCE, UuidField
from crm.schemas.summaries import LabelSummary

_LABEL_ID = UuidField(required=True)


class Labels(WrittenCollection):
    """The labels of a record: shown by name, sent as UUIDs of which repeats count once."""

    max_items = 100

    def parse_member(self, value: Any) -> str:
        """Return the UUID of a label."""
        key: str = _LABEL_ID.deserialize(value)
        return key

    def resolve(self, keys: dict[Index, str], record_id: int | None) -> set[int]:
        """Return the row ids of labels, which are visible or already the record's. Raises ValidationError."""
        wanted = list(set(keys.values()))
        rows = self._visible.rows(keys=wanted) if wanted else []
        if record_id and len(rows) < len(wanted):
            rows += self._kept.rows(keys=wanted, record_id=record_id)
        found = {str(key): row_id for key, row_id in rows}
        if missing := {index: key for index, key in keys.items() if key not in found}:
            raise ValidationError({index: [INVALID_REFERENCE] for index in missing})
        return set(found.values())

    def write(self, label_ids_of: Mapping[int, set[int]], *, new: bool) -> set[int]:
        """Make these the labels of records, given by the labels' row ids, and return whose labels are others now."""
        rows = [
            {"record_id": record_id, "label_ids": sorted(label_ids)} for record_id, label_ids in label_ids_of.items()
        ]
        removed = [] if new else self._removal.rows_of_each(rows)
        added = self._addition.rows_of_each([row for row in rows if row["label_ids"]])
        return {record_id for found in (*removed, *added) for (record_id,) in found}

    @cached_property
    def _query(self) -> tuple[Query, Projection]:
        joined = self.table.join(Label.__table__, Label.id == self.table.c.label_id)
        members = Projection(shown_fields(LabelSummary()), Label.__table__)
        statement = select(*members.columns, self.table.c.record_id).select_from(joined)
        of_records = any_of(self.table.c.record_id, "record_ids")
        order = (fold_case(Label.name), Label.id)
        return Query(statement.where(of_records, alive(Label.__table__)).order_by(*order)), members

    @cached_property
    def _removal(self) -> Query:
        others = ~any_of(self.table.c.label_id, "label_ids")
        removal = delete(self.table).where(self.table.c.record_id == bindparam("record_id"), others)
        return Query(removal.returning(self.table.c.record_id))

    @cached_property
    def _addition(self) -> Query:
        record_id = bindparam("record_id", type_=BigInteger)
        labels = select(record_id, Label.id).where(any_of(Label.id, "label_ids"))
        addition = insert(self.table).from_select(["record_id", "label_id"], labels).on_conflict_do_nothing()
        return Query(addition.returning(self.table.c.record_id))

    @cached_property
    def _visible(self) -> Query:
        return Query(select(Label.external_id, Label.id).where(*visible(Label), any_of(Label.external_id, "keys")))

    @cached_property
    def _kept(self) -> Query:
        joined = self.table.join(Label.__table__, Label.id == self.table.c.label_id)
        of_record = self.table.c.record_id == bindparam("record_id")
        statement = select(Label.external_id, Label.id).select_from(joined)
        return Query(statement.where(of_record, any_of(Label.external_id, "keys")))
