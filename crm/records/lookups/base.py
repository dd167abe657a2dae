"""Reading the look-up tables whole, for their endpoints and for the command line (contract, section 5)."""

from collections.abc import Sequence
from typing import Any, ClassVar

from marshmallow import Schema
from sqlalchemy import ColumnElement, Select, bindparam
from werkzeug.exceptions import NotFound

from crm.access.scope import visible
from crm.database.functions import fold_case
from crm.database.projection import Json, Projection
from crm.database.query import Query
from crm.models.types import is_uuid, row_id_of
from crm.schemas.field_order import shown_fields


class Lookup:
    """One table that is read whole, by name. A subclass says which, and how its rows look."""

    model: ClassVar[Any]
    shown: ClassVar[type[Schema]]

    def __init__(self) -> None:
        self.name: str = self.model.__tablename__
        self.table = self.model.__table__
        self.key = self.table.c.get("external_id", self.table.c.id)
        self._projection = Projection(shown_fields(self.shown()), self.table)
        self._all = Query(self._rows().order_by(fold_case(self.model.name), self.model.id))
        self._one = Query(self._rows().where(self.key == bindparam("key")))

    def conditions(self) -> Sequence[ColumnElement[bool]]:
        """Return what holds for the rows that are shown: here, that they are the team's own, or shared."""
        return visible(self.model)

    def answer(self) -> Json:
        """Answer every row."""
        return {"data": self.records()}

    def records(self) -> list[Json]:
        """Return the JSON of every row."""
        return self._projection.records(self._all.rows())

    def show(self, external_id: Any) -> Json:
        """Return the JSON of a row by its id. Raises NotFound."""
        rows = self._one.rows(key=self.key_of(external_id))
        if not rows:
            raise NotFound
        return self._projection.records(rows)[0]

    def key_of(self, external_id: Any) -> Any:
        """Return an id of a path, which is text, as it is kept. Raises NotFound if it cannot be one."""
        text = str(external_id)
        if self.key is not self.table.c.id and is_uuid(text):
            return text.lower()
        if self.key is self.table.c.id and (row_id := row_id_of(text)) is not None:
            return row_id
        raise NotFound

    def _rows(self) -> Select[Any]:
        return self._projection.select().where(*self.conditions())
