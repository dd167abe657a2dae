"""Invoices: what a customer has to pay."""

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from crm.models.document import Document, line_item_table
from crm.models.labels import label_table
from crm.models.types import Cents, Timestamp


class Invoice(Document):
    """A demand for payment. What is due is the total less `amount_paid`, both in cents."""

    __tablename__ = "invoices"
    number = ("invoice_id", "I")
    sorts = ("total", "issue_date", "due_date")

    invoice_id: Mapped[str] = mapped_column(String(20))
    issue_date: Mapped[datetime | None] = mapped_column(Timestamp)
    due_date: Mapped[datetime | None] = mapped_column(Timestamp)
    amount_paid: Mapped[int] = mapped_column(Cents, default=0)
    fully_paid_at: Mapped[datetime | None] = mapped_column(Timestamp)
    order_id: Mapped[int | None] = mapped_column(ForeignKey("orders.id"))
    made_of_id: Mapped[int | None] = mapped_column(ForeignKey("orders.id"), index=True)
    """The order of which an action has made it, if one has, whatever `order_id` names by now."""


invoice_labels = label_table(Invoice)
invoice_line_items = line_item_table(Invoice)
