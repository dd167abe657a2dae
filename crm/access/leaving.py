"""Users who go, out of a team or altogether, as the operator has it at the command line (beyond, section 20)."""

from typing import Any

from sqlalchemy import Connection, Row, delete, select, update

from crm.access.accounts import AccountError, find_user
from crm.access.held_tokens import revoke_tokens
from crm.database.connections import transaction
from crm.models import Membership, User
from crm.models.types import now
from crm.operate.security import security_event

_USERS = User.__table__
_MEMBERSHIPS = Membership.__table__


def remove_user(email: str) -> Row[Any]:
    """End a user's access, tokens and memberships, and return the user.

    The row stays, since it owns records and has made changes; the address may be another's. Raises AccountError.
    """
    with transaction() as connection:
        user = _locked(connection, email)
        gone = {"crm_access": False, "current_team_id": None, "removed_at": now()}
        connection.execute(update(_USERS).where(User.id == user.id).values(gone))
        connection.execute(delete(_MEMBERSHIPS).where(Membership.user_id == user.id))
        revoke_tokens(user.id)
    security_event("user.removed", target_user_id=user.id)
    return user


def leave_team(team_id: int, email: str) -> None:
    """Take a user out of a team; if it was the current one, another of the user's is, or none.

    Raises AccountError, also for who is no member.
    """
    with transaction() as connection:
        user = _locked(connection, email)
        of_user = Membership.user_id == user.id
        if not connection.execute(delete(_MEMBERSHIPS).where(of_user, Membership.team_id == team_id)).rowcount:
            raise AccountError(f"{user.email} is no member of team {team_id}.")
        if user.current_team_id == team_id:
            other = connection.scalar(select(Membership.team_id).where(of_user).order_by(Membership.team_id).limit(1))
            connection.execute(update(_USERS).where(User.id == user.id).values(current_team_id=other))
    security_event("member.removed", target_team_id=team_id, target_user_id=user.id)


def _locked(connection: Connection, email: str) -> Row[Any]:
    """Return a user as it is once nobody else changes it, until the transaction ends."""
    user_id = find_user(email).id
    return connection.execute(select(_USERS).where(User.id == user_id).with_for_update()).one()
