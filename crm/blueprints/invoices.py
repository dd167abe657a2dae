"""Invoices, and what is paid of them."""

from crm.blueprints.part import Addition, Part, Removal
from crm.blueprints.resource import Resource
from crm.records.locking import Locked
from crm.records.writing import Values
from crm.sales.payments import SETTLING, receive, take_back
from crm.schemas.invoice import InvoiceSchema
from crm.schemas.payment import PaymentSchema


def _receive(resource: Resource, invoice: Locked, values: Values) -> str:
    return receive(resource.writer, invoice, values)


def _take_back(resource: Resource, invoice: Locked, payment_id: str) -> None:
    take_back(resource.writer, invoice, payment_id)


PAYMENTS = Part(
    name="payments",
    noun="payment",
    key="id",
    parameter="payment_id",
    listed="Answer all payments of an invoice, by `paid_at`, then as entered.",
    add=Addition(
        sentence="Add a payment to an invoice: at most what is due of its total. `amount_paid` is the sum of all, and "
        "with the one that reaches the total it is fully paid.",
        body=PaymentSchema,
        perform=_receive,
    ),
    remove=Removal(sentence="Take a payment back: what it has paid is due again.", perform=_take_back),
)


class Invoices(Resource):
    """What customers have to pay."""

    schema = InvoiceSchema
    parts = (PAYMENTS,)
    rule = SETTLING
