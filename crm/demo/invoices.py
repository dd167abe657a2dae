"""Sample invoices: open, some of them overdue, paid in part, and paid in full."""

from collections.abc import Iterator
from datetime import timedelta

from crm.demo.company import Company, Sale
from crm.demo.documents import document_values, line_items
from crm.demo.drafts import Draft, Values
from crm.demo.words import PAYMENT_METHODS
from crm.sales.payments import Paid, settled


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
    paid = _paid(company, sale, invoice, values["total"])
    invoice.updated_at = max((invoice.updated_at, *(payment.paid_at for payment in paid)))
    return {
        **values,
        "order_id": order.id,
        "made_of_id": order.id,
        "issue_date": invoice.created_at,
        "due_date": invoice.created_at + timedelta(days=30),
        **settled(values["total"], paid),
        "payments": {company.new_id(): _payment(company, invoice, payment) for payment in paid},
    }


def _paid(company: Company, sale: Sale, invoice: Draft, total: int) -> list[Paid]:
    """Return what has been paid of an invoice: all at once or in two parts, a part so far, or nothing."""
    if sale.paid_at and not company.chance(0.2):
        return [Paid(sale.paid_at, total)]
    deposit = [Paid(first, total // 3)] if (first := company.later(invoice.created_at, 1, 3)) else []
    if sale.paid_at:
        return [*deposit, Paid(sale.paid_at, total - sum(payment.amount for payment in deposit))]
    return deposit if company.chance(0.4) else []


def _payment(company: Company, invoice: Draft, payment: Paid) -> Values:
    """Return the columns of a payment, which the owner of the invoice has entered."""
    return {
        **payment._asdict(),
        "method": company.pick(PAYMENT_METHODS),
        "reference": f"{payment.paid_at:%Y%m%d}-{company.random.randint(1000, 9999)}",
        "user_id": invoice.owner_id,
        "created_at": payment.paid_at,
    }
