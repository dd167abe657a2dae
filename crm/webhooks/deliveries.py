"""The deliveries of a webhook as its owner sees them: listed, asked for again, and a test (beyond, section 19)."""

from datetime import UTC, datetime
from typing import Any

import orjson
from sqlalchemy import BigInteger, Text, bindparam, func, or_, select, text
from werkzeug.exceptions import NotFound

from crm.database.projection import Json
from crm.database.query import Query
from crm.http.arguments import argument, refuse
from crm.models import WebhookDelivery
from crm.models.types import Timestamp, now
from crm.models.webhook import FAILED, PENDING, SUCCEEDED
from crm.schemas.fields import INVALID_REFERENCE
from crm.webhooks.outbox import is_message_id, new_message_id
from crm.webhooks.schedule import milliseconds
from crm.webhooks.subscriptions import find_webhook, lock_webhook, writing

TEST = "webhook.test"
STATUSES = (PENDING, SUCCEEDED, FAILED)

_COLUMNS = (
    *("message_id", "type", "sequence", "status", "attempts", "due", "response_status", "response_ms", "error"),
    *("created_at", "finished_at"),
)
_SELECTED = [WebhookDelivery.__table__.c[name] for name in _COLUMNS]
_OF_WEBHOOK = WebhookDelivery.webhook_id == bindparam("webhook_id", type_=BigInteger)
_STATUS = bindparam("status", type_=Text)
_OF_STATUS = or_(_STATUS.is_(None), WebhookDelivery.status == _STATUS)
_COUNT = Query(select(func.count()).select_from(WebhookDelivery).where(_OF_WEBHOOK, _OF_STATUS), planned_anew=True)
_PAGE = Query(
    select(*_SELECTED)
    .where(_OF_WEBHOOK, _OF_STATUS)
    .order_by(WebhookDelivery.id.desc())
    .limit(bindparam("limit", type_=BigInteger))
    .offset(bindparam("offset", type_=BigInteger)),
    planned_anew=True,
)
_ONE = Query(select(*_SELECTED).where(_OF_WEBHOOK, WebhookDelivery.message_id == bindparam("message_id", type_=Text)))
_TEST = Query(
    text(
        "INSERT INTO webhook_deliveries (message_id, webhook_id, type, occurred_at, data, status, attempts, step,"
        " extra, due, created_at) VALUES (:message_id, :webhook_id, :type, :created_at, :data, 'pending', 0, 0, 0, 0,"
        " :created_at)"
    ).bindparams(bindparam("created_at", type_=Timestamp))
)
_REDELIVERY = Query(
    text(
        "UPDATE webhook_deliveries SET resumes = CASE WHEN status <> 'pending' THEN NULL WHEN extra = 0 THEN due"
        " ELSE resumes END, due = CASE WHEN status = 'pending' AND (due = 0 OR extra > 0) THEN due ELSE :moment END,"
        " status = 'pending', extra = extra + 1, finished_at = NULL"
        " WHERE webhook_id = :webhook_id AND message_id = :message_id"
    )
)


def requested_status() -> str | None:
    """Return the status that the request asks for, None for all. Raises ValidationFailed for an unknown one."""
    status = argument("status")
    if status is not None and status not in STATUSES:
        refuse("status", INVALID_REFERENCE)
    return status


def deliveries_of(webhook_id: int, status: str | None, limit: int, offset: int) -> tuple[list[Json], int]:
    """Return deliveries of a webhook, the newest first, and how many there are in all."""
    total = _COUNT.rows(webhook_id=webhook_id, status=status)[0][0]
    if offset >= total:
        return [], total
    found = _PAGE.records(webhook_id=webhook_id, status=status, limit=limit, offset=offset)
    return [_shown(row) for row in found], total


def add_test(external_id: str) -> Json:
    """Have a test sent to a webhook and return the JSON of the delivery. Raises NotFound."""
    message_id = new_message_id()
    with writing():
        webhook = lock_webhook(external_id)
        data = orjson.dumps({"webhook_id": webhook["external_id"]}).decode()
        values = {"message_id": message_id, "webhook_id": webhook["id"], "type": TEST, "data": data}
        _TEST.execute(**values, created_at=now())
        return _shown_one(webhook["id"], message_id)


def find_delivery(external_id: str, message_id: str) -> Json:
    """Return the JSON of a delivery to a webhook. Raises NotFound."""
    return _shown_one(find_webhook(external_id)["id"], message_id)


def redeliver(external_id: str, message_id: str) -> Json:
    """Have a delivery tried once more, at once, and return its JSON; its schedule goes on. Raises NotFound."""
    find_delivery(external_id, message_id)
    with writing():
        webhook = lock_webhook(external_id)
        _REDELIVERY.execute(webhook_id=webhook["id"], message_id=message_id, moment=milliseconds())
        return _shown_one(webhook["id"], message_id)


def _shown_one(webhook_id: int, message_id: str) -> Json:
    row = _ONE.record(webhook_id=webhook_id, message_id=message_id) if is_message_id(message_id) else None
    if row is None:
        raise NotFound
    return _shown(row)


def _shown(row: dict[str, Any]) -> Json:
    moments = {name: row.pop(name) for name in ("created_at", "finished_at")}
    due = row.pop("due")
    shown = {"id": row.pop("message_id"), **row}
    ends = {name: shown.pop(name) for name in ("response_status", "response_ms", "error")}
    return {**shown, "next_attempt_at": _next_attempt(due), **ends, **moments}


def _next_attempt(due: int | None) -> datetime | None:
    """Return when the next try is, which for one that waits for nothing is now."""
    if due is None:
        return None
    moment = datetime.fromtimestamp(due / 1000, UTC) if due else now()
    return moment.replace(microsecond=0)
