"""Fields that show other rows inside a record: one related row, or a collection of them."""

from collections import defaultdict
from functools import cached_property
from typing import Any

from marshmallow import Schema
from marshmallow.exceptions import ValidationError
from sqlalchemy import Connection, FromClause, Table, and_, bindparam, delete, insert, select, true

from crm.models import Label
from crm.projection import Json, Projection
from crm.query import Query, any_of, fold_case
from crm.schemas.fields import Field, Reader
from crm.schemas.references import Reference
from crm.schemas.summaries import LabelSummary
from crm.scope import alive


class Related(Field):
    """The row of `model` that the column `key` refers to, shown by `schema`; null if there is none or it is deleted."""

    def __init__(self, model: Any, schema: type[Schema], *, key: str):
        super().__init__(dump_only=True)
        self.model = model
        self.schema = schema
        self.key = key

    def project(self, projection: Projection, table: FromClause) -> Reader:
        """Join the related row under this field's name and return the reader of its summary."""
        target = self.model.__table__.alias(self.name)
        exists = alive(target) if "deleted_at" in target.c else true()
        projection.join(target, and_(target.c.id == table.c[self.key], exists))
        position = projection.add(target.c.id)
        fields = self.schema().dump_fields.items()
        readers = [(name, field.project(projection, target)) for name, field in fields]  # type: ignore[attr-defined]
        return lambda row: None if row[position] is None else {name: read(row) for name, read in readers}


class Collection(Field):
    """A list of rows that belong to a record: shown by one query for many records, written after the record."""

    def project(self, projection: Projection, table: FromClause) -> Reader:
        """Have the projection fill this field, which the record's own row does not hold."""
        projection.add_collection(str(self.name), self)
        return lambda row: None

    def of(self, record_ids: list[int]) -> dict[int, list[Json]]:
        """Return the members of each record that has some, in their order, by the record's row id."""
        query, members = self._query
        rows = query.rows(record_ids=record_ids)
        found = defaultdict(list)
        for row, member in zip(rows, members.records(rows), strict=True):
            found[row[-1]].append(member)
        return found

    @cached_property
    def _query(self) -> tuple[Query, Projection]:
        """Return the query of the members, whose last column is the record's row id, and their projection."""
        raise NotImplementedError


class Labels(Collection):
    """The labels of a record: shown by name, sent as UUIDs of which repeats count once."""

    def __init__(self, table: Table):
        super().__init__(keep_on_null=True)
        self.table = table
        self.label = Reference(Label, required=True)

    def parse(self, value: Any) -> dict[int, str]:
        """Return the UUIDs by their place in the payload."""
        if not isinstance(value, list):
            raise self.make_error("array")
        keys, errors = {}, {}
        for place, item in enumerate(value):
            try:
                keys[place] = self.label.deserialize(item)
            except ValidationError as error:
                errors[place] = error.messages
        if errors:
            raise ValidationError(errors, valid_data=keys)  # type: ignore[arg-type]
        return keys

    def resolve(self, keys: dict[int, str], record_id: int | None) -> set[int]:
        """Return the row ids of labels, which are visible or already the record's. Raises ValidationError."""
        wanted = list(set(keys.values()))
        found = self.label.find(wanted) if wanted else {}
        if record_id and len(found) < len(wanted):
            found |= {str(key): row_id for key, row_id in self._kept.rows(keys=wanted, record_id=record_id)}
        if missing := {place: key for place, key in keys.items() if key not in found}:
            raise ValidationError({place: self.make_error("selected").messages for place in missing})
        return set(found.values())

    def write(self, connection: Connection, record_id: int, label_ids: set[int]) -> None:
        """Make these the labels of a record whose row the transaction has locked."""
        connection.execute(delete(self.table).where(self.table.c.record_id == record_id))
        if label_ids:
            rows = [{"record_id": record_id, "label_id": label_id} for label_id in sorted(label_ids)]
            connection.execute(insert(self.table), rows)

    @cached_property
    def _query(self) -> tuple[Query, Projection]:
        joined = self.table.join(Label.__table__, Label.id == self.table.c.label_id)
        members = Projection(LabelSummary(), Label.__table__)
        statement = select(*members.columns, self.table.c.record_id).select_from(joined)
        of_records = any_of(self.table.c.record_id, "record_ids")
        order = (fold_case(Label.name), Label.id)
        return Query(statement.where(of_records, alive(Label.__table__)).order_by(*order)), members

    @cached_property
    def _kept(self) -> Query:
        joined = self.table.join(Label.__table__, Label.id == self.table.c.label_id)
        of_record = self.table.c.record_id == bindparam("record_id")
        statement = select(Label.external_id, Label.id).select_from(joined)
        return Query(statement.where(of_record, any_of(Label.external_id, "keys")))
