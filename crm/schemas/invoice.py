"""The wire shape of invoices."""

from sqlalchemy import ColumnElement, FromClause

from crm.access import acting
from crm.database.projection import Projection
from crm.models import Invoice, Order
from crm.models.invoice import invoice_labels, invoice_line_items
from crm.schemas.collections.labels import Labels
from crm.schemas.collections.line_items import LineItems
from crm.schemas.collections.payments import Payments
from crm.schemas.collections.tax_breakdown import TaxBreakdown
from crm.schemas.document import COPIES_NOTHING, DocumentSchema
from crm.schemas.fields import Money, Number, Reader, Timestamp
from crm.schemas.references import OwnerReference, Reference
from crm.schemas.relations import Related
from crm.schemas.summaries import OrderSummary


class AmountDue(Money):
    """The total less what was paid; null while there is no total."""

    def value_in(self, table: FromClause) -> ColumnElement[int]:
        """Return the difference."""
        due: ColumnElement[int] = table.c.total - table.c.amount_paid
        return due

    def may_be_null(self, table: FromClause) -> bool:
        """Tell that there may be no total."""
        return True

    def project(self, projection: Projection, table: FromClause) -> Reader:
        """Read both and show the difference."""
        total, paid = projection.add(table.c.total), projection.add(table.c.amount_paid)
        return lambda row: None if row[total] is None else self.show(row[total] - row[paid])


class InvoiceSchema(DocumentSchema):
    """An invoice; its owner is the caller, if there is one, unless another is named."""

    model = Invoice
    called_by = ("invoice_id",)

    invoice_id = Number()
    issue_date = Timestamp()
    due_date = Timestamp()
    discount = Money()
    adjustments = Money()
    amount_due = AmountDue(dump_only=True)
    amount_paid = Money(dump_only=True)
    fully_paid_at = Timestamp(dump_only=True)
    order_id = Reference(Order, metadata={"description": COPIES_NOTHING})
    order = Related(Order, OrderSummary, key="order_id")
    user_owner_id = OwnerReference(load_default=acting.caller_id)
    labels = Labels(invoice_labels)
    line_items = LineItems(invoice_line_items)
    tax_breakdown = TaxBreakdown(invoice_line_items)
    payments = Payments()
