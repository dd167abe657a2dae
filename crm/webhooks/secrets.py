"""The secrets of webhooks: made, replaced, and read by the deliverer. They are kept sealed and never logged."""

from collections.abc import Sequence
from datetime import timedelta

from flask import current_app
from sqlalchemy import bindparam, delete, insert, or_, select, update

from crm.database.functions import any_of
from crm.database.query import Query
from crm.models import WebhookSecret
from crm.models.types import Timestamp, now
from crm.webhooks.sealing import seal, unseal
from crm.webhooks.signature import new_secret, shown_secret

OLD_ONES_SIGN = timedelta(hours=24)
MAX_SECRETS = 10
"""How many of a webhook sign at most, so that the header of a message stays short however often they are replaced."""

_WEBHOOK = WebhookSecret.webhook_id == bindparam("webhook_id")
_ADDITION = Query(insert(WebhookSecret.__table__), ("webhook_id", "sealed"))
_EXPIRY = Query(update(WebhookSecret.__table__).where(_WEBHOOK, WebhookSecret.expires_at.is_(None)), ("expires_at",))
_OTHERS_THAT_STAY = (
    select(WebhookSecret.id).where(_WEBHOOK).order_by(WebhookSecret.id.desc()).limit(MAX_SECRETS - 1).correlate(None)
)
_CLEARING = Query(
    delete(WebhookSecret.__table__).where(
        _WEBHOOK,
        or_(
            WebhookSecret.expires_at <= bindparam("moment", type_=Timestamp),
            WebhookSecret.id.not_in(_OTHERS_THAT_STAY),
        ),
    )
)
_REMOVAL = Query(delete(WebhookSecret.__table__).where(_WEBHOOK))
_IN_FORCE = Query(
    select(WebhookSecret.webhook_id, WebhookSecret.sealed)
    .where(
        any_of(WebhookSecret.webhook_id, "webhook_ids"),
        or_(WebhookSecret.expires_at.is_(None), WebhookSecret.expires_at > bindparam("moment", type_=Timestamp)),
    )
    .order_by(WebhookSecret.id.desc())
)


def add_secret(webhook_id: int) -> str:
    """Give a webhook a new secret, and return it as it is shown, once."""
    secret = new_secret()
    _ADDITION.execute(webhook_id=webhook_id, sealed=seal(secret, current_app.config["SECRET_KEY"]))
    return shown_secret(secret)


def replace_secret(webhook_id: int) -> str:
    """Give a webhook a new secret and return it as it is shown; the newest of the older ones go on for a day."""
    moment = now()
    _CLEARING.execute(webhook_id=webhook_id, moment=moment)
    _EXPIRY.execute(webhook_id=webhook_id, expires_at=moment + OLD_ONES_SIGN)
    return add_secret(webhook_id)


def remove_secrets(webhook_id: int) -> None:
    """Forget the secrets of a webhook."""
    _REMOVAL.execute(webhook_id=webhook_id)


def secrets_in_force(webhook_ids: Sequence[int]) -> dict[int, list[bytes]]:
    """Return the secrets of webhooks that sign, the newest first. One that was sealed with a lost key is left out."""
    settings = current_app.config
    keys = [settings["SECRET_KEY"], *settings["SECRET_KEY_FALLBACKS"]]
    found: dict[int, list[bytes]] = {webhook_id: [] for webhook_id in webhook_ids}
    for webhook_id, sealed in _IN_FORCE.rows(webhook_ids=[*webhook_ids], moment=now()):
        try:
            found[webhook_id].append(unseal(bytes(sealed), keys))
        except ValueError:
            current_app.logger.error(
                "A secret of webhook %s cannot be read: set CRM_SECRET_KEY_FALLBACKS to the key of before.", webhook_id
            )
    return found
