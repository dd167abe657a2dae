"""Prices that are taken away from a product (beyond, section 16)."""

from typing import cast

from crm.http.errors import Refusal
from crm.records.locking import Locked
from crm.records.writing import Writer
from crm.schemas.collections.prices import Prices

OTHERS_LEFT = "The default price cannot be removed while there are others."


def take_price(products: Writer, product: Locked, currency: str) -> None:
    """Take away the price of a locked product in a currency in which it has one.

    Raises Refusal (409) if it is the default one and there are others.
    """
    prices = cast(Prices, products.schema.fields["prices"]).of_products([product.row_id])[product.row_id]
    if prices[currency].is_default and len(prices) > 1:
        raise Refusal(409, OTHERS_LEFT)
    products.update([product], {product.row_id: {"prices": {currency: None}}})
