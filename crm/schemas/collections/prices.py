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


class Prices(Collection):
    """The prices of a product: the default one first, then by currency. Written one by one, in cents by currency."""

    def write(self, prices_of: Mapping[int, Mapping[str | None, int]], *, new: bool) -> set[int]:
        """Add or change prices of products, and return whose prices are others now.

        Without a currency it is that of the default price, which is the first.
        """
        present = {} if new else self._present_of([*prices_of])
        rows = []
        for product_id, prices in prices_of.items():
            known = present.get(product_id, {})
            for named, unit_price in prices.items():
                currency = named or next((code for code, price in known.items() if price.is_default), _fallback())
                price = _Price(unit_price, known[currency].is_default if currency in known else not known)
                if known.get(currency) != price:
                    rows.append({"product_id": product_id, "currency": currency, **price._asdict()})
                known[currency] = price
        self._setting.execute_each(rows)
        return {row["product_id"] for row in rows}

    def _present_of(self, product_ids: list[int]) -> dict[int, dict[str, "_Price"]]:
        """Return the prices of each product by their currency."""
        found: dict[int, dict[str, _Price]] = defaultdict(dict)
        for product_id, currency, unit_price, is_default in self._of_products.typed_rows(record_ids=product_ids):
            found[product_id][currency] = _Price(unit_price, is_default)
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
                " ON CONFLICT (product_id, currency) DO UPDATE SET unit_price = :unit_price"
            )
        )


class _Price(NamedTuple):
    unit_price: int
    is_default: bool


def _fallback() -> str:
    currency: str = current_app.config["DEFAULT_CURRENCY"]
    return currency
