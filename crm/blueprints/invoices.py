"""Invoices."""

from crm.models import Invoice
from crm.resource import Resource
from crm.schemas.invoice import InvoiceSchema


class Invoices(Resource):
    """What customers have to pay."""

    model = Invoice
    schema = InvoiceSchema
    sorts = ("total", "issue_date", "due_date")
    number = ("invoice_id", "I")
