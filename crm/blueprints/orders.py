"""Orders."""

from crm.blueprints.resource import Resource
from crm.models import Order
from crm.schemas.order import OrderSchema


class Orders(Resource):
    """What customers have bought."""

    model = Order
    schema = OrderSchema
    sorts = ("total",)
