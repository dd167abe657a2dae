"""Orders: what a customer has bought."""

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from crm.models.document import Offer, line_item_table
from crm.models.labels import label_table


class Order(Offer):
    """A purchase, often from a quote or a deal."""

    __tablename__ = "orders"
    number = ("order_id", "O")
    sorts = ("total",)

    order_id: Mapped[str] = mapped_column(String(20))
    quote_id: Mapped[int | None] = mapped_column(ForeignKey("quotes.id"))
    made_of_id: Mapped[int | None] = mapped_column(ForeignKey("quotes.id"), index=True)
    """The quote of which an action has made it, if one has."""


order_labels = label_table(Order)
order_line_items = line_item_table(Order)
