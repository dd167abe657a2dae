"""Webhooks: who wants to be told of changes, the secrets that sign what is told, and each telling (beyond, section 19).

Where times decide about the next try they are whole milliseconds since 1970, since some are shorter than a second.
"""

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Index, Integer, LargeBinary, SmallInteger, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from crm.extensions import db
from crm.models.base import Identified, Timestamped
from crm.models.types import ExternalId, PrimaryKey, Timestamp

PENDING, SUCCEEDED, FAILED = "pending", "succeeded", "failed"
AT_ONCE = 0
"""The `due` of a first try, which waits for nothing but those before it."""
_IS_PENDING = text("status = 'pending'")
_IS_LIVE = text("deleted_at IS NULL")


class Webhook(Identified, Timestamped, db.Model):  # type: ignore[name-defined, misc]
    """A subscription. `team_id` is NO_TEAM where there is no team, as it is on changes."""

    __tablename__ = "webhooks"
    __table_args__ = (Index("ix_webhooks_team_id", "team_id", postgresql_where=_IS_LIVE, sqlite_where=_IS_LIVE),)

    team_id: Mapped[int] = mapped_column(BigInteger)
    deleted_at: Mapped[datetime | None] = mapped_column(Timestamp)
    url: Mapped[str] = mapped_column(Text)
    types: Mapped[str] = mapped_column(Text)
    """A JSON array of the types that it wants, such as `deal.won`, `lead.*`, `*`."""
    description: Mapped[str | None] = mapped_column(String(255))
    active: Mapped[bool]
    disabled_reason: Mapped[str | None] = mapped_column(String(255))
    include_record: Mapped[bool]
    position: Mapped[int] = mapped_column(BigInteger)
    """The sequence of the team's journal up to which deliveries have been made."""
    failing_since: Mapped[int | None] = mapped_column(BigInteger)
    """When the first of the tries ended that have failed with none that succeeded since."""
    leased_until: Mapped[int | None] = mapped_column(BigInteger)
    """Until when a deliverer has it to itself; it sends one delivery of it at a time."""


class WebhookSecret(db.Model):  # type: ignore[name-defined, misc]
    """A secret that signs. `expires_at` is null for the one in use, and set for those that were replaced."""

    __tablename__ = "webhook_secrets"

    id: Mapped[int] = mapped_column(PrimaryKey, primary_key=True)
    webhook_id: Mapped[int] = mapped_column(ForeignKey("webhooks.id"), index=True)
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    """Encrypted with a key that follows from the application's secret key."""
    expires_at: Mapped[datetime | None] = mapped_column(Timestamp)


class WebhookDelivery(db.Model):  # type: ignore[name-defined, misc]
    """One message to one webhook, and what has come of it. It holds the change, which may be pruned meanwhile."""

    __tablename__ = "webhook_deliveries"
    __table_args__ = (
        Index("ix_webhook_deliveries_webhook_id_id", "webhook_id", "id"),
        Index(
            "ix_webhook_deliveries_pending",
            *("webhook_id", "due", "id"),
            postgresql_where=_IS_PENDING,
            sqlite_where=_IS_PENDING,
        ),
    )

    id: Mapped[int] = mapped_column(PrimaryKey, primary_key=True)
    """Within a webhook it follows `sequence`."""
    message_id: Mapped[str] = mapped_column(String(40), unique=True)
    """What the receiver and the API know it by: `msg_…`."""
    webhook_id: Mapped[int] = mapped_column(ForeignKey("webhooks.id"))
    type: Mapped[str] = mapped_column(String(50))
    sequence: Mapped[int | None] = mapped_column(BigInteger)
    resource: Mapped[str | None] = mapped_column(String(50))
    record_id: Mapped[str | None] = mapped_column(ExternalId)
    """The `external_id` of the record, which is read when it is sent; null for a test."""
    occurred_at: Mapped[datetime] = mapped_column(Timestamp)
    data: Mapped[str] = mapped_column(Text)
    """The JSON of what it tells, without the record."""
    status: Mapped[str] = mapped_column(String(20))
    attempts: Mapped[int] = mapped_column(Integer)
    step: Mapped[int] = mapped_column(SmallInteger)
    """How many of its scheduled tries have failed."""
    extra: Mapped[int] = mapped_column(Integer)
    """How many tries have been asked for, and not been made yet."""
    due: Mapped[int | None] = mapped_column(BigInteger)
    """When the next try is due; null when it is finished."""
    resumes: Mapped[int | None] = mapped_column(BigInteger)
    """When its schedule goes on after the tries that were asked for; null if it was finished before."""
    response_status: Mapped[int | None] = mapped_column(SmallInteger)
    response_ms: Mapped[int | None] = mapped_column(Integer)
    error: Mapped[str | None] = mapped_column(String(255))
    created_at: Mapped[datetime] = mapped_column(Timestamp, index=True)
    finished_at: Mapped[datetime | None] = mapped_column(Timestamp)
