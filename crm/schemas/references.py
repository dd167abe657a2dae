"""Fields that refer to other rows (contract, section 1).

Clients send ids, the database keeps row ids, and `resolve` goes from one to the other in the request's scope.
"""

from collections.abc import Collection
from functools import cached_property
from typing import Any

from sqlalchemy import ColumnElement, select

from crm.models import Pipeline, PipelineStage, User
from crm.query import Query, any_of
from crm.schemas.fields import Integer, UuidField
from crm.scope import assignable_users, visible

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

    def find(self, keys: list[Any]) -> dict[str, int]:
        """Return the row ids of those keys that may be referred to, in one query. Keys are written as text."""
        return {str(key): row_id for key, row_id in self._query.rows(keys=list(set(keys)))}

    def resolve(self, key: Any, record_id: int | None) -> int:
        """Return the row id for a key. Raises ValidationError if there is no such row in the request's scope."""
        try:
            return self.find([key])[str(key)]
        except KeyError:
            raise self.make_error("selected") from None

    @cached_property
    def _query(self) -> Query:
        return Query(select(self.key, self.model.id).where(*self.conditions(), any_of(self.key, "keys")))


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
