"""Deals: sales under way."""

from datetime import datetime

from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from crm.models.base import Record
from crm.models.labels import label_table
from crm.models.types import Cents, Timestamp


class Deal(Record):
    """A sale under way, often from a lead. `amount` is in cents."""

    __tablename__ = "deals"
    number = ("deal_id", "D")
    sorted_by = ("title", "amount")

    deal_id: Mapped[str] = mapped_column(String(20))
    title: Mapped[str] = mapped_column(String(255))
    description: Mapped[str | None] = mapped_column(Text)
    amount: Mapped[int | None] = mapped_column(Cents)
    currency: Mapped[str] = mapped_column(String(3))
    expected_close: Mapped[datetime | None] = mapped_column(Timestamp)
    closed_at: Mapped[datetime | None] = mapped_column(Timestamp)
    pipeline_stage_id: Mapped[int | None] = mapped_column(ForeignKey("pipeline_stages.id"))
    person_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    organization_id: Mapped[int | None] = mapped_column(ForeignKey("organizations.id"))
    lead_id: Mapped[int | None] = mapped_column(ForeignKey("leads.id"))


deal_labels = label_table(Deal)
