"""The wire shape of products."""

from typing import Any

from marshmallow import post_load

from crm.models import Product, ProductCategory, TaxRate
from crm.schemas.base import RecordSchema
from crm.schemas.collections.prices import Price, Prices
from crm.schemas.fields import Boolean, Currency, Money, Percent, Text
from crm.schemas.relations import ShownNumber, ShownReference


class ProductSchema(RecordSchema):
    """A product; `unit_price` is in dollars and sets the price in `currency`, `tax_rate` is in percent.

    With `default_price` that price becomes the default one.
    """

    model = Product
    called_by = ("name", "code")

    name = Text(required=True, max_length=255)
    code = Text(max_length=255)
    barcode = Text(max_length=255)
    description = Text()
    unit = Text(max_length=50)
    tax_rate = Percent(min=0)
    tax_rate_id = ShownNumber(TaxRate)
    product_category_id = ShownReference(ProductCategory)
    purchase_account = Text(max_length=255)
    sales_account = Text(max_length=255)
    active = Boolean(load_default=True)
    unit_price = Money(min=0, load_only=True, keep_on_null=True)
    currency = Currency(load_only=True)
    default_price = Boolean(load_only=True)
    prices = Prices(dump_only=True)

    @post_load
    def _name_price(self, values: dict[str, Any], **_: Any) -> dict[str, Any]:
        """Put `unit_price`, `currency` and `default_price` together as one of the product's prices."""
        unit_price, currency = values.pop("unit_price", None), values.pop("currency", None)
        is_default = values.pop("default_price", None) or False
        return values if unit_price is None else {**values, "prices": {currency: Price(unit_price, is_default)}}
