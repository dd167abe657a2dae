"""What callers change and see of their own account: the password, the current team, all teams (beyond, section 20)."""

from typing import Any

from sqlalchemy import bindparam, exists, select, update
from werkzeug.security import generate_password_hash

from crm.access import acting
from crm.access.credentials import Proven, check_credentials, is_still_proven
from crm.access.hashing import turn_to_hash
from crm.access.held_tokens import revoke_tokens
from crm.database.connections import transaction
from crm.database.query import Query
from crm.models import Membership, Team, User
from crm.models.types import PrimaryKey
from crm.operate.security import security_event

_USERS = User.__table__
_ID = bindparam("user_id", type_=PrimaryKey)
_IS_MEMBER = exists().where(Membership.user_id == _ID, Membership.team_id == bindparam("team_id", type_=PrimaryKey))
_TEAMS = Query(
    select(Team.id, Team.name, Membership.role)
    .join(Membership, Membership.team_id == Team.id)
    .where(Membership.user_id == _ID)
    .order_by(Team.id)
)
_LOCK = Query(select(User.id).where(User.id == _ID).with_for_update())
_SET_TEAM = Query(update(_USERS).where(User.id == _ID, _IS_MEMBER).values(current_team_id=bindparam("team_id")))
_SET_PASSWORD = Query(update(_USERS).where(User.id == _ID), ("password_hash",))


def teams_of(user_id: int) -> list[dict[str, Any]]:
    """Return the teams of a user: `id`, `name`, and the user's `role` there."""
    return _TEAMS.records(user_id=user_id)


def change_team(team_id: int) -> bool:
    """Make a team the caller's current one; tell whether the caller is a member of it."""
    caller = acting.caller()
    with transaction():
        _LOCK.rows(user_id=caller.id)  # who is taken out of a team meanwhile is so before or after
        is_member = _SET_TEAM.execute(user_id=caller.id, team_id=team_id) > 0
    if is_member:
        acting.act_as(caller._replace(current_team_id=team_id))
    return is_member


def change_password(current: str, password: str) -> bool:
    """Give the caller another password and end all other tokens; tell whether the current one was right.

    A wrong one is a failed log-in, and refused as such: raises what `check_credentials` does.
    """
    caller = acting.caller()
    proven = check_credentials(caller.email, current)
    if proven is None:
        return False
    with turn_to_hash():
        password_hash = generate_password_hash(password)
    return _set_password(proven, password_hash, kept_token=caller.token_id)


def _set_password(proven: Proven, password_hash: str, kept_token: int) -> bool:
    """Change a password unless another request has done so meanwhile; tell whether it is done."""
    with transaction():
        _LOCK.rows(user_id=proven.id)
        if not is_still_proven(proven):
            return False
        _SET_PASSWORD.execute(user_id=proven.id, password_hash=password_hash)
        revoke_tokens(proven.id, kept=kept_token)
    security_event("password.changed", target_user_id=proven.id)
    return True
