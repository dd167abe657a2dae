"""Quotes: what a sale would cost."""

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from crm.models.document import Offer, line_item_table
from crm.models.labels import label_table
from crm.models.types import Timestamp


class Quote(Offer):
    """An offer that the customer accepts or rejects."""

    __tablename__ = "quotes"
    number = ("quote_id", "Q")
    sorted_by = ("title", "total")

    quote_id: Mapped[str] = mapped_column(String(20))
    title: Mapped[str] = mapped_column(String(255))
    issue_at: Mapped[datetime | None] = mapped_column(Timestamp)
    expire_at: Mapped[datetime | None] = mapped_column(Timestamp)
    accepted_at: Mapped[datetime | None] = mapped_column(Timestamp)
    rejected_at: Mapped[datetime | None] = mapped_column(Timestamp)
    pipeline_stage_id: Mapped[int | None] = mapped_column(ForeignKey("pipeline_stages.id"))


quote_labels = label_table(Quote)
quote_line_items = line_item_table(Quote)
