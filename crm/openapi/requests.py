"""What clients send: from the fields of a body to JSON Schema (contract, section 1).

Strings are described as they are after trimming. A form that a client is better off with comes first.
"""

from decimal import Decimal
from functools import singledispatch
from typing import Any

from marshmallow import Schema, missing

from crm.openapi.forms import UUID, Components, Json, array_of, described, name_of, object_of, or_null
from crm.openapi.own_keys import external_keys_schema, own_key_schema
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


def _is_partial(schema: Schema, name: str) -> bool:
    return name in schema.partial if isinstance(schema.partial, tuple) else bool(schema.partial)


def member(field: Any, schema: Schema, components: Components, *, updates: bool = False) -> Json:
    """Return the schema of a field of a body, null and what is peculiar to its use included."""
    taken_form = taken(field, components, updates)
    default = field.load_default
    described_form = described(
        or_null(taken_form) if field.allow_none else taken_form,
        field.metadata.get("description"),
        "null is the same as absent." if field.keep_on_null and not isinstance(field, fields.Currency) else None,
        "Cannot be changed later." if field.create_only else None,
    )
    if not updates and default is not missing and default is not None and not callable(default):
        described_form["default"] = default
    if str(field.name) not in schema.dump_fields:
        described_form["writeOnly"] = True
    return described_form


@singledispatch
def taken(field: fields.Field, components: Components, updates: bool) -> Json:
    """Return the schema of the values that a kind of field takes, null aside."""
    raise TypeError(f"Describe how {type(field).__name__} is sent.")


@taken.register
def _text(field: fields.Text, components: Components, updates: bool) -> Json:
    schema: Json = {"type": "string", "maxLength": field.max_length}
    if field.required:
        schema |= {"minLength": 1, "pattern": r"\S"}
    return schema


@taken.register
def _choice(field: fields.Choice, components: Components, updates: bool) -> Json:
    return {"type": "string", "enum": [*field.choices]}


@taken.register
def _colour(field: fields.Colour, components: Components, updates: bool) -> Json:
    return {"type": "string", "pattern": "^#?[0-9A-Fa-f]{6}$", "description": "Six hex digits, perhaps after a `#`."}


@taken.register
def _name(field: fields.Name, components: Components, updates: bool) -> Json:
    pattern = r"^[^\u0000-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]*$"  # as `has_control` says
    return {**_text(field, components, updates), "pattern": pattern, "description": "Without control characters."}


@taken.register
def _password(field: fields.Password, components: Components, updates: bool) -> Json:
    length = {"minLength": 1, "maxLength": field.max_length}
    return {"type": "string", "format": "password", **length, "description": "Taken as sent, not trimmed."}


@taken.register
def _email(field: fields.Email, components: Components, updates: bool) -> Json:
    return {"type": "string", "format": "idn-email", "maxLength": field.max_length}


@taken.register
def _currency(field: fields.Currency, components: Components, updates: bool) -> Json:
    text = "Three letters, kept in upper case."
    if field.load_default is not missing and not updates:
        text += " Absent or null, it is the installation's default currency."
    return {"type": "string", "pattern": "^[A-Za-z]{3}$", "description": text}


@taken.register
def _country(field: fields.Country, components: Components, updates: bool) -> Json:
    return {"type": "string", "pattern": "^[A-Za-z]{2}$", "description": "Two letters, kept in upper case."}


@taken.register
def _uuid(field: fields.UuidField, components: Components, updates: bool) -> Json:
    return dict(UUID)


@taken.register
def _record_name(field: RecordName, components: Components, updates: bool) -> Json:
    text = "The `id` of the record, or what another system calls it."
    return {"anyOf": [dict(UUID), own_key_schema(components)], "description": text}


@taken.register
def _reference(field: references.Reference, components: Components, updates: bool) -> Json:
    if not field.to_record:
        return {**UUID, "description": f"The `id` of one of the {_table(field)}."}
    text = f"The `id` of one of the {_table(field)}, or what another system calls it."
    return {"anyOf": [dict(UUID), own_key_schema(components)], "description": text}


@taken.register
def _stage(field: references.StageReference, components: Components, updates: bool) -> Json:
    return {**UUID, "description": f"The `id` of a stage of a pipeline for {field.resource}."}


@taken.register
def _numbered(field: references.NumberedReference, components: Components, updates: bool) -> Json:
    return described(_integer(fields.Integer(), components, updates), f"The `id` of one of the {_table(field)}.")


@taken.register
def _owner(field: references.OwnerReference, components: Components, updates: bool) -> Json:
    by_default = None if field.load_default is missing or updates else "By default the caller."
    return described(_numbered(field, components, updates), by_default)


def _table(field: references.Reference) -> str:
    return str(field.model.__tablename__).replace("_", " ")


@taken.register
def _integer(field: fields.Integer, components: Components, updates: bool) -> Json:
    number = {"type": "integer", "minimum": field.min, "maximum": fields.MAX_INTEGER}
    digits = len(str(fields.MAX_INTEGER))
    return {"anyOf": [number, {"type": "string", "pattern": f"^{_sign(field.min)}[0-9]{{1,{digits}}}$"}]}


@taken.register
def _scaled(field: fields.Scaled, components: Components, updates: bool) -> Json:
    maximum = float(field.maximum)
    number = {"type": "number", "minimum": _lowest(field), "maximum": maximum}
    digits = len(str(int(field.maximum)))
    pattern = rf"^{_sign(field.min)}[0-9]{{1,{digits}}}(\.[0-9]+)?$"
    return {"anyOf": [number, {"type": "string", "pattern": pattern}]}


def _lowest(field: fields.Scaled) -> float:
    if field.min is None:
        return -float(field.maximum)
    return field.min if isinstance(field.min, int) else float(field.min)


def _sign(minimum: float | Decimal | None) -> str:
    return "-?" if minimum is None or minimum < 0 else ""


@taken.register
def _money(field: fields.Money, components: Components, updates: bool) -> Json:
    return described(_scaled(field, components, updates), "Dollars; rounded half up to the cent.")


@taken.register
def _percent(field: fields.Percent, components: Components, updates: bool) -> Json:
    return described(_scaled(field, components, updates), "Percent; rounded half up to four decimals.")


@taken.register
def _quantity(field: fields.Quantity, components: Components, updates: bool) -> Json:
    number = {"type": "number", "exclusiveMinimum": 0, "maximum": int(field.maximum)}
    text = {"type": "string", "pattern": r"^[0-9]{1,10}(\.[0-9]{1,4}0*)?$"}
    return {"anyOf": [number, text], "description": "Above 0, with up to four decimals."}


@taken.register
def _boolean(field: fields.Boolean, components: Components, updates: bool) -> Json:
    numbers, texts = {"type": "integer", "enum": [0, 1]}, {"type": "string", "enum": ["0", "1"]}
    return {"anyOf": [{"type": "boolean"}, numbers, texts]}


@taken.register
def _timestamp(field: fields.Timestamp, components: Components, updates: bool) -> Json:
    return {"type": "string", "format": "date-time", "description": "Kept in UTC; a fraction of a second is cut off."}


@taken.register
def _day(field: fields.Day, components: Components, updates: bool) -> Json:
    forms = [{"type": "string", "format": "date"}, {"type": "string", "format": "date-time"}]
    return {"anyOf": forms, "description": "A date; of a timestamp the date as written counts."}


@taken.register
def _own_key(field: OwnKeyField, components: Components, updates: bool) -> Json:
    return own_key_schema(components)


@taken.register
def _external_keys(field: ExternalKeys, components: Components, updates: bool) -> Json:
    return external_keys_schema(components)


@taken.register
def _labels(field: Labels, components: Components, updates: bool) -> Json:
    ids = array_of(dict(UUID), field.max_items)
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
