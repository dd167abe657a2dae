"""The labels of a record."""

from collections.abc import Mapping, Sequence
from functools import cached_property
from itertools import chain
from typing import Any

from sqlalchemy import ColumnElement, FromClause, bindparam, delete, select
from sqlalchemy.dialects.postgresql import insert  # SQLite's is the same SQL

from crm.access.scope import alive, visible
from crm.database.functions import any_of, fold_case
from crm.database.given_rows import given_rows
from crm.database.projection import Projection
from crm.database.query import Query
from crm.models import Label
from crm.schemas.collections.arrays import Index
from crm.schemas.collections.base import WrittenArray
from crm.schemas.field_order import shown_fields
from crm.schemas.fields import INVALID_REFERENCE, UuidField
from crm.schemas.fields.asking import IS_NULL, KEY
from crm.schemas.reading import Reading
from crm.schemas.summaries import LabelSummary

_LABEL_ID = UuidField(required=True)


class Labels(WrittenArray):
    """The labels of a record: shown by name, sent as UUIDs of which repeats count once."""

    max_items = 100
    operators = KEY

    def ask(self, text: str) -> Any:
        """Return the UUID of a label."""
        return _LABEL_ID.parse(text)

    def condition(self, table: FromClause, operator: str, parameter: str) -> ColumnElement[bool]:
        """Return the condition that a record has a label that is shown, one of some, any, or that it has not."""
        label = Label.__table__
        has = self.table.join(label, label.c.id == self.table.c.label_id)
        shown = (
            select(self.table.c.record_id).select_from(has).where(self.table.c.record_id == table.c.id, alive(label))
        )
        if operator == "in":
            return shown.where(any_of(label.c.external_id, parameter)).exists()
        if operator in ("eq", "ne"):
            shown = shown.where(label.c.external_id == bindparam(parameter, type_=label.c.external_id.type))
        return ~shown.exists() if operator in ("ne", IS_NULL[True]) else shown.exists()

    def parse_member(self, value: Any) -> str:
        """Return the UUID of a label."""
        key: str = _LABEL_ID.deserialize(value)
        return key

    def resolve(self, readings: Sequence[Reading]) -> None:
        """Put the row ids of labels, which are visible or already the record's, in the place of their UUIDs."""
        name = str(self.name)
        wanted = list({key for reading in readings for key in reading.values[name].values()})
        found = {str(key): row_id for key, row_id in self._visible.rows(keys=wanted)} if wanted else {}
        kept = self._kept_by(readings, [key for key in wanted if key not in found])
        for reading in readings:
            keys: dict[Index, str] = reading.values[name]
            row_ids = {key: found.get(key) or kept.get((reading.record_id, key)) for key in keys.values()}
            missing = {index: [INVALID_REFERENCE] for index, key in keys.items() if row_ids[key] is None}
            if missing:
                reading.refuse({name: missing})
            reading.values[name] = set(row_ids.values())

    def _kept_by(self, readings: Sequence[Reading], keys: list[str]) -> dict[tuple[int | None, str], int]:
        """Return the row ids of labels that the records have, though they are not visible, by record and UUID."""
        record_ids = [reading.record_id for reading in readings if reading.record_id]
        rows = self._kept.rows(keys=keys, record_ids=record_ids) if keys and record_ids else []
        return {(record_id, str(key)): row_id for record_id, key, row_id in rows}

    def are_kept(self, values_of: Mapping[int, Mapping[str, Any]], label_ids: set[int]) -> bool:
        """Tell whether of these labels each record has those already which it is given, by the records' row ids."""
        name = str(self.name)
        given = {
            (record_id, label_id)
            for record_id, values in values_of.items()
            for label_id in label_ids & values.get(name, set())
        }
        record_ids = [record_id for record_id, _ in given]
        return given <= {(row[0], row[1]) for row in self._had.rows(record_ids=record_ids, label_ids=[*label_ids])}

    def write(self, label_ids_of: Mapping[int, set[int]], *, new: bool) -> set[int]:
        """Make these the labels of records, given by the labels' row ids, and return whose labels are others now."""
        rows = [
            {"record_id": record_id, "label_ids": sorted(label_ids)} for record_id, label_ids in label_ids_of.items()
        ]
        removed = [] if new else self._removal.rows_of_each(rows)
        pairs = [
            {"record_id": record_id, "label_id": label_id}
            for record_id, label_ids in label_ids_of.items()
            for label_id in sorted(label_ids)
        ]
        added = self._addition.rows(pairs=pairs) if pairs else []
        return {record_id for (record_id,) in (*chain.from_iterable(removed), *added)}

    def as_given(self, record_id: int) -> set[int]:
        """Return the row ids of the labels of a record that are not deleted."""
        return {label_id for (label_id,) in self._of_record.rows(record_id=record_id)}

    @cached_property
    def _of_record(self) -> Query:
        joined = self.table.join(Label.__table__, Label.id == self.table.c.label_id)
        of_record = (self.table.c.record_id == bindparam("record_id"), alive(Label.__table__))
        return Query(select(self.table.c.label_id).select_from(joined).where(*of_record))

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
        """Return the query that removes other labels, but for deleted ones: to lack what is not shown is no change."""
        label_id = self.table.c.label_id
        shown = label_id.in_(select(Label.id).where(alive(Label.__table__)))
        removal = delete(self.table).where(
            self.table.c.record_id == bindparam("record_id"), ~any_of(label_id, "label_ids"), shown
        )
        return Query(removal.returning(self.table.c.record_id))

    @cached_property
    def _addition(self) -> Query:
        pairs = given_rows("pairs", self.table.c)
        labels = select(pairs.c.record_id, Label.id).where(Label.id == pairs.c.label_id)
        addition = insert(self.table).from_select(["record_id", "label_id"], labels).on_conflict_do_nothing()
        return Query(addition.returning(self.table.c.record_id))

    @cached_property
    def _visible(self) -> Query:
        return Query(select(Label.external_id, Label.id).where(*visible(Label), any_of(Label.external_id, "keys")))

    @cached_property
    def _had(self) -> Query:
        pair = (self.table.c.record_id, self.table.c.label_id)
        return Query(select(*pair).where(any_of(pair[0], "record_ids"), any_of(pair[1], "label_ids")))

    @cached_property
    def _kept(self) -> Query:
        joined = self.table.join(Label.__table__, Label.id == self.table.c.label_id)
        of_records = any_of(self.table.c.record_id, "record_ids")
        statement = select(self.table.c.record_id, Label.external_id, Label.id).select_from(joined)
        return Query(statement.where(of_records, any_of(Label.external_id, "keys")))
