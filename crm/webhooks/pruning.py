"""Removing old deliveries, and what of the journal has to stay because it is still to be sent."""

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import BigInteger, bindparam, delete, func, or_, select

from crm.database.connections import transaction
from crm.database.functions import any_of
from crm.database.query import Query
from crm.models import Change, Webhook, WebhookDelivery
from crm.models.types import Timestamp
from crm.models.webhook import PENDING
from crm.webhooks.wanted import wanted

DELIVERY_DAYS = 30
AT_ONCE = 5000
"""How many deliveries one transaction removes."""

_TEAM = bindparam("team_id", type_=BigInteger)
_HEARING = Query(
    select(Webhook.types, Webhook.position).where(
        Webhook.team_id == _TEAM, Webhook.active.is_(True), Webhook.deleted_at.is_(None)
    )
)
_FIRST = Query(
    select(func.min(Change.sequence)).where(
        Change.team_id == _TEAM,
        Change.sequence > bindparam("position", type_=BigInteger),
        or_(any_of(Change.type, "types"), any_of(Change.resource, "resources")),
    )
)
_IS_OLD = (WebhookDelivery.created_at < bindparam("before", type_=Timestamp), WebhookDelivery.status != PENDING)
_COUNT = Query(select(func.count()).select_from(WebhookDelivery).where(*_IS_OLD))
_OLDEST = (
    select(WebhookDelivery.id)
    .where(*_IS_OLD)
    .order_by(WebhookDelivery.created_at)
    .limit(bindparam("most", type_=BigInteger))
    .cte("oldest")
)
_REMOVE = Query(delete(WebhookDelivery).where(WebhookDelivery.id.in_(select(_OLDEST))).returning(WebhookDelivery.id))


def first_unsent(team_id: int) -> int | None:
    """Return the sequence of the first change of a team of which a webhook still has to be told, None if none has."""
    found: list[int | None] = []
    for types, position in _HEARING.rows(team_id=team_id):
        found += _FIRST.rows(team_id=team_id, position=position, **wanted(types)._asdict())[0]
    return min((sequence for sequence in found if sequence is not None), default=None)


def count_deliveries(before: datetime) -> int:
    """Return how many deliveries `prune_deliveries` would remove."""
    return int(_COUNT.rows(before=before)[0][0])


def prune_deliveries(before: datetime) -> Iterator[int]:
    """Remove all deliveries made before a moment that are not pending; after each portion yield how many it held."""
    while removed := _remove_portion(before):
        yield removed


def _remove_portion(before: datetime) -> int:
    with transaction():
        return len(_REMOVE.rows(before=before, most=AT_ONCE))
