"""Orders."""

from crm.models import Order
from crm.resource import Resource
from crm.schemas.order import OrderSchema


class Orders(Resource):
    """What customers have bought."""

    model = Order
    schema = OrderSchema
    sorts = ("total",)
    number = ("order_id", "O")
