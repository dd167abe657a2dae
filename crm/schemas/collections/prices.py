"""The prices of a product."""

from functools import cached_property

from marshmallow import Schema
from sqlalchemy import select

from crm.database.functions import any_of
from crm.database.projection import Projection
from crm.database.query import Query
from crm.models import ProductPrice
from crm.schemas.collections.base import Collection
from crm.schemas.fields import Boolean, Money, Text


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
