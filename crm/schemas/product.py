"""The wire shape of products and their prices."""

from functools import cached_property

from marshmallow import Schema
from sqlalchemy import select

from crm.database.functions import any_of
from crm.database.projection import Projection
from crm.database.query import Query
from crm.models import ProductCategory, ProductPrice, TaxRate
from crm.schemas.base import RecordSchema
from crm.schemas.fields import Boolean, Currency, Money, Percent, Text
from crm.schemas.references import NumberedReference
from crm.schemas.relations import Collection, ShownReference


class PriceSchema(Schema):
    """A price in one currency, in dollars."""

    currency = Text()
    unit_price = Money()
    default = Boolean()


class Prices(Collection):
    """The prices of a product: the default one first, then by currency."""

    @cached_property
    def _query(self) -> tuple[Query, Projection]:
        prices = Projection(PriceSchema(), ProductPrice.__table__)
        of_products = any_of(ProductPrice.product_id, "record_ids")
        order = (ProductPrice.default.desc(), ProductPrice.currency)
        return Query(select(*prices.columns, ProductPrice.product_id).where(of_products).order_by(*order)), prices


class ProductSchema(RecordSchema):
    """A product; `unit_price` is in dollars and sets the price in `currency`, `tax_rate` is in percent."""

    name = Text(required=True, max_length=255)
    code = Text(max_length=255)
    barcode = Text(max_length=255)
    description = Text()
    unit = Text(max_length=50)
    tax_rate = Percent(min=0)
    tax_rate_id = NumberedReference(TaxRate, load_only=False)
    product_category_id = ShownReference(ProductCategory)
    purchase_account = Text(max_length=255)
    sales_account = Text(max_length=255)
    active = Boolean(load_default=True)
    unit_price = Money(min=0, load_only=True, keep_on_null=True)
    currency = Currency(load_only=True)
    prices = Prices(dump_only=True)
