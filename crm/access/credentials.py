"""Email and password: whom they prove (contract, section 2)."""

from typing import Any

from sqlalchemy import bindparam, select
from werkzeug.security import check_password_hash

from crm.access.hashing import turn_to_hash
from crm.database.query import Query
from crm.http.text import trim
from crm.models import User
from crm.operate.security import security_event

# The form of werkzeug's default hashes, so that an unknown email costs the same time as a wrong password.
_NOBODYS_HASH = f"scrypt:32768:8:1$nobody${'0' * 128}"

_FIND_LOGIN = Query(
    select(User.id, User.name, User.email, User.password_hash, User.crm_access).where(User.email == bindparam("email"))
)


def check_credentials(email: str, password: str) -> dict[str, Any] | None:
    """Return the user with CRM access whom email and password prove, as `id`, `name` and `email`, or None.

    Checks exactly one password hash whatever the answer, so that its time tells nothing. The turn to do so comes, or
    is refused as `turn_to_hash` says, before anything is known of the user.
    """
    with turn_to_hash():
        row = _FIND_LOGIN.row(email=normalize_email(email))
        *user, password_hash, crm_access = row or (None, None, None, _NOBODYS_HASH, False)
        right = check_password_hash(password_hash, password)
    if not (right and crm_access):
        security_event("auth.login_failed", target_user_id=user[0])
        return None
    security_event("auth.login", target_user_id=user[0])
    return dict(zip(("id", "name", "email"), user, strict=True))


def normalize_email(email: str) -> str:
    """Return an email as it is stored: emails are compared without case."""
    return trim(email).lower()
