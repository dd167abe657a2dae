"""Getting a token for a password, asking whose it is, giving it back (contract, section 2)."""

from typing import Any

from flask import Blueprint, request

from crm.access import acting
from crm.access.credentials import Proven, check_credentials, is_still_proven
from crm.access.held_tokens import revoke_token
from crm.access.hooks import require_token
from crm.access.tokens import DEFAULT_TOKEN_NAME, TOKEN_NAME_LENGTH, issue_token
from crm.database.connections import transaction
from crm.http.body import read_body
from crm.http.errors import ValidationFailed
from crm.http.responses import NO_STORE
from crm.operate.security import security_event
from crm.schemas.auth import WRONG_CREDENTIALS, Credentials

blueprint = Blueprint("auth", __name__)
_CREDENTIALS = Credentials()


@blueprint.post("/token")
def create_token() -> tuple[dict[str, Any], int, dict[str, str]]:
    """Answer a new token for an email and a password."""
    body = _CREDENTIALS.read(read_body())
    user = check_credentials(body["email"], body["password"])
    token = _token_for(user, body) if user else None
    if user is None or token is None:
        raise ValidationFailed({"email": [WRONG_CREDENTIALS]})
    security_event("auth.login", target_user_id=user.id)
    return {"token": token, "user": {"id": user.id, "name": user.name, "email": user.email}}, 201, NO_STORE


def _token_for(user: Proven, body: dict[str, Any]) -> str | None:
    """Return a new token, None if the password is another meanwhile: with that one all tokens have ended."""
    name = body.get("device_name") or request.user_agent.string[:TOKEN_NAME_LENGTH] or DEFAULT_TOKEN_NAME
    with transaction():
        if not is_still_proven(user):
            return None
        return issue_token(user.id, name, body["abilities"], body.get("expires_at"))


@blueprint.delete("/token")
def delete_token() -> tuple[str, int]:
    """Revoke the token that was used, which a user without CRM access may do, too."""
    require_token()
    revoke_token(acting.caller().token_id)
    return "", 204
