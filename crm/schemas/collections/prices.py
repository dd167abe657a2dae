"""The prices of a product."""

from collections import defaultdict
from collections.abc import Mapping
from functools import cached_property
from typing import NamedTuple

from flask import current_app
from marshmallow import Schema
from sqlalchemy import select, text

from crm.database.functions import any_of
from crm.database.projection import Projection
from crm.database.query import Query
from crm.models import ProductPrice
from crm.schemas.collections.base import Collection
from crm.schemas.field_order import shown_fields
from crm.schemas.fields import Boolean, Money, Text


class PriceSchema(Schema):
    """A price in one currency, in dollars."""

    currency = Text()
    unit_price = Money()
    default = Boolean()


class Price(NamedTuple):
    """What a product costs in one currency, in cents, and whether that is its default price."""

    unit_price: int
    is_default: bool = False


class Prices(Collection):
    """The prices of a product: the default one first, then by currency. Written one by one."""

    def write(self, prices_of: Mapping[int, Mapping[str | None, Price | None]], *, new: bool) -> set[int]:
        """Set prices of products, or take them away where there is None, and return whose prices are others now.

        Without a currency it is that of the default price, which is the first, unless another one is made it.
        """
        present = {} if new else self.of_products([*prices_of])
        changed, gone = [], []
        for product_id, prices in prices_of.items():
            known = present.get(product_id, {})
            left = _set(known, prices)
            of_product = {"product_id": product_id}
            changed += [
                {**of_product, "currency": currency, **price._asdict()}
                for currency, price in left.items()
                if known.get(currency) != price
            ]
            gone += [{**of_product, "currency": currency} for currency in known.keys() - left.keys()]
        self._setting.execute_each(changed)
        self._removal.execute_each(gone)
        return {row["product_id"] for row in (*changed, *gone)}

    def of_products(self, product_ids: list[int]) -> dict[int, dict[str, Price]]:
        """Return the prices of each product that has some, by their currency."""
        found: dict[int, dict[str, Price]] = defaultdict(dict)
        for product_id, currency, unit_price, is_default in self._of_products.typed_rows(record_ids=product_ids):
            found[product_id][currency] = Price(unit_price, is_default)
        return found

    @cached_property
    def _query(self) -> tuple[Query, Projection]:
        prices = Projection(shown_fields(PriceSchema()), ProductPrice.__table__)
        of_products = any_of(ProductPrice.product_id, "record_ids")
        order = (ProductPrice.default.desc(), ProductPrice.currency)
        return Query(select(*prices.columns, ProductPrice.product_id).where(of_products).order_by(*order)), prices

    @cached_property
    def _of_products(self) -> Query:
        columns = (ProductPrice.product_id, ProductPrice.currency, ProductPrice.unit_price, ProductPrice.default)
        return Query(select(*columns).where(any_of(ProductPrice.product_id, "record_ids")))

    @cached_property
    def _setting(self) -> Query:
        return Query(
            text(
                'INSERT INTO product_prices (product_id, currency, unit_price, "default")'
                " VALUES (:product_id, :currency, :unit_price, :is_default)"
                " ON CONFLICT (product_id, currency) DO UPDATE SET"
                ' unit_price = :unit_price, "default" = :is_default'
            )
        )

    @cached_property
    def _removal(self) -> Query:
        return Query(text("DELETE FROM product_prices WHERE product_id = :product_id AND currency = :currency"))


def _set(known: Mapping[str, Price], prices: Mapping[str | None, Price | None]) -> dict[str, Price]:
    """Return a product's prices after some are set or, where there is None, taken away."""
    left = dict(known)
    for named, price in prices.items():
        default = next((currency for currency, each in left.items() if each.is_default), None)
        currency = named or default or _fallback()
        if price is None:
            left.pop(currency, None)
        elif price.is_default and default:
            left[default] = left[default]._replace(is_default=False)
            left[currency] = price
        else:
            left[currency] = price._replace(is_default=default in (None, currency))
    return left


def _fallback() -> str:
    currency: str = current_app.config["DEFAULT_CURRENCY"]
    return currency
