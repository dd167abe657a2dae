"""A write is done once for each `Idempotency-Key`, however often it is sent (beyond, section 13).

The key is claimed by the first statement of the write's own transaction, and the answer is kept by the same one: after
a crash there are both or neither. Whoever sends the key meanwhile waits at the claim.
"""

from collections.abc import Callable

from flask import Response

from crm.access import acting
from crm.database.connections import transaction, waiting_at_most
from crm.database.faults import Fault, fault_of
from crm.extensions import db
from crm.http.idempotency import (
    WAITING_SECONDS,
    KeyUsed,
    StillRunning,
    fingerprint,
    idempotency_key,
    oldest_kept,
    replayed,
)
from crm.models import NO_TEAM
from crm.models.types import now
from crm.records.kept_answers import Kept, KeyOf, claim, keep, read, remove_some

REMOVED_AT_ONCE = 10
"""How many answers past their time each write with a key removes."""


def once(write: Callable[[], Response]) -> Response:
    """Return the answer of `write`, or the kept one if the request has been done already.

    `write` runs in a transaction that has claimed the request's key; without a key just so. It raises what it refuses:
    then nothing is kept, and the key is free. Raises Refusal: 400 for a key that cannot be read, 409 while the first
    request runs, 422 if it was another one.
    """
    key, caller = idempotency_key(), acting.caller_if_any()
    if key is None or caller is None:
        return write()
    return _once(KeyOf(caller.id, acting.team_id() or NO_TEAM, key), fingerprint(), write)


def _once(key: KeyOf, request: bytes | None, write: Callable[[], Response]) -> Response:
    with transaction():
        if not _claim(key, request):
            return _kept_answer(key, request)
        remove_some(oldest_kept(), REMOVED_AT_ONCE)  # before the write takes locks that others wait for
        response = write()
        etag, location = response.headers.get("ETag"), response.headers.get("Location")
        keep(key, Kept(response.status_code, response.get_data(), etag, location))
        return response


def _claim(key: KeyOf, request: bytes | None) -> bool:
    """Claim a key, waiting for who has it. Raises StillRunning."""
    try:
        with waiting_at_most(WAITING_SECONDS):
            return claim(key, request, now(), oldest_kept())
    except db.engine.dialect.loaded_dbapi.Error as error:
        if fault_of(error) is not Fault.LOCKED:
            raise
        raise StillRunning from None


def _kept_answer(key: KeyOf, request: bytes | None) -> Response:
    """Return the answer that is kept. Raises KeyUsed if it was given to another request."""
    first, answer = read(key)
    if request is None or request != first:
        raise KeyUsed
    return replayed(**answer._asdict())
