"""Members in the order in which they were sent: line items, e-mail addresses, phone numbers, postal addresses."""

from collections.abc import Mapping
from functools import cached_property
from typing import Any

from marshmallow import Schema
from sqlalchemy import select

from crm.database.functions import any_of
from crm.database.projection import Projection
from crm.database.query import Query
from crm.schemas.collections.base import WrittenArray
from crm.schemas.field_order import shown_fields


class OrderedRows(WrittenArray):
    """Rows of a table with the columns `record_id` and `position`, each read and shown by the schema `member`."""

    member: type[Schema]

    def parse_member(self, value: Any) -> dict[str, Any]:
        """Return the values of one member. Raises ValidationError."""
        return self.parse_by(self._member_schema, value)

    def parse_by(self, schema: Schema, value: Any) -> dict[str, Any]:
        """Return the values of one member as a schema reads it. Raises ValidationError."""
        if not isinstance(value, Mapping):
            raise self.make_error("array")
        values: dict[str, Any] = schema.load(value)
        return values

    @cached_property
    def _member_schema(self) -> Schema:
        """Return the schema by which members are read."""
        return self.member()

    @cached_property
    def _query(self) -> tuple[Query, Projection]:
        members = Projection(shown_fields(self.member()), self.table)
        statement = select(*members.columns, self.table.c.record_id).select_from(members.source)
        of_records = any_of(self.table.c.record_id, "record_ids")
        return Query(statement.where(of_records).order_by(self.table.c.position)), members
