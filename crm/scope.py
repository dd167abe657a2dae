"""Which rows a request may see: the only door to team rows (contract, section 4)."""

from flask import current_app, g, request
from sqlalchemy import BigInteger, ColumnElement, FromClause, bindparam, or_, select, true

from crm.database.query import Query
from crm.http.errors import Refusal
from crm.models import Counter, Membership, User
from crm.models.base import OfTeam

MEMBERSHIPS = Query(select(Membership.team_id, Membership.role).where(Membership.user_id == bindparam("user_id")))


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


def alive(table: FromClause) -> ColumnElement[bool]:
    """Return the condition that a row is not soft-deleted."""
    return table.c.deleted_at.is_(None)


def visible(model: type[OfTeam]) -> tuple[ColumnElement[bool], ...]:
    """Return the conditions under which the request sees a row of `model`: alive, and of its team or shared."""
    table: FromClause = model.__table__  # type: ignore[attr-defined]
    if not current_app.config["TEAMS"]:
        return (alive(table),)
    of_team = table.c.team_id == _team_parameter()
    return alive(table), or_(of_team, table.c.team_id.is_(None)) if model.shared_without_team else of_team


def assignable_users() -> tuple[ColumnElement[bool], ...]:
    """Return the conditions under which a user can own a record: CRM access and, with teams, membership."""
    members = select(Membership.user_id).where(Membership.team_id == _team_parameter())
    return User.crm_access.is_(True), User.id.in_(members) if current_app.config["TEAMS"] else true()


def counters_in_scope() -> tuple[ColumnElement[bool], ...]:
    """Return the condition that a counter is of the request's team, none outside teams mode."""
    return (Counter.team_id == _team_parameter(),) if current_app.config["TEAMS"] else ()


def _team_parameter() -> ColumnElement[int]:
    return bindparam("team_id", type_=BigInteger, callable_=lambda: g.team_id)


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
