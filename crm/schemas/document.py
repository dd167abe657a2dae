"""What the wire shapes of quotes, orders and invoices share."""

from crm.models import Lead
from crm.schemas.base import RecordSchema, WithCurrency, WithOrganization, WithPerson
from crm.schemas.fields import Money, Text
from crm.schemas.references import Reference


class DocumentSchema(WithOrganization, WithPerson, WithCurrency, RecordSchema):
    """A document; its totals are in dollars, may be negative, and are kept as sent."""

    reference = Text(max_length=255)
    terms = Text()
    subtotal = Money()
    tax = Money()
    total = Money()


class OfferSchema(DocumentSchema):
    """A quote or an order."""

    description = Text()
    discount = Money()
    adjustments = Money()
    lead_id = Reference(Lead, create_only=True)
