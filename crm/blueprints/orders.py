"""Orders."""

from crm.blueprints.resource import Resource
from crm.schemas.order import OrderSchema


class Orders(Resource):
    """What customers have bought."""

    schema = OrderSchema
