"""The rows of one resource, one at a time: found in the request's scope, added, changed."""

from collections.abc import Mapping
from functools import cached_property, lru_cache
from typing import Any

from flask import g
from sqlalchemy import Connection, bindparam, insert, select, update
from werkzeug.exceptions import NotFound

from crm.access.scope import visible
from crm.database.projection import Json, Projection
from crm.database.query import Query
from crm.models.base import Record
from crm.models.types import new_external_id, now
from crm.records.counters import count_created
from crm.schemas.fields import UUID

Values = Mapping[str, Any]


class Rows:
    """The table of `model`."""

    def __init__(self, model: type[Record], projection: Projection):
        self.model = model
        self.table = model.__table__
        self.projection = projection
        self._update = lru_cache(maxsize=128)(self._make_update)

    def find(self, external_id: str) -> int:
        """Return the row id of a visible record. Raises NotFound."""
        row = self._found.row(external_id=external_id.lower()) if UUID.fullmatch(external_id) else None
        if row is None:
            raise NotFound
        return int(row[0])

    def show(self, external_id: str) -> Json:
        """Return the JSON of a visible record. Raises NotFound."""
        if not UUID.fullmatch(external_id):
            raise NotFound
        with self.projection.reading():
            return self._only(self.projection.records(self._shown.rows(external_id=external_id.lower())))

    def read(self, row_id: int) -> Json:
        """Return the JSON of a record that was just written. Raises NotFound if it was deleted meanwhile."""
        with self.projection.reading():
            return self._only(self.projection.records(self._written.rows(row_id=row_id)))

    def insert(self, connection: Connection, values: Values) -> int:
        """Add the row of a new record in the request's team, with its number, and return its row id."""
        moment = now()
        row = {
            **self._empty,
            **self._columns(values),
            "external_id": new_external_id(),
            "team_id": g.team_id,
            "created_at": moment,
            "updated_at": moment,
        }
        number = count_created(connection, g.team_id, self.table.name)
        if self.model.number:
            column, prefix = self.model.number
            row[column] = f"{prefix}{number}"
        ((row_id,),) = self._insertion.execute(connection, **row)
        return int(row_id)

    def update(self, connection: Connection, row_id: int, values: Values) -> int | None:
        """Lock and change the row of a record and return its team. Raises NotFound if it was deleted meanwhile."""
        changes = {**self._columns(values), "updated_at": now()}
        rows = self._update(tuple(changes)).execute(connection, row_id=row_id, **changes)
        if not rows:
            raise NotFound
        team_id: int | None = rows[0][0]
        return team_id

    def _only(self, records: list[Json]) -> Json:
        if not records:
            raise NotFound
        return records[0]

    def _columns(self, values: Values) -> dict[str, Any]:
        return {name: value for name, value in values.items() if name in self.table.c}

    def _make_update(self, columns: tuple[str, ...]) -> Query:
        live = (self.table.c.id == bindparam("row_id"), self.table.c.deleted_at.is_(None))
        return Query(update(self.table).where(*live).returning(self.table.c.team_id), columns)

    @cached_property
    def _insertion(self) -> Query:
        return Query(insert(self.table).returning(self.table.c.id), tuple(self._empty))

    @cached_property
    def _empty(self) -> dict[str, Any]:
        """Return the row of a record of which nothing is known: null, or the constant that the model gives."""
        defaults = {column.name: column.default for column in self.table.c if not column.primary_key}
        return {name: default.arg if default and default.is_scalar else None for name, default in defaults.items()}

    @cached_property
    def _found(self) -> Query:
        return Query(select(self.table.c.id).where(*visible(self.model), self._has_external_id))

    @cached_property
    def _shown(self) -> Query:
        return Query(self.projection.select().where(*visible(self.model), self._has_external_id))

    @cached_property
    def _written(self) -> Query:
        return Query(self.projection.select().where(*visible(self.model), self.table.c.id == bindparam("row_id")))

    @property
    def _has_external_id(self) -> Any:
        return self.table.c.external_id == bindparam("external_id")
