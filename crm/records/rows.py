"""The rows of one resource, found and shown in the request's scope."""

from collections.abc import Iterable, Sequence
from functools import cached_property

from sqlalchemy import ColumnElement, bindparam, select
from werkzeug.exceptions import NotFound

from crm.access.scope import of_team, visible
from crm.database.functions import any_of
from crm.database.projection import Json, Projection
from crm.database.query import Query, Row
from crm.models.base import Record
from crm.schemas.fields import UUID


class Rows:
    """The table of `model`, shown by `projection`."""

    def __init__(self, model: type[Record], projection: Projection):
        self.table = model.__table__
        self.model = model
        self.projection = projection

    def find(self, external_id: str, *, deleted_too: bool = False) -> int:
        """Return the row id of a visible record; with `deleted_too` of a deleted one as well. Raises NotFound."""
        query = self._found_deleted_too if deleted_too else self._found
        row = query.row(external_id=external_id.lower()) if UUID.fullmatch(external_id) else None
        if row is None:
            raise NotFound
        return int(row[0])

    def show(self, external_id: str) -> Json:
        """Return the JSON of a visible record. Raises NotFound."""
        if not UUID.fullmatch(external_id):
            raise NotFound
        with self.projection.reading():
            records = self.projection.records(self._shown.rows(external_id=external_id.lower()))
        if not records:
            raise NotFound
        return records[0]

    def shown_by_id(self, external_ids: Iterable[str]) -> dict[str, Json]:
        """Return the JSON of those of these records that are visible, by their ids."""
        rows = self._shown_by_id.rows(external_ids=[*external_ids])
        return {str(record["id"]): record for record in self.projection.records(rows)}

    def read(self, row_ids: Sequence[int]) -> list[Json]:
        """Return the JSON of records that the transaction has locked or written, in the order of the row ids."""
        return self.projection.records(self.fetch(row_ids))

    def fetch(self, row_ids: Sequence[int]) -> list[Row]:
        """Return the same records as rows of the projection."""
        rows = {row[0]: row for row in self._written.rows(row_ids=[*row_ids])}
        return [rows[row_id] for row_id in row_ids]

    @cached_property
    def _found(self) -> Query:
        return Query(select(self.table.c.id).where(*visible(self.model), self._has_external_id))

    @cached_property
    def _found_deleted_too(self) -> Query:
        return Query(select(self.table.c.id).where(*of_team(self.model), self._has_external_id))

    @cached_property
    def _shown(self) -> Query:
        return Query(self.projection.select().where(*visible(self.model), self._has_external_id))

    @cached_property
    def _shown_by_id(self) -> Query:
        named = any_of(self.table.c.external_id, "external_ids")
        return Query(self.projection.select().where(*visible(self.model), named))

    @cached_property
    def _written(self) -> Query:
        return Query(self.projection.select().where(any_of(self.table.c.id, "row_ids")))

    @property
    def _has_external_id(self) -> ColumnElement[bool]:
        has: ColumnElement[bool] = self.table.c.external_id == bindparam("external_id")
        return has
