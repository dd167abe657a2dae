"""What comes before a view, in this order: who asks, whether that is enough, and the team that the request runs in."""

from flask import Blueprint, Flask, current_app, request

from crm.access import acting
from crm.access.scope import MEMBERSHIPS
from crm.access.tokens import find_caller
from crm.http.errors import Refusal
from crm.models.types import is_uuid

NO_MEMBER = "You are not a member of the requested team."


def init_app(app: Flask) -> None:
    """Find out before every request who is asking."""
    app.before_request(identify)


def behind_team(blueprint: Blueprint) -> Blueprint:
    """Return a blueprint whose requests need a user and then run in a team."""
    blueprint.before_request(require_user)
    blueprint.before_request(set_team)
    return blueprint


def identify() -> None:
    """Before a request: say who is acting, if anybody. Never refuses; `require_user` does."""
    header = request.headers.get("Authorization")
    acting.act_as(find_caller(header) if header and request.routing_exception is None else None)


def require_token() -> None:
    """Before a request that needs a token: raise Refusal (401) without a valid one."""
    if acting.caller_if_any() is None and request.method != "OPTIONS":
        raise Refusal(401)


def require_user() -> None:
    """Before a request that needs a user: raise Refusal, 401 without a token, 403 if CRM access is gone."""
    require_token()
    if (caller := acting.caller_if_any()) and not caller.crm_access:
        raise Refusal(403)


def set_team() -> None:
    """Before a request: enter its team, with the caller's role there.

    Outside teams mode there is no team, and the role is the user's. Raises Refusal (403).
    """
    if request.method == "OPTIONS":
        return
    caller = acting.caller()
    if not current_app.config["TEAMS"]:
        acting.enter_team(None, caller.role)
        return
    roles: dict[int, str] = dict(MEMBERSHIPS.rows(user_id=caller.id))
    if not roles:
        raise Refusal(403, "You do not belong to a team.")
    requested = requested_team(caller)
    team_id = caller.current_team_id if _shows_current_team() else requested
    if requested not in roles or team_id not in roles:
        raise Refusal(403, NO_MEMBER)
    acting.enter_team(team_id, roles[team_id])


def requested_team(caller: acting.Caller) -> int | None:
    """Return the id of the team that a request asks for, None if it is malformed or the user has no current one."""
    header = request.headers.get("X-Team-ID")
    if header is None:
        return caller.current_team_id
    return int(header) if header.isascii() and header.isdigit() and len(header) < 19 else None


def _shows_current_team() -> bool:
    """Tell whether this shows one record by its UUID, which ignores X-Team-ID unless the setting says otherwise."""
    shows = (request.endpoint or "").endswith(".show") and is_uuid((request.view_args or {})["external_id"])
    return shows and not current_app.config["TEAM_HEADER_ON_SHOW"]
