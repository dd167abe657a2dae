"""Lanes: a deliverer takes a webhook to itself for a while, sends some of what is due, and notes what came of it.

A lane is a lease that is committed before anything is sent: of a webhook one delivery is under way at a time, however
many deliverers there are, so first tries go out in their order. After a crash the lease is over within half a minute.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import BigInteger, ColumnElement, bindparam, select, text

from crm.database.connections import transaction
from crm.database.functions import any_of
from crm.database.query import Query
from crm.models import Webhook, WebhookDelivery
from crm.models.types import Timestamp, now
from crm.models.webhook import AT_ONCE, PENDING
from crm.webhooks.cancelling import cancel_pending
from crm.webhooks.schedule import GONE, Schedule, State, Tried, milliseconds, settle

LEASE_SECONDS = 30
IN_A_LANE = 32
"""How many deliveries of a webhook are taken at once."""
_RETRIES = 8
"""How many of these may be later tries, so that those of a long backlog have their turn, too."""

GONE_REASON = "The receiver answered 410: it is gone."
IMPATIENT_REASON = "For five days no try has succeeded."


class Lane(NamedTuple):
    """A webhook that was taken, until when, and the deliveries to send, which are rows of _DUE."""

    webhook_id: int
    team_id: int
    url: str
    include_record: bool
    leased_until: int
    deliveries: Sequence[dict[str, Any]]


class Waiting(NamedTuple):
    """A webhook of which something is due."""

    webhook_id: int
    is_failing: bool


_WAITING = Query(
    text(
        "WITH RECURSIVE found (webhook_id) AS ("
        " SELECT min(webhook_id) FROM webhook_deliveries WHERE status = 'pending'"
        " UNION ALL SELECT (SELECT min(webhook_id) FROM webhook_deliveries"
        " WHERE status = 'pending' AND webhook_id > found.webhook_id) FROM found WHERE found.webhook_id IS NOT NULL"
        ") SELECT webhooks.id, webhooks.failing_since FROM found JOIN webhooks ON webhooks.id = found.webhook_id"
        " WHERE (leased_until IS NULL OR leased_until < :moment) AND (SELECT min(due) FROM webhook_deliveries"
        " WHERE webhook_id = webhooks.id AND status = 'pending') <= :moment ORDER BY webhooks.id"
    )
)
"""Looks at one row of the index for each webhook of which something is pending, and at none of a long backlog."""

_IS_FREE: ColumnElement[bool] = Webhook.leased_until.is_(None) | (
    Webhook.leased_until < bindparam("moment", type_=BigInteger)
)
_LOCK_FREE = Query(
    select(Webhook.id.label("webhook_id"), Webhook.team_id, Webhook.url, Webhook.include_record)
    .where(any_of(Webhook.id, "webhook_ids"), _IS_FREE)
    .order_by(Webhook.id)
    .with_for_update(skip_locked=True)
)
_LEASE = Query(text("UPDATE webhooks SET leased_until = :leased_until WHERE id = :webhook_id"))
_DUE = Query(
    select(
        WebhookDelivery.id,
        WebhookDelivery.message_id,
        WebhookDelivery.type,
        WebhookDelivery.resource,
        WebhookDelivery.record_id,
        WebhookDelivery.occurred_at,
        WebhookDelivery.data,
        WebhookDelivery.extra,
    )
    .where(
        WebhookDelivery.webhook_id == bindparam("webhook_id", type_=BigInteger),
        text("status = 'pending'"),  # as the index says it
        WebhookDelivery.due > bindparam("after", type_=BigInteger),
        WebhookDelivery.due <= bindparam("moment", type_=BigInteger),
    )
    .order_by(WebhookDelivery.due, WebhookDelivery.id)
    .limit(bindparam("limit", type_=BigInteger))
)
_LOCK_WEBHOOK = Query(
    select(Webhook.failing_since, Webhook.leased_until)
    .where(Webhook.id == bindparam("webhook_id", type_=BigInteger))
    .with_for_update()
)
_NOTE_WEBHOOK = Query(
    text("UPDATE webhooks SET failing_since = :failing_since, leased_until = :leased_until WHERE id = :webhook_id")
)
_DISABLE = Query(
    text(
        "UPDATE webhooks SET active = false, disabled_reason = :reason, updated_at = :moment"
        " WHERE id = :webhook_id AND active"
    ).bindparams(bindparam("moment", type_=Timestamp))
)
_LOCK_DELIVERIES = Query(
    select(
        WebhookDelivery.id,
        WebhookDelivery.status,
        WebhookDelivery.step,
        WebhookDelivery.extra,
        WebhookDelivery.due,
        WebhookDelivery.resumes,
    )
    .where(any_of(WebhookDelivery.id, "delivery_ids"))
    .order_by(WebhookDelivery.id)
    .with_for_update()
)
_NOTE = Query(
    text(
        "UPDATE webhook_deliveries SET status = :status, attempts = attempts + 1, step = :step, extra = :extra,"
        " due = :due, resumes = :resumes, response_status = :response_status, response_ms = :response_ms,"
        " error = :error, finished_at = :finished_at WHERE id = :delivery_id"
    ).bindparams(bindparam("finished_at", type_=Timestamp))
)


def waiting() -> list[Waiting]:
    """Return the webhooks of which something is due and which no deliverer has taken."""
    return [Waiting(webhook_id, since is not None) for webhook_id, since in _WAITING.rows(moment=milliseconds())]


def take(webhook_ids: Sequence[int]) -> list[Lane]:
    """Take webhooks, those that no other deliverer has taken meanwhile, with some of what is due of each."""
    moment = milliseconds()
    until = moment + LEASE_SECONDS * 1000
    with transaction():
        taken = _LOCK_FREE.records(webhook_ids=[*webhook_ids], moment=moment)
        lanes = [Lane(**row, leased_until=until, deliveries=_due(row["webhook_id"], moment)) for row in taken]
        lanes = [lane for lane in lanes if lane.deliveries]
        _LEASE.execute_each([{"webhook_id": lane.webhook_id, "leased_until": until} for lane in lanes])
    return lanes


def _due(webhook_id: int, moment: int) -> list[dict[str, Any]]:
    """Return the deliveries to send next: some whose time has come, then those that wait for nothing, in order."""
    later = _DUE.records(webhook_id=webhook_id, after=AT_ONCE, moment=moment, limit=_RETRIES)
    first = _DUE.records(webhook_id=webhook_id, after=AT_ONCE - 1, moment=AT_ONCE, limit=IN_A_LANE - len(later))
    return later + first


def note(done: Iterable[tuple[Lane, Sequence[Tried]]], schedule: Schedule) -> None:
    """Note what came of the tries in lanes, and give these back, in one transaction."""
    with transaction():
        for lane, tries in sorted(done, key=lambda each: each[0].webhook_id):
            since, leased_until = _LOCK_WEBHOOK.rows(webhook_id=lane.webhook_id)[0]
            _note_tries(tries, schedule)
            for tried in tries:
                since = None if tried.error is None else since or tried.ended
            kept = None if leased_until == lane.leased_until else leased_until
            _NOTE_WEBHOOK.execute(webhook_id=lane.webhook_id, failing_since=since, leased_until=kept)
            if reason := _why_to_disable(tries, since, schedule):
                _disable(lane.webhook_id, reason)


def _note_tries(tries: Sequence[Tried], schedule: Schedule) -> None:
    by_id = {tried.delivery_id: tried for tried in tries}
    rows = _LOCK_DELIVERIES.rows(delivery_ids=[*by_id])
    _NOTE.execute_each([_noted(by_id[row_id], State(*state), schedule) for row_id, *state in rows])


def _noted(tried: Tried, state: State, schedule: Schedule) -> dict[str, Any]:
    after = settle(state, tried, schedule)
    finished: datetime | None = None if after.status == PENDING else now()
    return {
        "delivery_id": tried.delivery_id,
        **after._asdict(),
        "response_status": tried.response_status,
        "response_ms": tried.response_ms,
        "error": tried.error,
        "finished_at": finished,
    }


def _why_to_disable(tries: Sequence[Tried], since: int | None, schedule: Schedule) -> str | None:
    if any(tried.response_status == GONE for tried in tries):
        return GONE_REASON
    if tries and since is not None and tries[-1].ended - since >= schedule.patience * 1000:
        return IMPATIENT_REASON
    return None


def _disable(webhook_id: int, reason: str) -> None:
    if _DISABLE.execute(webhook_id=webhook_id, reason=reason, moment=now()):
        cancel_pending(webhook_id)
