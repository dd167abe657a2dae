"""Which rows a request may see: the only door to team rows (contract, section 4)."""

from flask import current_app
from sqlalchemy import BigInteger, ColumnElement, FromClause, Table, bindparam, or_, select, true

from crm.access import acting
from crm.database.query import Query
from crm.models import NO_TEAM, Change, Counter, ExternalKey, Membership, PrunedChanges, User, Webhook
from crm.models.base import OfTeam

MEMBERSHIPS = Query(select(Membership.team_id, Membership.role).where(Membership.user_id == bindparam("user_id")))


def alive(table: FromClause) -> ColumnElement[bool]:
    """Return the condition that a row is not soft-deleted, which rows of some tables never are."""
    return table.c.deleted_at.is_(None) if "deleted_at" in table.c else true()


def visible(model: type[OfTeam]) -> tuple[ColumnElement[bool], ...]:
    """Return the conditions under which the request sees a row of `model`: alive, and of its team or shared.

    Whether there are teams is a setting of the application, and is read here: so a query is built within an
    application's context and belongs to that application. A module cannot keep one; an import has no application.
    """
    return alive(model.__table__), *of_team(model)  # type: ignore[attr-defined]


def of_team(model: type[OfTeam]) -> tuple[ColumnElement[bool], ...]:
    """Return the conditions that a row, alive or not, is of the request's team or shared; none outside teams mode."""
    if not current_app.config["TEAMS"]:
        return ()
    team_id = model.__table__.c.team_id  # type: ignore[attr-defined]
    own = team_id == _team_parameter()
    return (or_(own, team_id.is_(None)) if model.shared_without_team else own,)


def without_team(model: type[OfTeam]) -> ColumnElement[bool]:
    """Return the condition that a row has no team, as all have outside teams mode; true in teams mode.

    It lets an index that begins with the team serve in both. While a server without teams is not yet stopped after the
    first team was made, it finds no row of that team so.
    """
    return true() if current_app.config["TEAMS"] else model.__table__.c.team_id.is_(None)  # type: ignore[attr-defined]


def assignable_users() -> tuple[ColumnElement[bool], ...]:
    """Return the conditions under which a user can own a record: CRM access and, with teams, membership."""
    members = select(Membership.user_id).where(Membership.team_id == _team_parameter())
    return User.crm_access.is_(True), User.id.in_(members) if current_app.config["TEAMS"] else true()


def counters_in_scope() -> tuple[ColumnElement[bool], ...]:
    """Return the condition that a counter is of the request's team, or of records without one outside teams mode."""
    return (Counter.team_id == (_team_parameter() if current_app.config["TEAMS"] else NO_TEAM),)


def in_team(
    rows: type[Change] | type[PrunedChanges] | type[ExternalKey] | type[Webhook] | Table,
) -> tuple[ColumnElement[bool], ...]:
    """Return the condition that a row is of the request's team, in a table where NO_TEAM stands for none."""
    team_id = rows.c.team_id if isinstance(rows, Table) else rows.team_id
    return (team_id == bindparam("team_key", type_=BigInteger, callable_=team_key),)


def team_key() -> int:
    """Return the `team_id` of the request's team in such a table."""
    return acting.team_id() or NO_TEAM


def _team_parameter() -> ColumnElement[int]:
    return bindparam("team_id", type_=BigInteger, callable_=acting.team_id)
