"""The wire shape of orders."""

from crm.models import Deal, Order, Quote
from crm.models.order import order_labels, order_line_items
from crm.schemas.collections.labels import Labels
from crm.schemas.collections.line_items import LineItems
from crm.schemas.document import OfferSchema
from crm.schemas.fields import Number
from crm.schemas.references import Reference


class OrderSchema(OfferSchema):
    """An order; where it came from can be said only when it is made."""

    model = Order

    order_id = Number()
    deal_id = Reference(Deal, create_only=True)
    quote_id = Reference(Quote, create_only=True)
    labels = Labels(order_labels)
    line_items = LineItems(order_line_items)
