"""Bearer tokens: issued, and from a request's header to its caller (contract, section 2; beyond, section 20)."""

import hashlib
import hmac
import re
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import lru_cache

from flask import current_app
from itsdangerous import Signer
from sqlalchemy import bindparam, insert, or_, select, update

from crm.access.acting import Caller
from crm.database.connections import transaction
from crm.database.notes import note
from crm.database.query import Query
from crm.models import Token, User
from crm.models.types import Timestamp, now
from crm.models.user import ALL_ABILITIES
from crm.operate.security import security_event

DEFAULT_TOKEN_NAME = "api-token"  # noqa: S105 (a name, not a secret)
TOKEN_NAME_LENGTH = 255
_PREFIX = "crm_"  # by which scanners find leaked secrets
_LAST_USED_EVERY = timedelta(minutes=1)
_BEARER = re.compile(r"bearer +([1-9][0-9]{0,17})\|([A-Za-z0-9._-]{40,200})", re.IGNORECASE)

_FIND_CALLER = Query(
    select(
        Token.secret_hash,
        or_(Token.last_used_at.is_(None), Token.last_used_at < bindparam("noted_before", type_=Timestamp)).label(
            "note_use"
        ),
        Token.id.label("token_id"),
        Token.name.label("token_name"),
        Token.abilities,
        Token.expires_at,
        User.id,
        User.name,
        User.email,
        User.crm_access,
        User.role,
        User.current_team_id,
    )
    .join(User, User.id == Token.user_id)
    .where(
        Token.id == bindparam("id"),
        or_(Token.expires_at.is_(None), Token.expires_at > bindparam("now", type_=Timestamp)),
    )
)

_UNLOCKED = select(Token.id).where(Token.id == bindparam("id")).with_for_update(skip_locked=True)
_NOTE_USE = Query(
    update(Token.__table__).where(Token.id.in_(_UNLOCKED)),
    ("last_used_at",),
)


def find_caller(authorization: str) -> Caller | None:
    """Return the caller whom an Authorization header proves, or None.

    A secret that this server did not sign is turned away without a query.
    """
    match = _BEARER.fullmatch(authorization)
    if match is None or not _signer().validate(match[2]):
        return None
    moment = now()
    found = _FIND_CALLER.record(id=int(match[1]), now=moment, noted_before=moment - _LAST_USED_EVERY)
    if found is None or not hmac.compare_digest(found.pop("secret_hash"), _hash(match[2])):
        return None
    note_use = found.pop("note_use")
    caller = Caller(**found)
    if note_use:
        note(_NOTE_USE, id=caller.token_id, last_used_at=moment)
    return caller


def issue_token(
    user_id: int, name: str, abilities: Sequence[str] = (ALL_ABILITIES,), expires_at: datetime | None = None
) -> str:
    """Make a token for a user and return its plain text, `<row id>|<secret>`, which is kept nowhere.

    It expires at `expires_at`, or earlier if all tokens do.
    """
    secret = _signer().sign(_PREFIX + secrets.token_urlsafe(32)).decode()
    values = {
        "user_id": user_id,
        "name": name,
        "secret_hash": _hash(secret),
        "abilities": abilities,
        "expires_at": min(filter(None, (expires_at, _end_of_lifetime())), default=None),
    }
    with transaction() as connection:
        token_id = connection.execute(insert(Token.__table__).values(values).returning(Token.id)).scalar_one()
    security_event("token.made", target_user_id=user_id, target_token_id=token_id)
    return f"{token_id}|{secret}"


def _end_of_lifetime() -> datetime | None:
    """Return when a token that is made now expires at the latest."""
    lifetime = current_app.config["TOKEN_LIFETIME_MINUTES"]
    return now() + timedelta(minutes=lifetime) if lifetime else None


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def _signer() -> Signer:
    keys = (*current_app.config["SECRET_KEY_FALLBACKS"], current_app.config["SECRET_KEY"])
    return _signer_for(keys)


@lru_cache
def _signer_for(keys: Sequence[str]) -> Signer:
    """Return the signer whose last key signs and whose every key is accepted."""
    return Signer(list(keys), salt="crm-token", digest_method=hashlib.sha256, key_derivation="hmac")
