"""The wire shape of payments."""

from decimal import Decimal

from crm.models import User
from crm.schemas.base import BodySchema
from crm.schemas.fields import ExternalId, Money, Text, Timestamp
from crm.schemas.relations import Related
from crm.schemas.summaries import NumberedSummary


class PaymentSchema(BodySchema):
    """A payment of an invoice, in its currency."""

    id = ExternalId()
    amount = Money(required=True, min=Decimal("0.01"))
    paid_at = Timestamp(metadata={"description": "By default now."})
    method = Text(max_length=50)
    reference = Text(max_length=255)
    user = Related(User, NumberedSummary, key="user_id")
    created_at = Timestamp(dump_only=True)
