"""Fields that show another row inside a record, whole or by its id."""

from operator import itemgetter
from typing import Any

from marshmallow import Schema
from sqlalchemy import ColumnElement, FromClause, select, true

from crm.access.scope import alive
from crm.database.projection import Projection
from crm.schemas.fields import Field, Reader
from crm.schemas.references import NumberedReference, Reference


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
    """A reference that is also shown as the id by which it is sent."""

    def __init__(self, model: Any, *, deleted_too: bool = False, **kwargs: Any):
        super().__init__(model, load_only=False, **kwargs)
        self.shown = None if deleted_too else alive

    def sort_keys(self, table: FromClause) -> list[ColumnElement[Any]]:
        """Return the id that is shown."""
        target = self.model.__table__.alias()
        shown = self.shown(target) if self.shown else true()
        return [
            select(target.c[self.key_column]).where(target.c.id == table.c[str(self.name)], shown).scalar_subquery()
        ]

    def may_be_null(self, table: FromClause) -> bool:
        """Tell that there may be nothing to show."""
        return True

    def project(self, projection: Projection, table: FromClause) -> Reader:
        """Join the related row and return the reader of its id."""
        target = projection.join(table.c[str(self.name)], self.model.__table__, self.shown)
        return itemgetter(projection.add(target.c[self.key_column]))


class ShownNumber(ShownReference, NumberedReference):
    """A reference to a row that clients know by its integer id, shown as this; null once the row is deleted."""
