"""Fields that show other rows inside a record: one related row, or a collection of them."""

from collections import defaultdict
from functools import cached_property
from operator import itemgetter
from typing import Any

from marshmallow import Schema
from marshmallow.exceptions import ValidationError
from sqlalchemy import BigInteger, Connection, FromClause, Table, bindparam, delete, insert, select

from crm.access.scope import alive, visible
from crm.database.functions import any_of, fold_case
from crm.database.projection import Json, Projection
from crm.database.query import Query
from crm.models import Label
from crm.schemas.fields import SELECTED, Field, Reader, UuidField
from crm.schemas.references import Reference
from crm.schemas.summaries import LabelSummary

Place = int
"""The index of a member in the payload, by which its faults are named."""


class Related(Field):
    """The row of `model` to which the column `key` refers, shown by `schema`; null if there is none.

    A deleted row counts as none, unless `deleted_too`.
    """

    def __init__(self, model: Any, schema: type[Schema], *, key: str, deleted_too: bool = False):
        super().__init__(dump_only=True)
        self.model = model
        self.schema = schema
        self.key = key
        self.shown = None if deleted_too else alive

    def project(self, projection: Projection, table: FromClause) -> Reader:
        """Join the related row and return the reader of its summary."""
        target = projection.join(table.c[self.key], self.model.__table__, self.shown)
        position = projection.add(target.c.id)
        fields = self.schema().dump_fields.items()
        readers = [(name, field.project(projection, target)) for name, field in fields]  # type: ignore[attr-defined]
        return lambda row: None if row[position] is None else {name: read(row) for name, read in readers}


class ShownReference(Reference):
    """A reference that is also shown as the UUID by which it is sent."""

    def __init__(self, model: Any, *, deleted_too: bool = False, **kwargs: Any):
        super().__init__(model, load_only=False, **kwargs)
        self.shown = None if deleted_too else alive

    def project(self, projection: Projection, table: FromClause) -> Reader:
        """Join the related row and return the reader of its UUID."""
        target = projection.join(table.c[str(self.name)], self.model.__table__, self.shown)
        return itemgetter(projection.add(target.c.external_id))


class Collection(Field):
    """A list of rows that belong to a record: shown by one query for many records, written after the record."""

    fits_its_record = False

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


class WrittenCollection(Collection):
    """A collection that clients send whole with its record: null counts as absent, an empty list clears it."""

    def __init__(self, table: Table):
        super().__init__(keep_on_null=True)
        self.table = table

    def parse(self, value: Any) -> dict[Place, Any]:
        """Return the members by their place in the payload. Raises ValidationError with every fault."""
        if not isinstance(value, list):
            raise self.make_error("array")
        members, errors = {}, {}
        for place, item in enumerate(value):
            try:
                members[place] = self.parse_member(item)
            except ValidationError as error:
                errors[place] = error.messages
                if error.valid_data:
                    members[place] = error.valid_data
        if errors:
            raise ValidationError(errors, valid_data=members)  # type: ignore[arg-type]
        return members

    def parse_member(self, value: Any) -> Any:
        """Return the Python value of one member. Raises ValidationError."""
        raise NotImplementedError

    def resolve(self, members: dict[Place, Any], record_id: int | None) -> Any:
        """Return what `write` takes for the members. Raises ValidationError for what they may not refer to."""
        raise NotImplementedError

    def write(self, connection: Connection, record_id: int, members: Any, *, new: bool) -> None:
        """Make these the members of a record, whose row the transaction has locked or has made `new`."""
        raise NotImplementedError


_LABEL_ID = UuidField(required=True)


class Labels(WrittenCollection):
    """The labels of a record: shown by name, sent as UUIDs of which repeats count once."""

    def parse_member(self, value: Any) -> str:
        """Return the UUID of a label."""
        key: str = _LABEL_ID.deserialize(value)
        return key

    def resolve(self, keys: dict[Place, str], record_id: int | None) -> set[int]:
        """Return the row ids of labels, which are visible or already the record's. Raises ValidationError."""
        wanted = list(set(keys.values()))
        rows = self._visible.rows(keys=wanted) if wanted else []
        if record_id and len(rows) < len(wanted):
            rows += self._kept.rows(keys=wanted, record_id=record_id)
        found = {str(key): row_id for key, row_id in rows}
        if missing := {place: key for place, key in keys.items() if key not in found}:
            raise ValidationError({place: [SELECTED] for place in missing})
        return set(found.values())

    def write(self, connection: Connection, record_id: int, label_ids: set[int], *, new: bool) -> None:
        """Make these the labels of a record, whose row the transaction has locked or has made `new`."""
        if not new:
            self._removal.execute(connection, record_id=record_id)
        if label_ids:
            self._addition.execute(connection, record_id=record_id, label_ids=list(label_ids))

    @cached_property
    def _query(self) -> tuple[Query, Projection]:
        joined = self.table.join(Label.__table__, Label.id == self.table.c.label_id)
        members = Projection(LabelSummary(), Label.__table__)
        statement = select(*members.columns, self.table.c.record_id).select_from(joined)
        of_records = any_of(self.table.c.record_id, "record_ids")
        order = (fold_case(Label.name), Label.id)
        return Query(statement.where(of_records, alive(Label.__table__)).order_by(*order)), members

    @cached_property
    def _removal(self) -> Query:
        return Query(delete(self.table).where(self.table.c.record_id == bindparam("record_id")))

    @cached_property
    def _addition(self) -> Query:
        record_id = bindparam("record_id", type_=BigInteger)
        labels = select(record_id, Label.id).where(any_of(Label.id, "label_ids"))
        return Query(insert(self.table).from_select(["record_id", "label_id"], labels))

    @cached_property
    def _visible(self) -> Query:
        return Query(select(Label.external_id, Label.id).where(*visible(Label), any_of(Label.external_id, "keys")))

    @cached_property
    def _kept(self) -> Query:
        joined = self.table.join(Label.__table__, Label.id == self.table.c.label_id)
        of_record = self.table.c.record_id == bindparam("record_id")
        statement = select(Label.external_id, Label.id).select_from(joined)
        return Query(statement.where(of_record, any_of(Label.external_id, "keys")))
