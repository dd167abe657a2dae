"""The operations of the caller's own account: who asks, the tokens, the current team, the password."""

from crm.access.abilities import ABILITIES
from crm.access.permissions import ROLES
from crm.models import User
from crm.openapi.answers import head_of, nothing, one, success
from crm.openapi.examples.world import CALLER, MOMENT
from crm.openapi.forms import TEXT, TIMESTAMP, TRUTH, Components, Json, array_of, object_of, or_null
from crm.openapi.operations.tokens import AUTHENTICATION
from crm.openapi.parameters import shared
from crm.openapi.records import record_schema
from crm.openapi.refusals import READ, refusals
from crm.openapi.requests import body_of, body_schema
from crm.schemas.auth import CurrentTeam, PasswordChange
from crm.schemas.summaries import UserSummary

_BODY = (*READ, 413, 415, 422)
_ID: Json = {"type": "integer", "minimum": 1}
_ROLE: Json = {**TEXT, "enum": [*ROLES]}
_ABILITIES = array_of({**TEXT, "enum": [*ABILITIES]})
_TOKEN = {"id": 1, "name": "Office laptop", "abilities": ["*"], "expires_at": None}
_WITHOUT_TEAMS: Json = {"user": CALLER, "role": "Owner", "team": None, "teams": [], "token": _TOKEN}
_SALES = {"id": 2, "name": "Sales"}
_WITH_TEAMS = {**_WITHOUT_TEAMS, "role": "Manager", "team": _SALES, "teams": [{**_SALES, "role": "Manager"}]}


def show_caller(components: Components) -> Json:
    """Describe asking whose token it is."""
    return {
        **head_of("showCaller", "Show whose token it is", AUTHENTICATION),
        "parameters": shared("Team"),
        "responses": {"200": success("The user.", _caller(components), _WITHOUT_TEAMS), **refusals(READ)},
    }


def update_team(components: Components) -> Json:
    """Describe changing the current team."""
    body = body_schema(CurrentTeam(), "CurrentTeam", components)
    return {
        **head_of("changeCurrentTeam", "Change the current team", AUTHENTICATION),
        "description": "Make another of the user's teams the one that requests without `X-Team-ID` run in.",
        "parameters": shared("Team"),
        "requestBody": body_of(body, {"team_id": _SALES["id"]}),
        "responses": {"200": success("The user.", _caller(components), _WITH_TEAMS), **refusals((404, *_BODY))},
    }


def update_password(components: Components) -> Json:
    """Describe changing the password."""
    body = body_schema(PasswordChange(), "PasswordChange", components)
    example = {"current_password": "a horse and a battery", "password": "a longer battery of correct horses"}
    return {
        **head_of("changePassword", "Change the password", AUTHENTICATION),
        "description": "All other tokens of the user end. A wrong current password is a failed log-in.",
        "requestBody": body_of(body, example),
        "responses": {"204": nothing("The password is changed."), **refusals(_BODY)},
    }


def list_tokens(components: Components) -> Json:
    """Describe listing the tokens of the user."""
    properties = {
        **_token(),
        "created_at": TIMESTAMP,
        "last_used_at": or_null(TIMESTAMP),
        "current": {**TRUTH, "description": "Whether it is the one that is used."},
    }
    tokens = components.add("Tokens", one(array_of(components.add("Token", object_of(properties)))))
    shown = {**_TOKEN, "created_at": MOMENT, "last_used_at": MOMENT, "current": True}
    return {
        **head_of("listTokens", "List the user's tokens", AUTHENTICATION),
        "responses": {"200": success("The tokens.", tokens, {"data": [shown]}), **refusals(READ)},
    }


def delete_tokens(components: Components) -> Json:
    """Describe ending all other tokens."""
    return {
        **head_of("deleteOtherTokens", "Revoke all other tokens of the user", AUTHENTICATION),
        "responses": {"204": nothing("They are revoked."), **refusals(READ)},
    }


def delete_own_token(components: Components) -> Json:
    """Describe ending a token."""
    return {
        **head_of("deleteOwnToken", "Revoke a token of the user", AUTHENTICATION),
        "parameters": shared("TokenId"),
        "responses": {"204": nothing("It is revoked."), **refusals((404, *READ))},
    }


def _caller(components: Components) -> Json:
    team = {"id": _ID, "name": TEXT}
    properties = {
        "user": record_schema(UserSummary, User.__table__, components),
        "role": {**or_null(_ROLE), "enum": [*ROLES, None], "description": "With teams, the one in `team`."},
        "team": {**or_null(object_of(team)), "description": "The team of the request."},
        "teams": {**array_of(object_of({**team, "role": _ROLE})), "description": "All of the user's, by `id`."},
        "token": object_of(_token()),
    }
    return components.add("Caller", object_of(properties))


def _token() -> Json:
    """Return what is shown of a token wherever one is."""
    return {"id": _ID, "name": TEXT, "abilities": _ABILITIES, "expires_at": or_null(TIMESTAMP)}
