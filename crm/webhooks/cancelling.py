"""What is pending when a webhook is deleted or set inactive is not sent (beyond, section 19)."""

from sqlalchemy import bindparam, text

from crm.database.query import Query
from crm.models.types import Timestamp, now

CANCELLED = "The webhook was set inactive or deleted before it was sent."

_CANCEL = Query(
    text(
        "UPDATE webhook_deliveries SET status = 'failed', extra = 0, due = NULL, resumes = NULL, error = :error,"
        " finished_at = :moment WHERE webhook_id = :webhook_id AND status = 'pending'"
    ).bindparams(bindparam("moment", type_=Timestamp))
)


def cancel_pending(webhook_id: int) -> None:
    """End all deliveries of a webhook that are still to be sent."""
    _CANCEL.execute(webhook_id=webhook_id, error=CANCELLED, moment=now())
