"""The parameters of a resource's list: pages, sorts, and what it can be asked (beyond, section 15).

Filters are described from the fields that declare them: the type of the value, an example, and the operators.
"""

from collections.abc import Callable
from functools import singledispatch
from typing import Any

from crm.http.arguments import TRUTH_VALUES, boolean, whole_number
from crm.lists.filters import DELETED, ONLY, WITH
from crm.lists.listing import Listing
from crm.lists.sorting import DEFAULT_SORT, MAX_KEYS
from crm.openapi.forms import UUID, Json
from crm.openapi.own_keys import KEY_FORM
from crm.openapi.parameters import include_of, shared
from crm.schemas import fields
from crm.schemas.collections.contact_details import Emails, Phones
from crm.schemas.collections.external_keys import ExternalKeys
from crm.schemas.collections.labels import Labels
from crm.schemas.references import NumberedReference

_ID = "5d7bb6c4-3f9a-4a43-9e0e-2f6f3a1f7c11"
_OLD: dict[Callable[[str], Any], Json] = {
    whole_number: {"type": "integer"},
    boolean: {"type": "string", "enum": list(TRUTH_VALUES)},
}
"""The values of an old filter, by what reads them."""


def list_parameters(listing: Listing) -> list[Json]:
    """Return the parameters of a resource's list."""
    paging = shared("PerPage", "Page", "Cursor", "Count")
    old = [_old_filter(name, parse) for name, parse in listing.old.items()]
    asked = [_filter(name, field) for name, field in listing.filters.fields.items()]
    others = shared("Search", "Fields", include_of(listing.projection), "Team", "IfNoneMatch")
    return [*paging, _sort(listing), *old, *asked, _DELETED, *others]


def _sort(listing: Listing) -> Json:
    names = "|".join(listing.sorting.fields)
    return {
        "name": "sort",
        "in": "query",
        "description": (
            "Up to three fields to sort by, with commas between, each descending with a minus. Others are ignored."
        ),
        "schema": {
            "type": "string",
            "pattern": f"^-?({names})(,-?({names})){{0,{MAX_KEYS - 1}}}$",
            "default": DEFAULT_SORT,
        },
    }


def _old_filter(name: str, parse: Callable[[str], Any]) -> Json:
    text = f"Only records with this `{name}`. Blank counts as absent, a value that cannot match gives an empty list."
    return {
        "name": name,
        "in": "query",
        "description": f"{text} Case does not matter." if parse is boolean else text,
        "schema": _OLD.get(parse, {"type": "string"}),
    }


def _filter(name: str, field: fields.Field) -> Json:
    written = f"filter[{name}.SOURCE]" if field.has_parts else f"filter[{name}]"
    form, example = asked(field)
    others = ", ".join(f"`[{operator}]`" for operator in field.operators if operator != "eq")
    return {
        "name": written,
        "in": "query",
        "description": f"Only records of which this is so. With an operator behind the name: {others}.",
        "schema": form,
        "example": example,
    }


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
    return {"type": "string", "minLength": 1, "pattern": r"\S"}, "Umbrella"


@asked.register
def _number(field: fields.Number) -> tuple[Json, Any]:
    _, prefix = field.root.model.number  # type: ignore[union-attr]
    return {"type": "string"}, f"{prefix}1001"


@asked.register
def _currency(field: fields.Currency) -> tuple[Json, Any]:
    return {"type": "string", "pattern": "^[A-Za-z]{3}$"}, "EUR"


@asked.register(fields.UuidField)
@asked.register(Labels)
def _uuid(field: fields.Field) -> tuple[Json, Any]:
    return dict(UUID), _ID


@asked.register(fields.Integer)
@asked.register(NumberedReference)
def _integer(field: fields.Field) -> tuple[Json, Any]:
    return {"type": "integer"}, 1


@asked.register
def _scaled(field: fields.Scaled) -> tuple[Json, Any]:
    return {"type": "number"}, 10000


@asked.register
def _boolean(field: fields.Boolean) -> tuple[Json, Any]:
    return {"type": "boolean"}, True


@asked.register
def _timestamp(field: fields.Timestamp) -> tuple[Json, Any]:
    return {"type": "string", "format": "date-time"}, "2026-01-31T09:00:00+01:00"


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
    return {"type": "string", "minLength": 1, "pattern": r"\S"}, "+1 202 555 0143"
