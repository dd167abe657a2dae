"""Fields that refer to other rows (contract, section 1).

Clients send ids, the database keeps row ids. A body's references are looked up together, in the request's scope.
"""

from collections.abc import Collection, Mapping, Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    FromClause,
    Select,
    String,
    bindparam,
    cast,
    func,
    literal_column,
    select,
    union_all,
)

from crm.access.scope import alive, assignable_users, visible
from crm.database.functions import any_of
from crm.database.query import Query
from crm.models import Pipeline, PipelineStage, User
from crm.models.base import Record
from crm.schemas.fields import INVALID_REFERENCE, Integer, UuidField
from crm.schemas.fields.asking import IS_NULL, compare
from crm.schemas.own_keys import OwnKey, OwnKeyField, records_named
from crm.schemas.reading import Reading

_INTEGER = Integer()
_OWN_KEY = OwnKeyField()


class Reference(UuidField):
    """A row of `model`, sent as its UUID and kept as its row id; a record may be sent by an own key instead."""

    key_column = "external_id"

    def __init__(self, model: Any, *, load_only: bool = True, **kwargs: Any):
        super().__init__(load_only=load_only, **kwargs)
        self.model = model
        self.key = getattr(model, self.key_column)
        self.to_record = issubclass(model, Record)

    def parse(self, value: Any) -> Any:
        """Return the UUID in lower case, or the own key."""
        return _OWN_KEY.parse(value) if self.to_record and isinstance(value, Mapping) else super().parse(value)

    @property
    def is_asked(self) -> bool:
        """That a list can be filtered by it, though it is not shown itself."""
        return True

    @property
    def is_sorted(self) -> bool:
        """Whether a list can be sorted by it: if it is shown."""
        return not self.load_only

    def ask(self, text: str) -> Any:
        """Return the key of a row."""
        return super().parse(text)

    def condition(self, table: FromClause, operator: str, parameter: str) -> ColumnElement[bool]:
        """Return the condition of a filter: one that names nothing that is visible finds nothing."""
        column = table.c[str(self.name)]
        visible_ids = select(self.model.id).where(*visible(self.model))
        if operator == "in":
            return column.in_(visible_ids.where(any_of(self.key, parameter)))
        if operator in IS_NULL.values():
            is_shown = select(self.model.id).where(self.model.id == column, alive(self.model.__table__)).exists()
            return ~is_shown if operator == IS_NULL[True] else is_shown
        row_id = visible_ids.where(self.key == bindparam(parameter, type_=self.key.type)).scalar_subquery()
        return column == row_id if operator == "eq" else column.is_distinct_from(func.coalesce(row_id, 0))

    def conditions(self) -> Collection[ColumnElement[bool]]:
        """Return what must hold for a row to be referred to in the request's scope."""
        return visible(self.model)

    def lookup(self, *, many: bool) -> Select[Any]:
        """Return the SELECT of this field's name, key as text, and row id: for its key, or keys, in a parameter."""
        name = str(self.name)
        is_meant = any_of(self.key, name) if many else self.key == bindparam(name, type_=self.key.type)
        shown: tuple[Any, ...] = (literal_column(f"'{name}'"), cast(self.key, String), self.model.id)
        return select(*shown).where(*self.conditions(), is_meant)


class References:
    """The references among the fields of a schema: resolved for many bodies together."""

    def __init__(self, fields: Mapping[str, Any]):
        self.fields = {name: field for name, field in fields.items() if isinstance(field, Reference)}
        self._lookup = lru_cache(maxsize=256)(self._make_lookup)

    def resolve(self, readings: Sequence[Reading]) -> None:
        """Put row ids in the place of keys, and a fault where there is no such row: own keys first, then the others."""
        given = [
            (reading, name, reading.values[name])
            for reading in readings
            for name in self.fields
            if reading.values.get(name) is not None
        ]
        own = {(self._resource(name), key) for _, name, key in given if isinstance(key, OwnKey)}
        by_own_key = records_named(own)
        by_key = self._find([(name, key) for _, name, key in given if not isinstance(key, OwnKey)])
        for reading, name, key in given:
            is_own = isinstance(key, OwnKey)
            row_id = by_own_key.get((self._resource(name), key)) if is_own else by_key.get((name, str(key)))
            if row_id is None:
                reading.refuse({name: [INVALID_REFERENCE]})
            else:
                reading.values[name] = row_id

    def _find(self, wanted: Sequence[tuple[str, Any]]) -> dict[tuple[str, str], int]:
        """Return row ids by the name of the reference and the text of the key, all found in one query."""
        if not wanted:
            return {}
        keys: dict[str, list[Any]] = {}
        for name, key in dict.fromkeys(wanted):
            keys.setdefault(name, []).append(key)
        names = tuple(name for name in self.fields if name in keys)
        many = any(len(each) > 1 for each in keys.values())
        rows = self._lookup(names, many).rows(**(keys if many else {name: key for name, (key,) in keys.items()}))
        return {(name, key): row_id for name, key, row_id in rows}

    def _make_lookup(self, names: tuple[str, ...], many: bool) -> Query:
        return Query(union_all(*(self.fields[name].lookup(many=many) for name in names)))

    def _resource(self, name: str) -> str:
        resource: str = self.fields[name].model.__tablename__
        return resource


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

    def ask(self, text: str) -> int:
        """Return the id, whether there can be such a one or not."""
        return _INTEGER.ask(text)


class OwnerReference(NumberedReference):
    """The user who owns a record: one with CRM access and, in teams mode, a member of the team."""

    def __init__(self, **kwargs: Any):
        super().__init__(User, **kwargs)

    def condition(self, table: FromClause, operator: str, parameter: str) -> ColumnElement[bool]:
        """Return the condition of a filter: it is shown as it is kept."""
        return compare(table.c[str(self.name)], operator, parameter)

    def conditions(self) -> Collection[ColumnElement[bool]]:
        """Return that the user may own records of the request's team."""
        return assignable_users()
