"""Products."""

from types import MappingProxyType

from crm.blueprints.resource import Resource
from crm.http.arguments import boolean
from crm.schemas.product import ProductSchema


class Products(Resource):
    """What is sold, and for how much."""

    schema = ProductSchema
    filters = MappingProxyType({"active": boolean})
    staff_verbs = ("view",)
