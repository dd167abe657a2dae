"""Sample orders: what customers bought by accepting a quote."""

from collections.abc import Iterator

from crm.demo.company import Company
from crm.demo.documents import line_items, offer_values
from crm.demo.drafts import Draft


def make_orders(company: Company) -> Iterator[Draft]:
    """Fill in and yield the orders of all sales that have one. Their deals and quotes are written."""
    for sale in company.sales:
        if sale.order and sale.quote:
            sale.order.values = {
                **offer_values(company, sale),
                "quote_id": sale.quote.id,
                "made_of_id": sale.quote.id,
            }
            sale.order.values["line_items"] = line_items(company, sale)
            sale.order.values["labels"] = company.labels()
            yield sale.order
