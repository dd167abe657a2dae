"""Who the users are, for the operator."""

from collections import defaultdict
from typing import NamedTuple

from sqlalchemy import select

from crm.database.query import Query
from crm.models import Membership, User

_USERS = Query(
    select(User.id, User.email, User.name, User.role, User.crm_access)
    .where(User.removed_at.is_(None))
    .order_by(User.id)
)
_ROLES = Query(select(Membership.user_id, Membership.team_id, Membership.role).order_by(Membership.team_id))


class Listed(NamedTuple):
    """A user, with the role that counts outside teams mode, and those in teams by their ids."""

    id: int
    email: str
    name: str
    role: str
    crm_access: bool
    roles: list[tuple[int, str]]


def list_users() -> list[Listed]:
    """Return all users but those who were removed, by id."""
    roles: dict[int, list[tuple[int, str]]] = defaultdict(list)
    for user_id, team_id, role in _ROLES.rows():
        roles[user_id].append((team_id, role))
    return [Listed(**user, roles=roles[user["id"]]) for user in _USERS.records()]
