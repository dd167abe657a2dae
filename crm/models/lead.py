"""Leads: chances to sell something, not yet a deal."""

from datetime import datetime

from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from crm.models.base import Record
from crm.models.labels import label_table
from crm.models.types import Cents, Timestamp


class Lead(Record):
    """A chance to sell. `amount` is in cents."""

    __tablename__ = "leads"
    number = ("lead_id", "L")
    sorted_by = ("title", "amount")

    lead_id: Mapped[str] = mapped_column(String(20))
    title: Mapped[str] = mapped_column(String(255))
    description: Mapped[str | None] = mapped_column(Text)
    amount: Mapped[int | None] = mapped_column(Cents)
    currency: Mapped[str] = mapped_column(String(3))
    expected_close: Mapped[datetime | None] = mapped_column(Timestamp)
    converted_at: Mapped[datetime | None] = mapped_column(Timestamp)
    lead_source_id: Mapped[int | None] = mapped_column(ForeignKey("lead_sources.id"))
    pipeline_stage_id: Mapped[int | None] = mapped_column(ForeignKey("pipeline_stages.id"))
    person_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    organization_id: Mapped[int | None] = mapped_column(ForeignKey("organizations.id"))


lead_labels = label_table(Lead)
