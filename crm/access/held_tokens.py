"""The tokens that users hold: listed, and ended (beyond, section 20)."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, delete, func, select

from crm.database.connections import transaction
from crm.database.query import Query
from crm.models import Token
from crm.models.types import PrimaryKey, Timestamp, now
from crm.operate.security import security_event

EXPIRED_DAYS = 30
"""How long after its end an expired token is listed still."""
_NONE = 0
"""The id of no token."""

_OF_USER = Token.user_id == bindparam("user_id", type_=PrimaryKey)
_LONG_EXPIRED = Token.expires_at < bindparam("before", type_=Timestamp)
_TOKENS = Token.__table__
_LIST = Query(
    select(Token.id, Token.name, Token.abilities, Token.created_at, Token.last_used_at, Token.expires_at)
    .where(_OF_USER)
    .order_by(Token.id.desc())
)
_ENDED = (Token.id, Token.user_id)
_END = Query(delete(_TOKENS).where(Token.id == bindparam("token_id")).returning(*_ENDED))
_END_OWN = Query(delete(_TOKENS).where(Token.id == bindparam("token_id"), _OF_USER).returning(*_ENDED))
_END_ALL = Query(delete(_TOKENS).where(_OF_USER, Token.id != bindparam("kept")).returning(*_ENDED))
_COUNT_EXPIRED = Query(select(func.count()).select_from(Token).where(_LONG_EXPIRED))
_END_EXPIRED = Query(delete(_TOKENS).where(_LONG_EXPIRED))


def tokens_of(user_id: int) -> list[dict[str, Any]]:
    """Return a user's tokens, the newest first."""
    return _LIST.records(user_id=user_id)


def revoke_token(token_id: int) -> bool:
    """Delete a token; tell whether there was one."""
    return bool(_end(_END, token_id=token_id))


def revoke_own_token(user_id: int, token_id: int) -> bool:
    """Delete a token of a user; tell whether there was one."""
    return bool(_end(_END_OWN, user_id=user_id, token_id=token_id))


def revoke_tokens(user_id: int, kept: int = _NONE) -> int:
    """Delete all tokens of a user, but perhaps one, and return how many."""
    return _end(_END_ALL, user_id=user_id, kept=kept)


def count_expired() -> int:
    """Return how many tokens `prune_tokens` would remove."""
    return int(_COUNT_EXPIRED.rows(before=_oldest())[0][0])


def prune_tokens() -> int:
    """Remove the tokens that expired EXPIRED_DAYS ago or earlier, and return how many."""
    with transaction():
        return _END_EXPIRED.execute(before=_oldest())


def _end(query: Query, **values: int) -> int:
    """Delete tokens, tell the security log of each, and return how many there were."""
    with transaction():
        ended = query.rows(**values)
    for token_id, user_id in ended:
        security_event("token.ended", target_user_id=user_id, target_token_id=token_id)
    return len(ended)


def _oldest() -> datetime:
    return now() - timedelta(days=EXPIRED_DAYS)
