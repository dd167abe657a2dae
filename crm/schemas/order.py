"""The wire shape of orders."""

from crm.models import Order, Quote
from crm.models.order import order_labels, order_line_items
from crm.schemas.collections.labels import Labels
from crm.schemas.collections.line_items import LineItems
from crm.schemas.collections.tax_breakdown import TaxBreakdown
from crm.schemas.document import COPIES_NOTHING, OfferSchema
from crm.schemas.fields import Number
from crm.schemas.references import Reference
from crm.schemas.relations import Related
from crm.schemas.summaries import QuoteSummary


class OrderSchema(OfferSchema):
    """An order."""

    model = Order
    called_by = ("order_id",)

    order_id = Number()
    quote_id = Reference(Quote, create_only=True, metadata={"description": COPIES_NOTHING})
    quote = Related(Quote, QuoteSummary, key="quote_id")
    labels = Labels(order_labels)
    line_items = LineItems(order_line_items)
    tax_breakdown = TaxBreakdown(order_line_items)
