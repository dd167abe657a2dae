"""The table of kept answers: a key is claimed, its answer is kept and read, and those past their time are removed."""

from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import BigInteger, bindparam, delete, func, select, text, tuple_

from crm.database.connections import transaction
from crm.database.query import Query
from crm.models import KeptAnswer
from crm.models.types import Timestamp

AT_ONCE = 5000
"""How many answers one transaction of `prune_answers` removes."""


class KeyOf(NamedTuple):
    """A key and whose it is: another user's, or in another team, it is another one."""

    user_id: int
    team_id: int
    key: str


class Kept(NamedTuple):
    """An answer with success, as far as it is kept."""

    status: int
    body: bytes
    etag: str | None
    location: str | None


def claim(key: KeyOf, fingerprint: bytes | None, moment: datetime, oldest: datetime) -> bool:
    """Take a key unless it has been used since `oldest`, and tell whether it is taken; it is locked either way.

    Waits for a transaction that has it.
    """
    return bool(_CLAIM.rows(**key._asdict(), fingerprint=fingerprint, created_at=moment, oldest=oldest))


def read(key: KeyOf) -> tuple[bytes | None, Kept]:
    """Return the fingerprint of the request that a used key came with, and its answer."""
    ((fingerprint, *answer),) = _READ.rows(**key._asdict())
    return fingerprint, Kept(*answer)


def keep(key: KeyOf, answer: Kept) -> None:
    """Keep the answer to the request that has taken the key."""
    _KEEP.execute(**key._asdict(), **answer._asdict())


def remove_some(before: datetime, most: int) -> int:
    """Remove answers from before a moment, the oldest first, and return how many; those in use are left."""
    return len(_REMOVE.rows(before=before, most=most))


def count_answers(before: datetime) -> int:
    """Return how many answers `prune_answers` would remove."""
    return int(_COUNT.rows(before=before)[0][0])


def prune_answers(before: datetime) -> Iterator[int]:
    """Remove all answers from before a moment; after each portion yield how many it held."""
    while removed := _remove_portion(before):
        yield removed


def _remove_portion(before: datetime) -> int:
    with transaction():
        return remove_some(before, AT_ONCE)


_CLAIM = Query(
    text(
        "INSERT INTO kept_answers (user_id, team_id, key, fingerprint, created_at)"
        " VALUES (:user_id, :team_id, :key, :fingerprint, :created_at)"
        " ON CONFLICT (user_id, team_id, key) DO UPDATE SET fingerprint = :fingerprint, created_at = :created_at"
        " WHERE kept_answers.created_at < :oldest RETURNING key"
    ).bindparams(bindparam("created_at", type_=Timestamp), bindparam("oldest", type_=Timestamp))
)
_READ = Query(
    text(
        "SELECT fingerprint, status, body, etag, location FROM kept_answers"
        " WHERE user_id = :user_id AND team_id = :team_id AND key = :key"
    )
)
_KEEP = Query(
    text(
        "UPDATE kept_answers SET status = :status, body = :body, etag = :etag, location = :location"
        " WHERE user_id = :user_id AND team_id = :team_id AND key = :key"
    )
)

_KEY = (KeptAnswer.user_id, KeptAnswer.team_id, KeptAnswer.key)
_IS_OLD = KeptAnswer.created_at < bindparam("before", type_=Timestamp)
_OLDEST = (
    select(*_KEY)
    .where(_IS_OLD)
    .order_by(KeptAnswer.created_at)
    .limit(bindparam("most", type_=BigInteger))
    .with_for_update(skip_locked=True)
    .cte("oldest")
)
_REMOVE = Query(delete(KeptAnswer).where(tuple_(*_KEY).in_(select(_OLDEST))).returning(KeptAnswer.key))
_COUNT = Query(select(func.count()).select_from(KeptAnswer).where(_IS_OLD))
