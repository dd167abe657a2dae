"""The five verbs, once for all resources: list, create, show, update, delete (contract, section 5)."""

from collections.abc import Collection, Sequence
from functools import cached_property
from typing import ClassVar

from flask import Blueprint
from sqlalchemy import Connection

from crm.access.hooks import require_user, set_team
from crm.access.permissions import VERBS, require
from crm.database.connections import transaction
from crm.database.projection import Json, Projection
from crm.http.arguments import whole_number
from crm.http.body import read_body
from crm.lists.listing import Filters, Listing
from crm.lists.pages import envelope, requested_page
from crm.models.base import Record
from crm.models.types import now
from crm.records.counters import count_deleted
from crm.records.rows import Rows, Values
from crm.schemas.base import RecordSchema
from crm.schemas.collections.base import WrittenCollection

Answer = tuple[Json, int]


class Resource:
    """One of the API's resources. A subclass states what is particular to it; the verbs are the same for all."""

    model: ClassVar[type[Record]]
    schema: ClassVar[type[RecordSchema]]
    sorts: ClassVar[Sequence[str]]
    """The columns that its list sorts by, beside those that every list does."""
    filters: ClassVar[Filters] = {}
    """The columns that its list filters by, beside `user_owner_id`."""
    staff_verbs: ClassVar[Collection[str]] = VERBS
    """What a Manager or an Employee may do to it."""

    def __init__(self) -> None:
        self.name = self.model.__tablename__
        self.table = self.model.__table__

    def blueprint(self) -> Blueprint:
        """Return the blueprint of the five verbs, behind token and team."""
        blueprint = Blueprint(self.name, __name__)
        blueprint.before_request(require_user)
        blueprint.before_request(set_team)
        one = "/<external_id>"
        blueprint.add_url_rule("", "list", self.list, methods=["GET"])
        blueprint.add_url_rule("", "create", self.create, methods=["POST"])
        blueprint.add_url_rule(one, "show", self.show, methods=["GET"])
        blueprint.add_url_rule(one, "update", self.update, methods=["PUT", "PATCH"])
        blueprint.add_url_rule(one, "delete", self.delete, methods=["DELETE"])
        return blueprint

    def list(self) -> Json:
        """Answer a page of the visible records."""
        require("view", self.staff_verbs)
        page = requested_page()
        records, total = self.listing.read(page)
        return envelope(records, page, total)

    def show(self, external_id: str) -> Json:
        """Answer one record."""
        require("view", self.staff_verbs)
        return {"data": self.rows.show(external_id)}

    def create(self) -> Answer:
        """Make a record of the request's body and answer it."""
        require("create", self.staff_verbs)
        values = self._creation.read(read_body())
        with transaction() as connection:
            row_id = self.rows.insert(connection, values)
            self.write_members(connection, row_id, values, new=True)
        return {"data": self.rows.read(row_id)}, 201

    def update(self, external_id: str) -> Json:
        """Change the fields that the body names and answer the record."""
        require("edit", self.staff_verbs)
        row_id = self.rows.find(external_id)
        values = self._change.read(read_body(), row_id)
        with transaction() as connection:
            self.rows.update(connection, row_id, values)
            self.write_members(connection, row_id, values, new=False)
        return {"data": self.rows.read(row_id)}

    def delete(self, external_id: str) -> tuple[str, int]:
        """Soft-delete a record."""
        require("delete", self.staff_verbs)
        row_id = self.rows.find(external_id)
        with transaction() as connection:
            team_id = self.rows.update(connection, row_id, {"deleted_at": now()})
            count_deleted(connection, team_id, self.name)
        return "", 204

    def write_members(self, connection: Connection, row_id: int, values: Values, *, new: bool) -> None:
        """Write what belongs to a record but stands in other tables. The record's row is locked, or `new`."""
        for name, field in self._creation.load_fields.items():
            if name in values and isinstance(field, WrittenCollection):
                field.write(connection, row_id, values[name], new=new)

    @cached_property
    def rows(self) -> Rows:
        """The rows of this resource, one at a time."""
        return Rows(self.model, self._projection)

    @cached_property
    def listing(self) -> Listing:
        """The list of this resource."""
        filters = {"user_owner_id": whole_number, **self.filters}
        return Listing(self.model, self._projection, self.sorts, filters)

    @cached_property
    def _projection(self) -> Projection:
        return Projection(self.schema(), self.table)

    @cached_property
    def _creation(self) -> RecordSchema:
        return self.schema()

    @cached_property
    def _change(self) -> RecordSchema:
        return self.schema.for_update()
