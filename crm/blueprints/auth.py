"""Tokens: getting one for a password, asking whose it is, and giving it back (contract, section 2)."""

from typing import Any

from flask import Blueprint, request

from crm.access import acting
from crm.access.credentials import check_credentials
from crm.access.hooks import require_token, require_user
from crm.access.tokens import DEFAULT_TOKEN_NAME, TOKEN_NAME_LENGTH, issue_token, revoke_token
from crm.http.body import read_body
from crm.http.errors import ValidationFailed
from crm.http.responses import NO_STORE
from crm.schemas.auth import Credentials

blueprint = Blueprint("auth", __name__)
_CREDENTIALS = Credentials()


@blueprint.post("/token")
def create_token() -> tuple[dict[str, Any], int, dict[str, str]]:
    """Answer a new token for an email and a password."""
    body = _CREDENTIALS.read(read_body())
    user = check_credentials(body["email"], body["password"])
    if user is None:
        raise ValidationFailed({"email": ["The provided credentials are incorrect."]})
    name = body.get("device_name") or request.user_agent.string[:TOKEN_NAME_LENGTH] or DEFAULT_TOKEN_NAME
    return {"token": issue_token(user["id"], name), "user": user}, 201, NO_STORE


@blueprint.get("/me")
def show_caller() -> dict[str, Any]:
    """Answer who is asking."""
    require_user()
    caller = acting.caller()
    return {"user": {"id": caller.id, "name": caller.name, "email": caller.email}}


@blueprint.delete("/token")
def delete_token() -> tuple[str, int]:
    """Revoke the token that was used, which a user without CRM access may do, too."""
    require_token()
    revoke_token(acting.caller().token_id)
    return "", 204
