"""What is still to be sent, and since when: for health and metrics (beyond, section 21)."""

import time

from sqlalchemy import func, select, text

from crm.database.query import Query
from crm.models import WebhookDelivery
from crm.models.webhook import AT_ONCE, FAILED, PENDING, SUCCEEDED
from crm.webhooks.outbox import oldest_unmade
from crm.webhooks.schedule import milliseconds

_OLDEST_FIRST_TRY = Query(
    select(func.min(WebhookDelivery.created_at)).where(text("status = 'pending'"), WebhookDelivery.due == AT_ONCE)
)
_OLDEST_LATER_TRY = Query(
    select(func.min(WebhookDelivery.due)).where(text("status = 'pending'"), WebhookDelivery.due > AT_ONCE)
)
_BY_STATUS = Query(select(WebhookDelivery.status, func.count()).group_by(WebhookDelivery.status))


def lag_seconds() -> float:
    """Return for how long what has waited longest has been due, 0 if nothing is: a try, or a change to be told."""
    ((first,),), ((later,),) = _OLDEST_FIRST_TRY.typed_rows(), _OLDEST_LATER_TRY.rows()
    since = [moment.timestamp() for moment in (first, oldest_unmade()) if moment is not None]
    waits = [time.time() - moment for moment in since] + ([(milliseconds() - later) / 1000] if later else [])
    return float(max([0.0, *waits]))


def by_status() -> dict[str, int]:
    """Return how many deliveries there are of each status."""
    return dict.fromkeys((PENDING, SUCCEEDED, FAILED), 0) | dict(_BY_STATUS.rows())
