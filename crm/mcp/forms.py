"""JSON Schema of arguments, with no more in it than a reader needs: the bounds of values are told by faults."""

from collections.abc import Sequence
from functools import singledispatch
from typing import Any

import crm.openapi.requests  # noqa: F401 (it tells `taken` of references and collections)
from crm.blueprints.resource import Resource
from crm.mcp.arguments import Names, Object, Passed, ResourceName, ResourceNames, Values
from crm.mcp.messages import Json
from crm.openapi.forms import Components, described
from crm.openapi.taken import taken
from crm.schemas.base import BodySchema
from crm.schemas.field_order import taken_fields
from crm.schemas.fields import Field, Money, Timestamp
from crm.schemas.references import NumberedReference, Reference

Resources = Sequence[Resource]

_KEPT = ("type", "enum", "description", "items", "properties", "required", "anyOf")
_MOMENT = "With an offset, such as 2026-12-31T23:59:59Z."
_MONEY = "In units of the currency."
_RECORD = "id, number or own key"


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
def _resource_names(field: ResourceNames, named: Resources) -> Json:
    return {"type": "array", "items": {"type": "string", "enum": [resource.name for resource in named]}}


@_form.register
def _names(field: Names, named: Resources) -> Json:
    return {"type": "array", "items": {"type": "string"}}


@_form.register
def _object(field: Object, named: Resources) -> Json:
    return {"type": "object"}


@_form.register
def _passed(field: Passed, named: Resources) -> Json:
    return _plain_taken(field.taken)


@_form.register
def _values(field: Values, named: Resources) -> Json:
    """Return the fields that these resources take, each with those that take it, unless all do, and that require it."""
    taken_by: dict[str, list[str]] = {}
    required_by: dict[str, list[str]] = {}
    forms: dict[str, Json] = {}
    for resource in named:
        schema = field.schema_of(resource)
        for name, form in fields_of(schema).items():
            forms.setdefault(name, form)
            taken_by.setdefault(name, []).append(resource.name)
            if requires(schema, name):
                required_by.setdefault(name, []).append(resource.name)
    all_named = [resource.name for resource in named]
    takers = {name: f"Of {', '.join(of)}." for name, of in taken_by.items() if of != all_named}
    requirers = {name: f"Required of {', '.join(of)}." for name, of in required_by.items()}
    return {
        "type": "object",
        "properties": {
            name: _told(form, takers.get(name), form.get("description"), requirers.get(name))
            for name, form in forms.items()
        },
    }


def _told(form: Json, *sentences: str | None) -> Json:
    return described({name: part for name, part in form.items() if name != "description"}, *sentences)


def fields_of(schema: BodySchema) -> dict[str, Json]:
    """Return the schemas of all that a body takes, by name."""
    return {name: _member(field) for name, field in taken_fields(schema)}


def requires(schema: BodySchema, name: str) -> bool:
    """Tell whether a body must have a field."""
    return schema.fields[name].required and not schema.partial


def _member(field: Any) -> Json:
    form = _plain_taken(field)
    if field.allow_none and not field.keep_on_null:
        form["type"] = [*([form["type"]] if isinstance(form["type"], str) else form["type"]), "null"]
    return described(form, field.metadata.get("description"), "Cannot be changed later." if field.create_only else None)


def _of_reference(field: Reference) -> Json:
    """Return the schema of a reference: of look-ups, `describe` tells the rows."""
    table = field.model.__tablename__.replace("_", " ")
    if field.to_record:
        return {"type": ["string", "object"], "description": f"One of the {table}: {_RECORD}."}
    kind = "integer" if isinstance(field, NumberedReference) else "string"
    return {"type": kind, "description": f"The id of one of the {table}."}


def plain(form: Any, components: Components) -> Any:
    """Return a schema without references and without bounds."""
    if isinstance(form, list):
        return [plain(each, components) for each in form]
    if not isinstance(form, dict):
        return form
    if "$ref" in form:
        name = form["$ref"].rpartition("/")[2]
        return plain({**components[name], **{key: value for key, value in form.items() if key != "$ref"}}, components)
    return {key: _inner(key, value, components) for key, value in form.items() if _is_kept(key, value)}


def _is_kept(key: str, value: Any) -> bool:
    return key in _KEPT or (key == "format" and value.startswith("date"))


def _inner(key: str, value: Any, components: Components) -> Any:
    if key == "properties":
        return {name: plain(form, components) for name, form in value.items()}
    return plain(value, components)


def _plain_taken(field: Any) -> Json:
    """Return the schema of what a field takes: of what agents get wrong, what they need to know."""
    if isinstance(field, Reference):
        return _of_reference(field)
    if isinstance(field, Money):
        return {"type": "number", "description": _MONEY}
    if isinstance(field, Timestamp):
        return {"type": "string", "format": "date-time", "description": _MOMENT}
    components = Components()
    form: Json = plain(taken(field, components, False), components)
    return form
