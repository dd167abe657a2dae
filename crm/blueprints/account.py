"""The caller's own account: who asks, the tokens, the current team, the password (beyond, section 20)."""

from typing import Any

from flask import Blueprint, current_app
from werkzeug.exceptions import NotFound

from crm.access import acting
from crm.access.held_tokens import revoke_own_token, revoke_tokens, tokens_of
from crm.access.hooks import NO_MEMBER, requested_team, require_user
from crm.access.own_account import change_password, change_team, teams_of
from crm.access.permissions import require_all_abilities
from crm.http.body import read_body
from crm.http.errors import Refusal, ValidationFailed
from crm.models.types import row_id_of
from crm.schemas.auth import WRONG_CREDENTIALS, CurrentTeam, PasswordChange

blueprint = Blueprint("account", __name__)
blueprint.before_request(require_user)
_CURRENT_TEAM = CurrentTeam()
_PASSWORD_CHANGE = PasswordChange()


@blueprint.get("/me")
def show_caller() -> dict[str, Any]:
    """Answer who is asking, by which token, in which team, and with which role there."""
    caller = acting.caller()
    with_teams = current_app.config["TEAMS"]
    teams = teams_of(caller.id) if with_teams else []
    requested = requested_team(caller)
    team = next((team for team in teams if team["id"] == requested), None)
    role = (team and team["role"]) if with_teams else caller.role
    return {
        "user": {"id": caller.id, "name": caller.name, "email": caller.email},
        "role": role,
        "team": team and {"id": team["id"], "name": team["name"]},
        "teams": teams,
        "token": {
            "id": caller.token_id,
            "name": caller.token_name,
            "abilities": caller.abilities,
            "expires_at": caller.expires_at,
        },
    }


@blueprint.put("/team")
def update_team() -> dict[str, Any]:
    """Change the caller's current team and answer who is asking."""
    require_all_abilities()
    if not current_app.config["TEAMS"]:
        raise NotFound
    if not change_team(_CURRENT_TEAM.read(read_body())["team_id"]):
        raise Refusal(403, NO_MEMBER)
    return show_caller()


@blueprint.put("/password")
def update_password() -> tuple[str, int]:
    """Change the caller's password, and end all tokens but the one in use."""
    require_all_abilities()
    body = _PASSWORD_CHANGE.read(read_body())
    if not change_password(body["current_password"], body["password"]):
        raise ValidationFailed({"current_password": [WRONG_CREDENTIALS]})
    return "", 204


@blueprint.get("/tokens")
def list_tokens() -> dict[str, Any]:
    """Answer the caller's tokens, the newest first."""
    require_all_abilities()
    caller = acting.caller()
    return {"data": [{**token, "current": token["id"] == caller.token_id} for token in tokens_of(caller.id)]}


@blueprint.delete("/tokens")
def delete_tokens() -> tuple[str, int]:
    """Revoke all tokens of the caller but the one in use."""
    require_all_abilities()
    caller = acting.caller()
    revoke_tokens(caller.id, kept=caller.token_id)
    return "", 204


@blueprint.delete("/tokens/<token_id>")
def delete_own_token(token_id: str) -> tuple[str, int]:
    """Revoke one of the caller's tokens."""
    require_all_abilities()
    row_id = row_id_of(token_id)
    if row_id is None or not revoke_own_token(acting.caller().id, row_id):
        raise NotFound
    return "", 204
