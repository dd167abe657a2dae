"""What comes before a view, in this order: who asks, whether that is enough, and the team that the request runs in."""

from flask import Flask, current_app, g, request

from crm.access.scope import MEMBERSHIPS
from crm.access.tokens import find_caller
from crm.http.errors import Refusal


def init_app(app: Flask) -> None:
    """Find out before every request who is asking."""
    app.before_request(identify)


def identify() -> None:
    """Before a request: set `g.caller` to the caller or None. Never refuses; `require_user` does."""
    g.caller = None
    if request.routing_exception is None and (header := request.headers.get("Authorization")):
        g.caller = find_caller(header)


def require_token() -> None:
    """Before a request that needs a token: raise Refusal (401) without a valid one."""
    if g.caller is None and request.method != "OPTIONS":
        raise Refusal(401)


def require_user() -> None:
    """Before a request that needs a user: raise Refusal, 401 without a token, 403 if CRM access is gone."""
    require_token()
    if g.caller is not None and not g.caller.crm_access:
        raise Refusal(403)


def set_team() -> None:
    """Before a request: find its team in `g.team_id` and the caller's role there in `g.role`.

    Outside teams mode there is no team, and the role is the user's. Raises Refusal (403).
    """
    if request.method == "OPTIONS":
        return
    g.team_id, g.role = None, g.caller.role
    if not current_app.config["TEAMS"]:
        return
    roles: dict[int, str] = dict(MEMBERSHIPS.rows(user_id=g.caller.id))
    if not roles:
        raise Refusal(403, "You do not belong to a team.")
    requested = _requested_team()
    team_id = g.caller.current_team_id if _shows_current_team() else requested
    if requested not in roles or team_id not in roles:
        raise Refusal(403, "You are not a member of the requested team.")
    g.team_id, g.role = team_id, roles[team_id]


def _requested_team() -> int | None:
    header = request.headers.get("X-Team-ID")
    if header is None:
        team_id: int | None = g.caller.current_team_id
        return team_id
    return int(header) if header.isascii() and header.isdigit() and len(header) < 19 else None


def _shows_current_team() -> bool:
    """Tell whether this is a show of one record, which ignores X-Team-ID unless the setting says otherwise."""
    shows = request.method in ("GET", "HEAD") and "external_id" in (request.view_args or {})
    return shows and not current_app.config["TEAM_HEADER_ON_SHOW"]
