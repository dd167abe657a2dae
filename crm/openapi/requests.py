"""What clients send: from a body, its references and its collections to JSON Schema (contract, section 1)."""

from typing import Any

import orjson
from marshmallow import Schema, missing

from crm.openapi.forms import MEDIA_TYPE, UUID, Components, Json, array_of, described, name_of, object_of, or_null
from crm.openapi.own_keys import external_keys_schema, named_record_schema, own_key_schema
from crm.openapi.taken import taken
from crm.schemas import fields, references
from crm.schemas.batch import RecordName
from crm.schemas.collections.contact_details import Addresses, ContactDetails, SoughtDetails
from crm.schemas.collections.external_keys import ExternalKeys
from crm.schemas.collections.labels import Labels
from crm.schemas.collections.line_items import ComputedLineSchema, LineItems
from crm.schemas.collections.stages import Stages, StageSchema
from crm.schemas.field_order import taken_fields
from crm.schemas.own_keys import OwnKeyField


def body_schema(schema: Schema, name: str, components: Components, *, updates: bool = False) -> Json:
    """Register a body under a name and return the reference to it; `updates` if what is absent has a value already."""
    taken_by_name = dict(sorted(taken_fields(schema), key=lambda item: not item[1].required))
    properties = {name: member(field, schema, components, updates=updates) for name, field in taken_by_name.items()}
    required = [name for name, field in taken_by_name.items() if field.required and not _is_partial(schema, name)]
    return components.add(name, object_of(properties, required=required))


def body_of(schema: Json, example: Json) -> Json:
    """Return what an operation takes, with its only example."""
    return {"required": True, "content": {MEDIA_TYPE: {"schema": schema, "example": example}}}


def _is_partial(schema: Schema, name: str) -> bool:
    return name in schema.partial if isinstance(schema.partial, tuple) else bool(schema.partial)


def member(field: Any, schema: Schema, components: Components, *, updates: bool = False) -> Json:
    """Return the schema of a field of a body, null and what is peculiar to its use included."""
    taken_form = taken(field, components, updates)
    default = field.load_default
    form = described(
        or_null(taken_form) if field.allow_none else taken_form,
        field.metadata.get("description"),
        "null is the same as absent." if field.keep_on_null and not isinstance(field, fields.Currency) else None,
        "Cannot be changed later." if field.create_only else None,
    )
    has_default = not updates and default is not missing and default is not None and not callable(default)
    return _with_default(form, default) if has_default else form


def _with_default(form: Json, default: Any) -> Json:
    """Return a form that says what absence means, in words where there are several types: a choice has no default."""
    if isinstance(form.get("type"), str):
        return {**form, "default": default}
    return described(form, f"By default `{orjson.dumps(default).decode()}`.")


@taken.register
def _record_name(field: RecordName, components: Components, updates: bool) -> Json:
    return described(named_record_schema(components), "The `id` of the record, or what another system calls it.")


@taken.register
def _reference(field: references.Reference, components: Components, updates: bool) -> Json:
    if not field.to_record:
        return {**UUID, "description": f"The `id` of one of the {_table(field)}."}
    text = f"The `id` of one of the {_table(field)}, or what another system calls it."
    return described(named_record_schema(components), text)


@taken.register
def _stage(field: references.StageReference, components: Components, updates: bool) -> Json:
    return {**UUID, "description": f"The `id` of a stage of a pipeline for {field.resource}."}


@taken.register
def _numbered(field: references.NumberedReference, components: Components, updates: bool) -> Json:
    return described(taken(fields.Integer(), components, updates), f"The `id` of one of the {_table(field)}.")


@taken.register
def _owner(field: references.OwnerReference, components: Components, updates: bool) -> Json:
    by_default = None if field.load_default is missing or updates else "By default the caller."
    return described(_numbered(field, components, updates), by_default)


def _table(field: references.Reference) -> str:
    return str(field.model.__tablename__).replace("_", " ")


@taken.register
def _own_key(field: OwnKeyField, components: Components, updates: bool) -> Json:
    return own_key_schema(components)


@taken.register
def _external_keys(field: ExternalKeys, components: Components, updates: bool) -> Json:
    return external_keys_schema(components)


@taken.register
def _labels(field: Labels, components: Components, updates: bool) -> Json:
    ids = array_of(UUID, field.max_items)
    return described(ids, "The `id`s of labels; repeats count once, an empty list clears them.")


@taken.register
def _stages(field: Stages, components: Components, updates: bool) -> Json:
    if not updates:
        stage = body_schema(StageSchema(exclude=("id",)), "StageCreate", components)
        return described(array_of(stage, field.max_items), "In their order; their names have to differ.")
    stage = body_schema(StageSchema(), "StageUpdate", components, updates=True)
    text = (
        "All stages, in their order: one with the `id` of a stage stays it, one without is added, others are removed."
    )
    return described(array_of(stage, field.max_items), text)


@taken.register
def _line_items(field: LineItems, components: Components, updates: bool) -> Json:
    if getattr(field.root, "is_for_new", True):
        line = body_schema(ComputedLineSchema(exclude=("id",)), "LineItemCreate", components)
        return array_of(line, field.max_items)
    line = body_schema(ComputedLineSchema(), "LineItemUpdate", components, updates=True)
    text = "All lines: one with the `id` of a line changes it, one without is added, a line not named is removed."
    return described(array_of(line, field.max_items), text)


@taken.register
def _sought_details(field: SoughtDetails, components: Components, updates: bool) -> Json:
    return described(_contact_details(field, components), "None may be there twice.")


@taken.register
def _addresses(field: Addresses, components: Components, updates: bool) -> Json:
    return described(_contact_details(field, components), "Each needs a part beside `type` and `primary`.")


def _contact_details(field: ContactDetails, components: Components) -> Json:
    detail = body_schema(field.member(), f"{name_of(field.member)}Input", components)
    text = "All of them: an empty list clears them. One at most may be `primary`; where none is, the first one is."
    return described(array_of(detail, field.max_items), text)
