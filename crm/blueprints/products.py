"""Products."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from flask import current_app
from sqlalchemy import Connection, insert, select, update

from crm.blueprints.resource import Resource
from crm.http.arguments import boolean
from crm.models import Product, ProductPrice
from crm.schemas.product import ProductSchema


class Products(Resource):
    """What is sold, and for how much."""

    model = Product
    schema = ProductSchema
    sorts = ("name", "code")
    filters = MappingProxyType({"active": boolean})
    staff_verbs = ("view",)

    def write_members(self, connection: Connection, record_id: int, values: Mapping[str, Any], *, new: bool) -> None:
        """Set the price in the currency that the body names, or else in that of the default price."""
        super().write_members(connection, record_id, values, new=new)
        if (unit_price := values.get("unit_price")) is not None:
            _set_price(connection, record_id, values.get("currency"), unit_price)


def _set_price(connection: Connection, product_id: int, currency: str | None, unit_price: int) -> None:
    """Add or change a price, in cents. The first one becomes the default."""
    table = ProductPrice.__table__
    of_product = table.c.product_id == product_id
    defaults: dict[str, bool] = dict(
        connection.execute(select(table.c.currency, table.c.default).where(of_product)).all()
    )
    if currency is None:
        currency = next((code for code, default in defaults.items() if default), current_app.config["DEFAULT_CURRENCY"])
    if currency in defaults:
        connection.execute(update(table).where(of_product, table.c.currency == currency).values(unit_price=unit_price))
    else:
        price = {"product_id": product_id, "currency": currency, "unit_price": unit_price, "default": not defaults}
        connection.execute(insert(table).values(price))
