"""Products, and their prices by currency."""

from sqlalchemy import ForeignKey, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from crm.extensions import db
from crm.models.base import Record
from crm.models.types import Cents


class Product(Record):
    """Something to sell. `tax_rate` is in ten-thousandths of a percent."""

    __tablename__ = "products"
    sorted_by = ("name", "code")

    name: Mapped[str] = mapped_column(String(255))
    code: Mapped[str | None] = mapped_column(String(255))
    barcode: Mapped[str | None] = mapped_column(String(255))
    description: Mapped[str | None] = mapped_column(Text)
    unit: Mapped[str | None] = mapped_column(String(50))
    tax_rate: Mapped[int | None] = mapped_column(Integer)
    tax_rate_id: Mapped[int | None] = mapped_column(ForeignKey("tax_rates.id"))
    product_category_id: Mapped[int | None] = mapped_column(ForeignKey("product_categories.id"))
    purchase_account: Mapped[str | None] = mapped_column(String(255))
    sales_account: Mapped[str | None] = mapped_column(String(255))
    active: Mapped[bool]


class ProductPrice(db.Model):  # type: ignore[name-defined, misc]
    """The price of a product in one currency, in cents. A product's first price is its default one."""

    __tablename__ = "product_prices"
    sorted_by = ("name", "code")

    product_id: Mapped[int] = mapped_column(ForeignKey("products.id"), primary_key=True)
    currency: Mapped[str] = mapped_column(String(3), primary_key=True)
    unit_price: Mapped[int] = mapped_column(Cents)
    default: Mapped[bool]
