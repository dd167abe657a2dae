"""The parameters that many operations have: the record's id, the team, headers, and those of all lists."""

import re

from crm.database.projection import Projection
from crm.http.etags import ANY
from crm.http.idempotency import FORM
from crm.lists.pages import DEFAULT_PER_PAGE, MAX_PER_PAGE
from crm.lists.search import MAX_LENGTH
from crm.openapi.examples.world import example_id
from crm.openapi.forms import TEXT, UUID, Json
from crm.openapi.own_keys import KEY_FORM, SOURCE_FORM
from crm.schemas.collections.external_keys import FIELD

RECORD = example_id("leads")
"""The `id` of a record, for examples."""
_TAG = '(W/)?"[!#-~]*"'

PARAMETERS: dict[str, Json] = {
    "Id": {
        "name": "id",
        "in": "path",
        "required": True,
        "description": "The `id` of the record, or the number that people read (`L1001`), in either case.",
        "schema": {"type": "string", "pattern": "^([0-9A-Fa-f-]{36}|[A-Za-z][0-9]{1,18})$"},
        "example": RECORD,
    },
    "Source": {
        "name": "source",
        "in": "path",
        "required": True,
        "description": "The system that knows the record by the key.",
        "schema": SOURCE_FORM,
        "example": "hubspot",
    },
    "Key": {
        "name": "key",
        "in": "path",
        "required": True,
        "description": "What it is called there, percent-encoded; slashes may stand in it.",
        "schema": KEY_FORM,
        "example": "42",
    },
    "Include": {
        "name": "include",
        "in": "query",
        "description": "What is shown beyond the usual: `external_keys`.",
        "schema": {"type": "string", "enum": [FIELD]},
        "example": FIELD,
    },
    "IncludeWithPayments": {
        "name": "include",
        "in": "query",
        "description": "What is shown beyond the usual, with commas between: `external_keys`, of invoices `payments`.",
        "schema": {"type": "string", "pattern": f"^({FIELD}|payments)(,({FIELD}|payments))*$"},
        "example": "payments",
    },
    "Currency": {
        "name": "currency",
        "in": "path",
        "required": True,
        "description": "The currency of the price, in any case of its letters.",
        "schema": {"type": "string", "pattern": "^[A-Za-z]{3}$"},
        "example": "EUR",
    },
    "PaymentId": {
        "name": "payment_id",
        "in": "path",
        "required": True,
        "description": "The `id` of the payment.",
        "schema": UUID,
        "example": example_id("payments/1"),
    },
    "TokenId": {
        "name": "token_id",
        "in": "path",
        "required": True,
        "description": "The `id` of the token, which stands before the `|` in it.",
        "schema": {"type": "integer", "minimum": 1},
        "example": 1,
    },
    "Team": {
        "name": "X-Team-ID",
        "in": "header",
        "description": "The id of the team to work in, by default the user's current one.",
        "schema": {"type": "integer", "minimum": 1},
        "example": 2,
    },
    "IfMatch": {
        "name": "If-Match",
        "in": "header",
        "description": (
            "The `ETag` of the record as it was read, or several, or `*`: if it has another version meanwhile, nothing "
            "is changed (412)."
        ),
        "schema": {"type": "string", "pattern": f"^({re.escape(ANY)}|{_TAG}( ?, ?{_TAG})*)$"},
        "example": '"7"',
    },
    "IdempotencyKey": {
        "name": "Idempotency-Key",
        "in": "header",
        "description": (
            "A text of the client's own, new for each write: sent again, the same request is done once, and gets the "
            "first answer. Perhaps in quotes, which make no difference."
        ),
        "schema": {"type": "string", "pattern": FORM},
        "example": "5f1c0f6e-2d0b-4a53-9c55-6d8d3f4f9a10",
    },
    "IfNoneMatch": {
        "name": "If-None-Match",
        "in": "header",
        "description": "The `ETag` of an earlier answer: if it would be the same, there is a 304 without a body.",
        "schema": TEXT,
        "example": '"7"',
    },
    "OnlyNew": {
        "name": "If-None-Match",
        "in": "header",
        "description": "`*`: if the record is there already, nothing is changed (412).",
        "schema": {"type": "string", "enum": [ANY]},
        "example": ANY,
    },
    "Search": {
        "name": "search",
        "in": "query",
        "description": (
            "Words, each of which stands somewhere in the record's own text, its e-mail addresses or its phone "
            "numbers, as written or by digits alone, without case and, in Latin letters, accents: `muller` finds "
            "Müller, `strasse` Straße. Blank counts as absent."
        ),
        "schema": {"type": "string", "maxLength": MAX_LENGTH},
        "example": "muller",
    },
    "Fields": {
        "name": "fields",
        "in": "query",
        "description": (
            "Only these fields of each record, with commas between, such as `id,title,person`. `id` is always there; "
            "others that the schema of a record requires are not."
        ),
        "schema": TEXT,
        "example": "id,version",
    },
    "Cursor": {
        "name": "cursor",
        "in": "query",
        "description": (
            "Pages by position instead of number: empty to begin, then the `next_cursor` of each answer. It remembers "
            "`sort`, `search` and filters. A walk shows each record once, whatever is added or deleted meanwhile."
        ),
        "schema": TEXT,
        "example": "",
    },
    "Count": {
        "name": "count",
        "in": "query",
        "description": "`false` leaves the total out, which spares the server counting what filters and searches find.",
        "schema": {"type": "boolean", "default": True},
        "example": False,
    },
    "PerPage": {
        "name": "per_page",
        "in": "query",
        "description": "Records a page. Above the maximum counts as the maximum, anything else as absent.",
        "schema": {"type": "integer", "minimum": 1, "maximum": MAX_PER_PAGE, "default": DEFAULT_PER_PAGE},
        "example": MAX_PER_PAGE,
    },
    "Page": {
        "name": "page",
        "in": "query",
        "description": "The page, from 1. Anything else counts as 1; a page past the end, however far, is empty.",
        "schema": {"type": "integer", "minimum": 1, "default": 1},
        "example": 2,
    },
}
"""The parameters that many operations have, by the names under which the description keeps them."""


def include_of(projection: Projection) -> str:
    """Return the name of the parameter that asks for what records show on request."""
    return "IncludeWithPayments" if "payments" in projection.on_request else "Include"


def shared(*names: str) -> list[Json]:
    """Return the references to these parameters."""
    return [{"$ref": f"#/components/parameters/{name}"} for name in names]
