"""The parameters of a resource's list: pages, sorts, and what it can be asked (beyond, section 15).

Filters are described from the fields that declare them: the type of the value, an example, and the operators.
"""

import re
from functools import singledispatch
from typing import Any

from crm.lists.filters import DELETED, ONLY, WITH
from crm.lists.listing import Listing
from crm.lists.sorting import DEFAULT_SORT, MAX_KEYS
from crm.openapi.forms import DOUBLE, TEXT, TIMESTAMP, TRUTH, UUID, Components, Json
from crm.openapi.own_keys import KEY_FORM
from crm.openapi.parameters import RECORD, include_of, shared
from crm.schemas import fields
from crm.schemas.collections.contact_details import Emails, Phones
from crm.schemas.collections.external_keys import ExternalKeys
from crm.schemas.collections.labels import Labels
from crm.schemas.references import NumberedReference


def list_parameters(listing: Listing, noun: str, components: Components) -> list[Json]:
    """Return the parameters of the list of a resource, whose records are called so."""
    fields = listing.filters.fields
    paging = shared("PerPage", "Page", "Cursor", "Count")
    filters = [_old_filter(name, fields[name]) for name in listing.old]
    filters += [_filter(name, field) for name, field in fields.items()]
    asked = [components.share_parameter(_name_of(part["name"]), part) for part in (*filters, _DELETED)]
    others = shared("Search", "Fields", include_of(listing.projection), "Team", "IfNoneMatch")
    return [*paging, _sort(listing, noun, components), *asked, *others]


def _name_of(parameter: str) -> str:
    """Return the name under which a filter is kept: `FilterAmount` of `filter[amount]`."""
    return "".join(word.capitalize() for word in re.findall("[a-z]+", parameter))


def _sort(listing: Listing, noun: str, components: Components) -> Json:
    names = [*listing.sorting.fields]  # in Go they are constants of the whole package, so the noun is part of them
    keys = {
        "type": "string",
        "enum": [f"{sign}{name}" for name in names for sign in ("", "-")],
        "x-enum-varnames": [f"{noun}_by_{name}{end}".upper() for name in names for end in ("", "_desc")],
    }
    return {
        "name": "sort",
        "in": "query",
        "description": (
            "Up to three fields to sort by, with commas between, each descending with a minus: by default the newest "
            "record is the first. Others are ignored."
        ),
        "style": "form",
        "explode": False,
        "schema": {"type": "array", "items": components.add(f"{noun}Sort", keys), "maxItems": MAX_KEYS},
        "example": [DEFAULT_SORT],
    }


def _old_filter(name: str, field: fields.Field) -> Json:
    form, example = asked(field)
    text = f"Only records with this `{name}`. Blank counts as absent, a value that cannot match gives an empty list."
    return {"name": name, "in": "query", "description": text, "schema": form, "example": example}


def _filter(name: str, field: fields.Field) -> Json:
    written = f"filter[{name}.SOURCE]" if field.has_parts else f"filter[{name}]"
    form, example = asked(field)
    others = ", ".join(f"`[{operator}]`" for operator in field.operators if operator != "eq")
    return {
        "name": written,
        "in": "query",
        "description": f"Only records with this `{name}`. Operators behind the name: {others}.",
        "schema": form,
        "example": example,
    }


_WORDS: Json = {"type": "string", "minLength": 1}
_DELETED: Json = {
    "name": f"filter[{DELETED}]",
    "in": "query",
    "description": "Deleted records, too, or only these. It needs the permission to delete.",
    "schema": {"type": "string", "enum": [WITH, ONLY]},
    "example": WITH,
}


@singledispatch
def asked(field: fields.Field) -> tuple[Json, Any]:
    """Return the schema of what a kind of field is compared with, and an example."""
    raise TypeError(f"Describe how {type(field).__name__} is asked.")


@asked.register
def _text(field: fields.Text) -> tuple[Json, Any]:
    return dict(_WORDS), "Umbrella"


@asked.register
def _number(field: fields.Number) -> tuple[Json, Any]:
    _, prefix = field.root.model.number  # type: ignore[union-attr]
    return TEXT, f"{prefix}1001"


@asked.register
def _currency(field: fields.Currency) -> tuple[Json, Any]:
    return {"type": "string", "pattern": "^[A-Za-z]{3}$"}, "EUR"


@asked.register(fields.UuidField)
@asked.register(Labels)
def _uuid(field: fields.Field) -> tuple[Json, Any]:
    return UUID, RECORD


@asked.register(fields.Integer)
@asked.register(NumberedReference)
def _integer(field: fields.Field) -> tuple[Json, Any]:
    return {"type": "integer"}, 1


@asked.register
def _scaled(field: fields.Scaled) -> tuple[Json, Any]:
    return DOUBLE, 10000


@asked.register
def _boolean(field: fields.Boolean) -> tuple[Json, Any]:
    return TRUTH, True


@asked.register
def _timestamp(field: fields.Timestamp) -> tuple[Json, Any]:
    return TIMESTAMP, "2026-01-31T09:00:00+01:00"


@asked.register
def _day(field: fields.Day) -> tuple[Json, Any]:
    return {"type": "string", "format": "date"}, "2026-01-31"


@asked.register
def _own_key(field: ExternalKeys) -> tuple[Json, Any]:
    return KEY_FORM, "42"


@asked.register
def _email(field: Emails) -> tuple[Json, Any]:
    return {"type": "string", "format": "idn-email"}, "grace@example.com"


@asked.register
def _phone(field: Phones) -> tuple[Json, Any]:
    return dict(_WORDS), "+1 202 555 0143"
