"""Fields that refer to other rows (contract, section 1).

Clients send ids, the database keeps row ids. A body's references are looked up together, in the request's scope.
"""

from collections.abc import Collection
from typing import Any

from sqlalchemy import ColumnElement, Select, bindparam, literal_column, select

from crm.access.scope import assignable_users, visible
from crm.models import Pipeline, PipelineStage, User
from crm.schemas.fields import Integer, UuidField

_INTEGER = Integer()


class Reference(UuidField):
    """A row of `model`, sent as its UUID and kept as its row id."""

    key_column = "external_id"

    def __init__(self, model: Any, *, load_only: bool = True, **kwargs: Any):
        super().__init__(load_only=load_only, **kwargs)
        self.model = model
        self.key = getattr(model, self.key_column)

    def conditions(self) -> Collection[ColumnElement[bool]]:
        """Return what must hold for a row to be referred to in the request's scope."""
        return visible(self.model)

    def lookup(self) -> Select[Any]:
        """Return the SELECT of this field's name and the row id for its key, which is the parameter of that name."""
        is_meant = self.key == bindparam(self.name, type_=self.key.type)
        return select(literal_column(f"'{self.name}'"), self.model.id).where(*self.conditions(), is_meant)


class StageReference(Reference):
    """A stage of a pipeline for `resource`."""

    def __init__(self, resource: str, **kwargs: Any):
        super().__init__(PipelineStage, **kwargs)
        self.resource = resource

    def conditions(self) -> Collection[ColumnElement[bool]]:
        """Return that the stage and its pipeline are visible, and the pipeline is for the resource."""
        pipelines = select(Pipeline.id).where(*visible(Pipeline), Pipeline.resource == self.resource)
        return *super().conditions(), PipelineStage.pipeline_id.in_(pipelines)


class NumberedReference(Reference):
    """A row of a look-up table that clients know by its integer id."""

    key_column = "id"

    def parse(self, value: Any) -> int:
        """Return the id."""
        number: int = _INTEGER.deserialize(value)
        return number


class OwnerReference(NumberedReference):
    """The user who owns a record: one with CRM access and, in teams mode, a member of the team."""

    def __init__(self, **kwargs: Any):
        super().__init__(User, **kwargs)

    def conditions(self) -> Collection[ColumnElement[bool]]:
        """Return that the user may own records of the request's team."""
        return assignable_users()
