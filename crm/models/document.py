"""What quotes, orders and invoices have in common: for whom, totals, and a table of line items."""

from sqlalchemy import Column, ForeignKey, Index, Integer, String, Table, Text, false
from sqlalchemy.orm import Mapped, mapped_column

from crm.extensions import db
from crm.models.base import Record
from crm.models.types import Cents, ExternalId, PrimaryKey, Quantity, new_external_id

ONE = 10_000
"""A quantity of one, in ten-thousandths."""

_WHOLE = 1_000_000  # 100 % in ten-thousandths of a percent


class Document(Record):
    """A paper for a customer. Totals are in cents, and kept as sent unless `compute_totals` has them worked out."""

    __abstract__ = True

    reference: Mapped[str | None] = mapped_column(String(255))
    currency: Mapped[str] = mapped_column(String(3))
    terms: Mapped[str | None] = mapped_column(Text)
    subtotal: Mapped[int | None] = mapped_column(Cents)
    tax: Mapped[int | None] = mapped_column(Cents)
    total: Mapped[int | None] = mapped_column(Cents)
    discount: Mapped[int | None] = mapped_column(Cents)
    adjustments: Mapped[int | None] = mapped_column(Cents)
    compute_totals: Mapped[bool] = mapped_column(default=False, server_default=false())
    person_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    organization_id: Mapped[int | None] = mapped_column(ForeignKey("organizations.id"))


class Offer(Document):
    """A quote or an order: a document with a description, perhaps of a lead."""

    __abstract__ = True

    description: Mapped[str | None] = mapped_column(Text)
    lead_id: Mapped[int | None] = mapped_column(ForeignKey("leads.id"))
    deal_id: Mapped[int | None] = mapped_column(ForeignKey("deals.id"))


def tax_of(amount: int, rate: int) -> int:
    """Return the tax on an amount in cents, half a cent rounded up, at a rate in ten-thousandths of a percent."""
    return (amount * rate + _WHOLE // 2) // _WHOLE


def amount_of(quantity: int, unit_price: int) -> int:
    """Return what a quantity in ten-thousandths costs, half a cent rounded up, at a price in cents."""
    return (quantity * unit_price + ONE // 2) // ONE


def line_item_table(model: type[Document]) -> Table:
    """Return the table of the line items of `model`.

    `quantity` is in ten-thousandths, money in cents, `tax_rate` in ten-thousandths of a percent; `position` counts
    from 1.
    """
    name = f"{model.__tablename__[:-1]}_line_items"
    return Table(
        name,
        db.metadata,
        Column("id", PrimaryKey, primary_key=True),
        Column("external_id", ExternalId, nullable=False, unique=True, default=new_external_id),
        Column("record_id", ForeignKey(model.id), nullable=False),
        Column("position", Integer, nullable=False),
        Column("product_id", ForeignKey("products.id"), nullable=False),
        Column("quantity", Quantity, nullable=False),
        Column("unit_price", Cents, nullable=False),
        Column("amount", Cents, nullable=False),
        Column("tax_rate", Integer, nullable=False),
        Column("tax_amount", Cents, nullable=False),
        Column("comments", Text),
        Index(f"ix_{name}_record_id_position", "record_id", "position"),
    )
