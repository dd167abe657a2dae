"""What a client should send in the scalar fields of a body, as JSON Schema (contract, section 1).

That is one form for each: programs that make clients turn a choice of several into types of their own. What else is
borne, such as numbers as text, the overview says. Strings are described as they are after trimming.
"""

from functools import singledispatch

from marshmallow import missing

from crm.access.abilities import ABILITIES
from crm.openapi.forms import DOUBLE, TIMESTAMP, TRUTH, UUID, Components, Json, described
from crm.schemas import fields
from crm.schemas.auth import Abilities, NewPassword


@singledispatch
def taken(field: fields.Field, components: Components, updates: bool) -> Json:
    """Return the schema of the values that a kind of field takes, null aside."""
    raise TypeError(f"Describe how {type(field).__name__} is sent.")


@taken.register
def _text(field: fields.Text, components: Components, updates: bool) -> Json:
    schema: Json = {"type": "string", "maxLength": field.max_length}
    if field.required:
        schema["minLength"] = 1
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
def _new_password(field: NewPassword, components: Components, updates: bool) -> Json:
    return {**_password(field, components, updates), "minLength": field.min_length}


@taken.register
def _abilities(field: Abilities, components: Components, updates: bool) -> Json:
    ability = {"type": "string", "enum": [*ABILITIES]}
    return {"type": "array", "items": ability, "minItems": 1, "description": "Repeats count once."}


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
    return UUID


@taken.register
def _integer(field: fields.Integer, components: Components, updates: bool) -> Json:
    return {"type": "integer", "minimum": field.min, "maximum": fields.MAX_INTEGER}


@taken.register
def _scaled(field: fields.Scaled, components: Components, updates: bool) -> Json:
    return {**DOUBLE, "minimum": _lowest(field), "maximum": float(field.maximum)}


def _lowest(field: fields.Scaled) -> float:
    if field.min is None:
        return -float(field.maximum)
    return field.min if isinstance(field.min, int) else float(field.min)


@taken.register
def _money(field: fields.Money, components: Components, updates: bool) -> Json:
    return described(_scaled(field, components, updates), "Dollars; rounded half up to the cent.")


@taken.register
def _percent(field: fields.Percent, components: Components, updates: bool) -> Json:
    return described(_scaled(field, components, updates), "Percent; rounded half up to four decimals.")


@taken.register
def _quantity(field: fields.Quantity, components: Components, updates: bool) -> Json:
    bounds = {"exclusiveMinimum": 0, "maximum": int(field.maximum)}
    return {**DOUBLE, **bounds, "description": "Above 0, with up to four decimals."}


@taken.register
def _boolean(field: fields.Boolean, components: Components, updates: bool) -> Json:
    return TRUTH


@taken.register
def _timestamp(field: fields.Timestamp, components: Components, updates: bool) -> Json:
    return {**TIMESTAMP, "description": "Kept in UTC; a fraction of a second is cut off."}


@taken.register
def _day(field: fields.Day, components: Components, updates: bool) -> Json:
    return {"type": "string", "format": "date"}
