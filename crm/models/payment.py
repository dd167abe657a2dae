"""Payments: what a customer has paid of an invoice."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from crm.extensions import db
from crm.models.base import Identified
from crm.models.types import Cents, Timestamp, now


class Payment(Identified, db.Model):  # type: ignore[name-defined, misc]
    """A payment of an invoice, whose team's and whose currency's it is. `amount` is in cents and above 0."""

    __tablename__ = "payments"
    __table_args__ = (Index("ix_payments_record_id_paid_at", "record_id", "paid_at", "id"),)

    record_id: Mapped[int] = mapped_column(ForeignKey("invoices.id"))
    amount: Mapped[int] = mapped_column(Cents)
    paid_at: Mapped[datetime] = mapped_column(Timestamp)
    method: Mapped[str | None] = mapped_column(String(50))
    reference: Mapped[str | None] = mapped_column(String(255))
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    """Who has entered it."""
    created_at: Mapped[datetime] = mapped_column(Timestamp, default=now)
