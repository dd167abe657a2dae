"""Invoices."""

from crm.blueprints.resource import Resource
from crm.schemas.invoice import InvoiceSchema


class Invoices(Resource):
    """What customers have to pay."""

    schema = InvoiceSchema
