"""The operations of tokens: getting one, and giving it back."""

from crm.models import User
from crm.openapi.answers import PUBLIC, head_of, nothing, success
from crm.openapi.examples.world import CALLER
from crm.openapi.forms import MEDIA_TYPE, Components, Json, object_of
from crm.openapi.records import record_schema
from crm.openapi.refusals import READ, refusals
from crm.openapi.requests import body_schema
from crm.schemas.auth import Credentials
from crm.schemas.summaries import UserSummary

AUTHENTICATION = "authentication"
_WRONG_CREDENTIALS = {
    "message": "The given data was invalid.",
    "errors": {"email": ["The provided credentials are incorrect."]},
}
_ABOUT = (
    "Give a new token for an email and a password. It may do what its user may and its `abilities` say. After some "
    "failures, each further try for this address is a 429 for a while, whether or not there is such a user."
)
_BODY = {"email": "user@example.com", "password": "correct horse battery staple", "device_name": "Office laptop"}
_VALIDATION_ERROR = {"$ref": "#/components/schemas/ValidationError"}


def create_token(components: Components) -> Json:
    """Describe getting a token."""
    user = record_schema(UserSummary, User.__table__, components)
    token = {"type": "string", "pattern": "^[0-9]+[|][A-Za-z0-9._-]{40,}$", "description": "Shown this once."}
    answer = components.add("IssuedToken", object_of({"token": token, "user": user}))
    example = {"token": "1|" + "crm_Kx3vT9mQ2pLs8wZr5yNb7cHd4gJf6aEu1iOo.0XtVq-_kPzMwRsYbCnDh", "user": CALLER}
    invalid = success("Every fault of the body, or credentials that are wrong.", _VALIDATION_ERROR, _WRONG_CREDENTIALS)
    some = {"abilities": ["leads:*", "people:view"], "expires_at": "2099-12-31T23:59:59+00:00"}
    examples = {"plain": {"value": _BODY}, "restricted": {"value": {**_BODY, "device_name": "Web form", **some}}}
    schema = body_schema(Credentials(), "Credentials", components)
    return {
        **head_of("createToken", "Get a token for an email and a password", AUTHENTICATION),
        "description": _ABOUT,
        **PUBLIC,
        "requestBody": {"required": True, "content": {MEDIA_TYPE: {"schema": schema, "examples": examples}}},
        "responses": {
            "201": success("The token.", answer, example),
            "422": invalid,
            **refusals((400, 405, 413, 415, 429, 500, 503)),
        },
    }


def delete_token(components: Components) -> Json:
    """Describe giving a token back."""
    return {
        **head_of("deleteToken", "Revoke the token that is used", AUTHENTICATION),
        "responses": {"204": nothing("The token is revoked."), **refusals(set(READ) - {403})},
    }
