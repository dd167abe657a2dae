"""Products, and the prices that are taken away from them."""

from types import MappingProxyType

from crm.blueprints.part import Part, Removal
from crm.blueprints.resource import Resource
from crm.http.arguments import boolean
from crm.sales.prices import OTHERS_LEFT, take_price
from crm.schemas.product import ProductSchema

PRICES = Part(
    name="prices",
    noun="price",
    key="currency",
    parameter="currency",
    read_key=str.upper,
    remove=Removal(
        sentence="Take the price of a product in one currency away; the default one goes last.",
        perform=lambda products, product, currency: take_price(products.writer, product, currency),
        refused="It is the default price, and there are others.",
        conflict=OTHERS_LEFT,
    ),
)


class Products(Resource):
    """What is sold, and for how much."""

    schema = ProductSchema
    filters = MappingProxyType({"active": boolean})
    staff_verbs = ("view",)
    parts = (PRICES,)
