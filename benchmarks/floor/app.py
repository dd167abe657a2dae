"""The floor as gunicorn serves it: who asks, how often, may they, what."""

import hashlib
import hmac
import os
import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import orjson
import redis

from benchmarks.floor.pages import list_of
from benchmarks.floor.shapes import Json, leads, quotes
from benchmarks.floor.statements import (
    INSERT,
    INSERT_LABELS,
    LABEL_IDS,
    LEADS,
    LOCK,
    NEXT_NUMBER,
    NOTE,
    ONE_LEAD,
    ORGANIZATION,
    PERSON,
    QUOTES,
    STAGE,
    TOKEN,
    UPDATE,
    rows,
)

LIMIT = int(os.environ["FLOOR_LIMIT"])
PREFIX = "/crm/api/v2"
ROLES = {"Owner", "Admin", "Manager", "Employee", "Viewer"}

_redis = redis.Redis.from_url(os.environ["CRM_RATELIMIT_STORAGE_URL"])


def body_of(environ: Json) -> Json:
    """Return the request's body."""
    body: Json = orjson.loads(environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"])))
    return body


def note(environ: Json, kind: str, lead: Json, now: datetime, changed: str | None) -> None:
    """Note a change as the last statement of its transaction."""
    token_id, token_name, user_id, user_name = environ["floor.caller"]
    who = (user_id, user_name, token_id, token_name, str(uuid.uuid4()))
    rows(NOTE, kind, lead["id"], lead["version"], now, *who, changed)


def create_lead(environ: Json) -> Json:
    """Answer a new lead with person, organization, stage and labels."""
    body = body_of(environ)
    if not isinstance(body.get("title"), str) or len(body["title"]) > 255:
        raise ValueError
    (person_id,), (organization_id,) = (
        rows(PERSON, body["person_id"])[0],
        rows(ORGANIZATION, body["organization_id"])[0],
    )
    (stage_id,) = rows(STAGE, body["pipeline_stage_id"])[0]
    label_ids = [row[0] for row in rows(LABEL_IDS, body["labels"])]
    external_id, now = uuid.uuid4(), datetime.now(UTC).replace(microsecond=0)
    rows("BEGIN")
    number = rows(NEXT_NUMBER)[0][0]
    values = (body["title"], round(body["amount"] * 100), person_id, organization_id, stage_id, now, now)
    ((record_id,),) = rows(INSERT, external_id, f"L{number}", *values)
    rows(INSERT_LABELS, record_id, label_ids)
    (lead,) = leads(rows(ONE_LEAD, external_id))
    note(environ, "lead.created", lead, now, None)
    rows("COMMIT")
    return {"data": lead}


def update_lead(environ: Json, external_id: str) -> Json:
    """Answer a lead with a new title and amount."""
    body = body_of(environ)
    rows("BEGIN")
    ((record_id, _),) = rows(LOCK, external_id)
    now = datetime.now(UTC).replace(microsecond=0)
    (before,) = leads(rows(ONE_LEAD, external_id))
    if (before["title"], before["amount"]) != (body["title"], body["amount"]):
        rows(UPDATE, body["title"], round(body["amount"] * 100), now, record_id)
        (after,) = leads(rows(ONE_LEAD, external_id), before["labels"])
        differing = {name for name in ("title", "amount") if before[name] != after[name]}
        changed = {name: {"from": before[name], "to": after[name]} for name in differing}
        note(environ, "lead.updated", after, now, orjson.dumps(changed).decode())
        before = after
    rows("COMMIT")
    return {"data": before}


def answer(environ: Json) -> tuple[str, Json]:
    """Answer a request of a user who may make it."""
    method, path = environ["REQUEST_METHOD"], environ["PATH_INFO"].removeprefix(PREFIX)
    if path == "/leads":
        if method == "POST":
            return "201 CREATED", create_lead(environ)
        return "200 OK", list_of("leads", LEADS, leads, environ)
    if path == "/quotes":
        return "200 OK", list_of("quotes", QUOTES, quotes, environ)
    external_id = path.removeprefix("/leads/")
    if method == "PUT":
        return "200 OK", update_lead(environ, external_id)
    return "200 OK", {"data": leads(rows(ONE_LEAD, external_id))[0]}


def app(environ: Json, start_response: Callable[..., Any]) -> list[bytes]:
    """Answer as WSGI asks: who, how often, may they, what."""
    token_id, _, secret = environ["HTTP_AUTHORIZATION"].removeprefix("Bearer ").partition("|")
    secret_hash, user_id, crm_access, role, user_name, *token = rows(TOKEN, int(token_id))[0]
    environ["floor.caller"] = (*token, user_id, user_name)
    known = hmac.compare_digest(secret_hash, hashlib.sha256(secret.encode()).hexdigest())
    key = f"floor:{user_id}"
    count = _redis.incr(key)
    if count == 1:
        _redis.expire(key, 60)
    if not known or not crm_access or role not in ROLES or count > LIMIT:
        start_response("403 FORBIDDEN", [])
        return [b""]
    status, data = answer(environ)
    text = orjson.dumps(data)
    start_response(
        status,
        [
            ("Content-Type", "application/json"),
            ("Content-Length", str(len(text))),
            ("X-RateLimit-Limit", str(LIMIT)),
            ("X-RateLimit-Remaining", str(LIMIT - count)),
            ("X-Content-Type-Options", "nosniff"),
            ("Cache-Control", "no-cache, private"),
        ],
    )
    return [text]
