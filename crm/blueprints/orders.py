"""Orders, which become invoices."""

from crm.blueprints.action import conversion_action
from crm.blueprints.resource import Resource
from crm.sales.conversion import ORDER_TO_INVOICE
from crm.schemas.order import OrderSchema

INVOICE = conversion_action(
    "invoice",
    ORDER_TO_INVOICE,
    sentence="Make an invoice of an order. It is like the order, its lines and their tax included, but for what the "
    "body says. That is no change of the order.",
    refused="The order is invoiced, and its invoice has not been deleted.",
)


class Orders(Resource):
    """What customers have bought."""

    schema = OrderSchema
    actions = (*Resource.actions, INVOICE)
