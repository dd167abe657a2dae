"""`Idempotency-Key`: how it is read, what makes two requests the same, and what a second one is answered.

A client that has got no answer to a write sends it again with the same key, and it is done once (beyond, section 13).
"""

import re
from datetime import datetime, timedelta
from hashlib import blake2b

from flask import Response, current_app, request
from werkzeug.exceptions import HTTPException

from crm.http.body import body_bytes
from crm.http.errors import Refusal, ValidationFailed
from crm.http.responses import JSONResponse
from crm.models.kept_answer import MAX_KEY_LENGTH
from crm.models.types import now

HEADER = "Idempotency-Key"
REPLAYED = "Idempotent-Replayed"
WAITING_SECONDS = 5
"""How long a request waits for another one with its key."""
RETRY_SECONDS = 1

_BARE = rf"[!#-~](?:[!-~]{{0,{MAX_KEY_LENGTH - 2}}}[!#-~])?"
FORM = rf'^({_BARE}|"{_BARE}")$'
"""Visible ASCII, perhaps in quotes, of which it has none at one end alone."""

_FORM = re.compile(rf'("?)({_BARE})\1')
_DIGEST_BYTES = 32


class KeyUsed(ValidationFailed):
    """A 422: the key came with another request before."""

    def __init__(self) -> None:
        super().__init__({HEADER: [f"The {HEADER} has already been used with another request."]})


class StillRunning(Refusal):
    """A 409: the first request with this key has not been answered yet."""

    def __init__(self) -> None:
        retry = {"Retry-After": str(RETRY_SECONDS)}
        super().__init__(409, f"A request with this {HEADER} is still running.", headers=retry)


def idempotency_key() -> str | None:
    """Return the request's key without quotes around it, None if it has none. Raises Refusal (400)."""
    header = request.headers.get(HEADER)
    if header is None:
        return None
    match = _FORM.fullmatch(header)
    if match is None:
        raise Refusal(400, f"The {HEADER} header must be 1 to {MAX_KEY_LENGTH} visible ASCII characters.")
    return match[2]


def fingerprint() -> bytes | None:
    """Return what only the same request has: the digest of its method, path, query and body.

    None if the body cannot be read or is too large: such a request is the same as no other.
    """
    try:
        body = body_bytes()
    except HTTPException:
        return None
    hashed = blake2b(digest_size=_DIGEST_BYTES)
    for part in (request.method.encode(), request.path.removesuffix("/").encode(), request.query_string, body):
        hashed.update(b"%d:" % len(part))
        hashed.update(part)
    return hashed.digest()


def oldest_kept() -> datetime:
    """Return since when answers are kept: older ones count as none."""
    return now() - timedelta(hours=current_app.config["IDEMPOTENCY_HOURS"])


def replayed(status: int, body: bytes, etag: str | None, location: str | None) -> Response:
    """Return the answer of the first request once more."""
    named = {"ETag": etag, "Location": location, REPLAYED: "true"}
    return JSONResponse(body, status, {name: value for name, value in named.items() if value is not None})
