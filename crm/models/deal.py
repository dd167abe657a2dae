"""Deals: sales under way."""

from datetime import datetime

from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from crm.models.base import Record
from crm.models.labels import label_table
from crm.models.types import Cents, Timestamp

OPEN, WON, LOST = STATUSES = ("open", "won", "lost")


class Deal(Record):
    """A sale under way, often from a lead. `amount` is in cents."""

    __tablename__ = "deals"
    number = ("deal_id", "D")
    sorts = ("title", "amount")

    deal_id: Mapped[str] = mapped_column(String(20))
    title: Mapped[str] = mapped_column(String(255))
    description: Mapped[str | None] = mapped_column(Text)
    amount: Mapped[int | None] = mapped_column(Cents)
    currency: Mapped[str] = mapped_column(String(3))
    expected_close: Mapped[datetime | None] = mapped_column(Timestamp)
    status: Mapped[str] = mapped_column(String(20), default=OPEN, server_default=OPEN)
    closed_at: Mapped[datetime | None] = mapped_column(Timestamp)
    closed_reason: Mapped[str | None] = mapped_column(String(255))
    pipeline_stage_id: Mapped[int | None] = mapped_column(ForeignKey("pipeline_stages.id"))
    person_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    organization_id: Mapped[int | None] = mapped_column(ForeignKey("organizations.id"))
    lead_id: Mapped[int | None] = mapped_column(ForeignKey("leads.id"))
    made_of_id: Mapped[int | None] = mapped_column(ForeignKey("leads.id"), index=True)
    """The lead of which an action has made it, if one has, whatever `lead_id` names by now."""


deal_labels = label_table(Deal)
