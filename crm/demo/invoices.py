"""Sample invoices: open, paid in part, and paid in full."""

from collections.abc import Iterator
from datetime import timedelta

from crm.demo.company import Company, Sale
from crm.demo.documents import document_values, line_items
from crm.demo.drafts import Draft, Values


def make_invoices(company: Company) -> Iterator[Draft]:
    """Fill in and yield the invoices of all sales that have one. Their orders are written."""
    for sale in company.sales:
        if sale.invoice and sale.order:
            sale.invoice.values = _values(company, sale, sale.invoice, sale.order)
            sale.invoice.values["line_items"] = line_items(company, sale)
            sale.invoice.values["labels"] = company.labels()
            yield sale.invoice


def _values(company: Company, sale: Sale, invoice: Draft, order: Draft) -> Values:
    values = document_values(company, sale)
    part = values["total"] // 2 if company.chance(0.2) else 0
    return {
        **values,
        "order_id": order.id,
        "made_of_id": order.id,
        "issue_date": invoice.created_at,
        "due_date": invoice.created_at + timedelta(days=30),
        "amount_paid": values["total"] if sale.paid_at else part,
        "fully_paid_at": sale.paid_at,
    }
