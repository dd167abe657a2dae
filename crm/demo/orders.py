"""Sample orders: what customers bought by accepting a quote."""

from collections.abc import Iterator

from crm.demo.company import Company
from crm.demo.documents import line_items, offer_values
from crm.demo.drafts import Draft
from crm.models.order import order_labels, order_line_items


def make_orders(company: Company) -> Iterator[Draft]:
    """Fill in and yield the orders of all sales that have one. Their deals and quotes are written."""
    for sale in company.sales:
        if sale.order and sale.deal and sale.quote:
            sale.order.values = {
                **offer_values(company, sale),
                "deal_id": sale.deal.id,
                "quote_id": sale.quote.id,
            }
            sale.order.members = {
                **line_items(company, sale, order_line_items),
                **company.labels(order_labels),
            }
            yield sale.order
