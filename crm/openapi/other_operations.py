"""The operations that are no resource's: tokens, look-up lists, and the description itself."""

from typing import Any

from crm.models import User
from crm.openapi.answers import READ, header_references, nothing, refusals, success
from crm.openapi.example_world import CALLER, SUMMARIES
from crm.openapi.forms import MEDIA_TYPE, Components, Json, array_of, object_of
from crm.openapi.parameters import shared
from crm.openapi.records import record_schema
from crm.openapi.requests import body_schema
from crm.records.lookups import Lookup
from crm.schemas.auth import Credentials
from crm.schemas.summaries import UserSummary

AUTHENTICATION = "authentication"
LOOKUPS = "look-ups"
DESCRIPTION = "description"
_PUBLIC: Json = {"security": []}
_WRONG_CREDENTIALS = {
    "message": "The given data was invalid.",
    "errors": {"email": ["The provided credentials are incorrect."]},
}


def create_token(components: Components) -> Json:
    """Describe getting a token."""
    user = record_schema(UserSummary, User.__table__, components)
    token = {"type": "string", "pattern": "^[0-9]+[|][A-Za-z0-9._-]{40,}$", "description": "Shown this once."}
    answer = components.add("NewToken", object_of({"token": token, "user": user}))
    example = {"token": "1|" + "Kx3vT9mQ2pLs8wZr5yNb7cHd4gJf6aEu1iOo.0XtVq-_kPzMwRsYbCnDh", "user": CALLER}
    invalid = success("Every fault of the body, or credentials that are wrong.", _VALIDATION_ERROR, _WRONG_CREDENTIALS)
    body = {"email": "user@example.com", "password": "correct horse battery staple", "device_name": "Office laptop"}
    schema = body_schema(Credentials(), "Credentials", components)
    return {
        **_head("createToken", "Get a token for an email and a password", AUTHENTICATION),
        **_PUBLIC,
        "requestBody": {"required": True, "content": {MEDIA_TYPE: {"schema": schema, "example": body}}},
        "responses": {
            "201": success("The token.", answer, example),
            "422": invalid,
            **refusals((400, 405, 413, 415, 429, 500, 503)),
        },
    }


_VALIDATION_ERROR = {"$ref": "#/components/schemas/ValidationError"}


def show_caller(components: Components) -> Json:
    """Describe asking whose token it is."""
    answer = components.add("Caller", object_of({"user": record_schema(UserSummary, User.__table__, components)}))
    return {
        **_head("showCaller", "Show whose token it is", AUTHENTICATION),
        "responses": {
            "200": success("The user.", answer, {"user": CALLER}),
            **refusals(READ),
        },
    }


def delete_token(components: Components) -> Json:
    """Describe giving a token back."""
    return {
        **_head("deleteToken", "Revoke the token that is used", AUTHENTICATION),
        "responses": {"204": nothing("The token is revoked."), **refusals(set(READ) - {403})},
    }


def lookup_operation(lookup: Lookup, components: Components) -> Json:
    """Return the operation of a look-up list."""
    words = lookup.name.split("_")
    title = "".join(word.capitalize() for word in words)
    row = record_schema(lookup.schema, lookup.model.__table__, components)
    rows = components.add(f"{title}List", object_of({"data": array_of(row)}))
    example: dict[str, Any] = {"data": [SUMMARIES[lookup.name]]}
    return {
        **_head(f"list{title}", f"List {' '.join(words)}", LOOKUPS),
        "parameters": shared("Team"),
        "responses": {
            "200": success("All rows, by name.", rows, example),
            **refusals(READ),
        },
    }


def show_description(components: Components) -> Json:
    """Describe this description."""
    content = {MEDIA_TYPE: {"schema": {"type": "object", "required": ["openapi", "info", "paths"]}}}
    headers = header_references(("ETag",))
    return {
        **_head("showDescription", "Show this description", DESCRIPTION),
        **_PUBLIC,
        "responses": {
            "200": {"description": "OpenAPI 3.1.", "headers": headers, "content": content},
            "304": {"description": "It is still the version that If-None-Match names.", "headers": headers},
            **refusals((400, 405, 500, 503)),
        },
    }


def _head(operation_id: str, summary: str, tag: str) -> Json:
    return {"operationId": operation_id, "summary": summary, "tags": [tag]}
