"""The five verbs, once for all resources: list, create, show, update, delete (contract, section 5)."""

from collections.abc import Collection, Mapping, Sequence
from functools import cached_property, lru_cache
from typing import Any, ClassVar

from flask import Blueprint, g, request
from sqlalchemy import Connection, bindparam, insert, select, update
from werkzeug.exceptions import BadRequest, NotFound

from crm.auth import require_user
from crm.counters import count_created, count_deleted
from crm.database import transaction
from crm.listing import Filters, Listing
from crm.models.base import Record
from crm.models.types import new_external_id, now
from crm.pagination import envelope, requested_page, whole_number
from crm.permissions import VERBS, require
from crm.projection import Json, Projection
from crm.query import Query, Row
from crm.schemas.base import RecordSchema
from crm.schemas.fields import UUID
from crm.schemas.relations import WrittenCollection
from crm.scope import set_team, visible

Answer = tuple[Json, int]
Rows = Sequence[Row]


class Resource:
    """One of the API's resources. A subclass states what is particular to it; the verbs are the same for all."""

    model: ClassVar[type[Record]]
    schema: ClassVar[type[RecordSchema]]
    sorts: ClassVar[Sequence[str]]
    """The columns that its list sorts by, beside those that every list does."""
    filters: ClassVar[Filters] = {}
    """The columns that its list filters by, beside `user_owner_id`."""
    number: ClassVar[tuple[str, str] | None] = None
    """The column of the number that people read, and its prefix."""
    staff_verbs: ClassVar[Collection[str]] = VERBS
    """What a Manager or an Employee may do to it."""

    def __init__(self) -> None:
        self.name = self.model.__tablename__
        self.table = self.model.__table__
        self.projection = Projection(self.schema(), self.table)
        self._update_of = lru_cache(maxsize=128)(self._make_update)
        self.listing = Listing(self.model, self.projection, self.sorts, {"user_owner_id": whole_number, **self.filters})

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
        rows = self._shown.rows(external_id=external_id.lower()) if UUID.fullmatch(external_id) else []
        return {"data": self._only(rows)}

    def create(self) -> Answer:
        """Make a record of the request's body and answer it."""
        require("create", self.staff_verbs)
        values = self._creation.read(read_body())
        with transaction() as connection:
            record_id = self._insert(connection, values)
            self.write_members(connection, record_id, values, new=True)
        return {"data": self._read(record_id)}, 201

    def update(self, external_id: str) -> Json:
        """Change the fields that the body names and answer the record."""
        require("edit", self.staff_verbs)
        record_id = self._find(external_id)
        values = self._change.read(read_body(), record_id)
        with transaction() as connection:
            self._change_live(connection, record_id, self._columns(values))
            self.write_members(connection, record_id, values, new=False)
        return {"data": self._read(record_id)}

    def delete(self, external_id: str) -> tuple[str, int]:
        """Soft-delete a record."""
        require("delete", self.staff_verbs)
        record_id = self._find(external_id)
        with transaction() as connection:
            team_id = self._change_live(connection, record_id, {"deleted_at": now()})
            count_deleted(connection, team_id, self.name)
        return "", 204

    def _find(self, external_id: str) -> int:
        """Return the row id of a visible record. Raises NotFound."""
        row = self._lookup.row(external_id=external_id.lower()) if UUID.fullmatch(external_id) else None
        if row is None:
            raise NotFound
        return int(row[0])

    def _read(self, record_id: int) -> Json:
        """Return the JSON of a visible record by its row id. Raises NotFound if it was deleted meanwhile."""
        return self._only(self._written.rows(record_id=record_id))

    def _only(self, rows: Rows) -> Json:
        """Return the JSON of the row that was found. Raises NotFound if there is none."""
        if not rows:
            raise NotFound
        return self.projection.records(rows)[0]

    def _insert(self, connection: Connection, values: Mapping[str, Any]) -> int:
        """Add the row of a new record in the request's team and return its row id."""
        moment = now()
        row = {
            **self._empty_row,
            **self._columns(values),
            "external_id": new_external_id(),
            "team_id": g.team_id,
            "created_at": moment,
            "updated_at": moment,
        }
        number = count_created(connection, g.team_id, self.name)
        if self.number:
            column, prefix = self.number
            row[column] = f"{prefix}{number}"
        ((record_id,),) = self._insertion.execute(connection, **row)
        return int(record_id)

    def _change_live(self, connection: Connection, record_id: int, values: Mapping[str, Any]) -> int | None:
        """Lock and change the row of a record, and return its team. Raises NotFound if it was deleted meanwhile."""
        changes = {**values, "updated_at": now()}
        rows = self._update_of(tuple(changes)).execute(connection, record_id=record_id, **changes)
        if not rows:
            raise NotFound
        team_id: int | None = rows[0][0]
        return team_id

    def _columns(self, values: Mapping[str, Any]) -> dict[str, Any]:
        return {name: value for name, value in values.items() if name in self.table.c}

    def write_members(self, connection: Connection, record_id: int, values: Mapping[str, Any], *, new: bool) -> None:
        """Write what belongs to a record but stands in other tables. The record's row is locked, or `new`."""
        for name, field in self._creation.load_fields.items():
            if name in values and isinstance(field, WrittenCollection):
                field.write(connection, record_id, values[name], new=new)

    def _make_update(self, columns: tuple[str, ...]) -> Query:
        live = (self.table.c.id == bindparam("record_id"), self.table.c.deleted_at.is_(None))
        return Query(update(self.table).where(*live).returning(self.table.c.team_id), columns)

    @cached_property
    def _insertion(self) -> Query:
        return Query(insert(self.table).returning(self.table.c.id), tuple(self._empty_row))

    @cached_property
    def _empty_row(self) -> dict[str, Any]:
        """Return the row of a record of which nothing is known: null, or the constant that the model gives."""
        defaults = {column.name: column.default for column in self.table.c if not column.primary_key}
        return {name: default.arg if default and default.is_scalar else None for name, default in defaults.items()}

    @cached_property
    def _creation(self) -> RecordSchema:
        return self.schema()

    @cached_property
    def _change(self) -> RecordSchema:
        return self.schema.for_update()

    @cached_property
    def _lookup(self) -> Query:
        return Query(
            select(self.table.c.id).where(*visible(self.model), self.table.c.external_id == bindparam("external_id"))
        )

    @cached_property
    def _shown(self) -> Query:
        is_meant = self.table.c.external_id == bindparam("external_id")
        return Query(self.projection.select().where(*visible(self.model), is_meant))

    @cached_property
    def _written(self) -> Query:
        return Query(self.projection.select().where(*visible(self.model), self.table.c.id == bindparam("record_id")))


def read_body() -> Json:
    """Return the JSON object of the request's body. Raises an HTTP error: 415, 413 or 400."""
    body = request.get_json()
    if not isinstance(body, dict):
        raise BadRequest
    return body
