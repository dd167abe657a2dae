"""JSON Schema of arguments, with no more in it than a reader needs: the bounds of values are told by faults."""

from collections.abc import Sequence
from functools import singledispatch
from typing import Any

from crm.blueprints.resource import Resource
from crm.mcp.arguments import Names, Object, Passed, ResourceName, Values
from crm.mcp.messages import Json
from crm.openapi.forms import Components, described
from crm.openapi.requests import member
from crm.openapi.taken import taken
from crm.schemas.base import BodySchema
from crm.schemas.field_order import taken_fields
from crm.schemas.fields import Field
from crm.schemas.references import Reference

Resources = Sequence[Resource]

_KEPT = ("type", "enum", "description", "items", "properties", "required", "anyOf", "default")
_TO_RECORD = "or {source, key} of another system"


def form_of(field: Any, named: Resources) -> Json:
    """Return the schema of an argument, of a tool that is about these resources."""
    return described(_form(field, named), field.metadata.get("description"))


@singledispatch
def _form(field: Field, named: Resources) -> Json:
    return _plain_taken(field)


@_form.register
def _resource_name(field: ResourceName, named: Resources) -> Json:
    return {"type": "string", "enum": [*(resource.name for resource in named), *field.others]}


@_form.register
def _names(field: Names, named: Resources) -> Json:
    offered = {} if field.choices is None else {"enum": [*field.choices]}
    return {"type": "array", "items": {"type": "string", **offered}}


@_form.register
def _object(field: Object, named: Resources) -> Json:
    return {"type": "object"}


@_form.register
def _passed(field: Passed, named: Resources) -> Json:
    return _plain_taken(field.taken)


@_form.register
def _values(field: Values, named: Resources) -> Json:
    """Return the fields of all these resources, each with those that take it unless all do."""
    takers: dict[str, list[str]] = {}
    forms: dict[str, Json] = {}
    for resource in named:
        for name, form in fields_of(field.schema_of(resource)).items():
            takers.setdefault(name, []).append(resource.name)
            forms.setdefault(name, form)
    return {"type": "object", "properties": {name: _told(forms[name], takers[name], named) for name in forms}}


def fields_of(schema: BodySchema) -> dict[str, Json]:
    """Return the schemas of all that a body takes, by name."""
    components = Components()
    return {name: _member(field, schema, components) for name, field in taken_fields(schema)}


def plain(form: Any, components: Components) -> Any:
    """Return a schema without references and without bounds."""
    if isinstance(form, list):
        return [plain(each, components) for each in form]
    if not isinstance(form, dict):
        return form
    if "$ref" in form:
        name = form["$ref"].rpartition("/")[2]
        return plain({**components[name], **{key: value for key, value in form.items() if key != "$ref"}}, components)
    return {key: _inner(key, value, components) for key, value in form.items() if key in _KEPT}


def _inner(key: str, value: Any, components: Components) -> Any:
    if key == "properties":
        return {name: plain(form, components) for name, form in value.items()}
    return plain(value, components)


def _plain_taken(field: Any) -> Json:
    components = Components()
    form: Json = plain(taken(field, components, False), components)
    return form


def _member(field: Field, schema: BodySchema, components: Components) -> Json:
    if isinstance(field, Reference) and field.to_record:
        return {"type": ["string", "object", "null"], "description": f"{field.model.__tablename__}: id {_TO_RECORD}."}
    form: Json = plain(member(field, schema, components, updates=schema.partial is not False), components)
    return form


def _told(form: Json, takers: Sequence[str], named: Resources) -> Json:
    if len(takers) == len(named):
        return form
    return {**form, "description": " ".join(filter(None, (f"Of {', '.join(takers)}.", form.get("description"))))}
