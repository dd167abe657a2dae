"""What is paid of an invoice: payments are made and taken back, and settle when it is fully paid (beyond, section 16).

What is paid is the sum of the payments. An invoice is fully paid since the payment with which, in the order of
`paid_at` and then as entered, the sum reaches its total.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from itertools import accumulate
from typing import Any, NamedTuple

from sqlalchemy import select

from crm.access import acting
from crm.database.functions import any_of
from crm.database.query import Query
from crm.http.arguments import refuse
from crm.models import Payment
from crm.models.types import new_external_id
from crm.records.following import Following, Rule
from crm.records.locking import Locked
from crm.records.writing import Values, Writer

PAID = "paid"
"""What the journal says of an invoice that becomes fully paid."""

_OF_INVOICES = Query(
    select(Payment.record_id, Payment.external_id, Payment.paid_at, Payment.amount)
    .where(any_of(Payment.record_id, "record_ids"))
    .order_by(Payment.paid_at, Payment.id)
)


class Paid(NamedTuple):
    """A payment: when, and how much in cents."""

    paid_at: datetime
    amount: int


def receive(invoices: Writer, invoice: Locked, values: Values) -> str:
    """Add a payment to a locked invoice and return its id. Raises ValidationFailed if it is more than is due."""
    total, paid = invoice.columns["total"], invoice.columns["amount_paid"]
    if total is None:
        refuse("amount", "The invoice has no total.")
    if values["amount"] > total - paid:
        refuse("amount", f"The :field field must not be greater than {Decimal(total - paid).scaleb(-2)}.")
    payment_id = new_external_id()
    payment = {
        "amount": values["amount"],
        "paid_at": values.get("paid_at") or invoice.moment,
        "method": values.get("method"),
        "reference": values.get("reference"),
        "user_id": acting.caller_id(),
        "created_at": invoice.moment,
    }
    invoices.update([invoice], {invoice.row_id: {"payments": {payment_id: payment}}})
    return payment_id


def take_back(invoices: Writer, invoice: Locked, payment_id: str) -> None:
    """Remove a payment of a locked invoice."""
    invoices.update([invoice], {invoice.row_id: {"payments": {payment_id: None}}})


def settled(total: int | None, payments: Iterable[Paid]) -> dict[str, Any]:
    """Return what an invoice says of its payments, which stand in the order in which they were entered."""
    in_order = sorted(payments, key=lambda payment: payment.paid_at)
    sums = [*accumulate(payment.amount for payment in in_order)]
    reached = (each.paid_at for each, paid in zip(in_order, sums, strict=True) if total is not None and paid >= total)
    return {"amount_paid": sums[-1] if sums else 0, "fully_paid_at": next(reached, None)}


def _settle(records: Sequence[Locked], changes: Mapping[int, Values]) -> dict[int, Following]:
    """Return what invoices say of their payments, where these or the total are changed."""
    changed = {record.row_id: record for record in records if _is_to_settle(record, changes[record.row_id])}
    payments = _payments_of([*changed])
    return {row_id: _following(record, changes[row_id], payments[row_id]) for row_id, record in changed.items()}


def _is_to_settle(record: Locked, values: Values) -> bool:
    """Tell whether payments come or go, or there are some and the total changes."""
    total = record.columns["total"]
    return "payments" in values or (record.columns["amount_paid"] != 0 and values.get("total", total) != total)


def _following(record: Locked, values: Values, payments: Mapping[str, Paid]) -> Following:
    given = values.get("payments", {})
    added = {key: Paid(payment["paid_at"], payment["amount"]) for key, payment in given.items() if payment}
    left = {key: payment for key, payment in payments.items() if key not in given}
    columns = settled(values.get("total", record.columns["total"]), {**left, **added}.values())
    becomes_paid = columns["fully_paid_at"] and not record.columns["fully_paid_at"]
    return Following(columns, PAID if becomes_paid else None)


def _payments_of(row_ids: Sequence[int]) -> dict[int, dict[str, Paid]]:
    """Return the payments of invoices by their ids, in their order."""
    found: dict[int, dict[str, Paid]] = {row_id: {} for row_id in row_ids}
    for row_id, payment_id, *paid in _OF_INVOICES.typed_rows(record_ids=[*row_ids]) if row_ids else ():
        found[row_id][payment_id] = Paid(*paid)
    return found


SETTLING = Rule(_settle, (PAID,))
