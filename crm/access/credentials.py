"""Email and password: whom they prove (contract, section 2)."""

from typing import NamedTuple

from sqlalchemy import bindparam, select
from werkzeug.security import check_password_hash

from crm.access.guessing import Tries
from crm.access.hashing import turn_to_hash
from crm.database.query import Query
from crm.http.text import trim
from crm.models import User
from crm.operate.security import security_event

# The form of werkzeug's default hashes, so that an unknown email costs the same time as a wrong password.
_NOBODYS_HASH = f"scrypt:32768:8:1$nobody${'0' * 128}"
_NOBODY = (0, "", "", _NOBODYS_HASH, False)

_FIND_LOGIN = Query(
    select(User.id, User.name, User.email, User.password_hash, User.crm_access).where(
        User.email == bindparam("email"), User.removed_at.is_(None)
    )
)
_FIND_UNCHANGED = Query(
    select(User.id)
    .where(User.id == bindparam("id"), User.password_hash == bindparam("password_hash"), User.crm_access)
    .with_for_update(read=True)
)


class Proven(NamedTuple):
    """A user whom email and password have proved, and the hash of that password."""

    id: int
    name: str
    email: str
    password_hash: str


def check_credentials(email: str, password: str) -> Proven | None:
    """Return the user with CRM access whom email and password prove, or None.

    Checks exactly one password hash whatever the answer, so that its time tells nothing; none beyond the tries that an
    account has. Raises Refusal (429) then, and ServiceUnavailable if no turn to check comes, as `turn_to_hash` says.
    """
    address = normalize_email(email)
    row_id, name, stored, password_hash, crm_access = _FIND_LOGIN.row(email=address) or _NOBODY
    tries = Tries(address, password_hash)
    with tries.one(), turn_to_hash():
        right = check_password_hash(password_hash, password)
    if not (right and crm_access):
        security_event("auth.login_failed", target_user_id=row_id or None)
        return None
    tries.clear()
    return Proven(row_id, name, stored, password_hash)


def is_still_proven(user: Proven) -> bool:
    """Tell whether that password is the user's still, and keep it so until the transaction ends."""
    return bool(_FIND_UNCHANGED.rows(id=user.id, password_hash=user.password_hash))


def normalize_email(email: str) -> str:
    """Return an email as it is stored: emails are compared without case."""
    return trim(email).lower()
