"""The wire shape of deals."""

from crm.models import Deal, Lead
from crm.models.deal import STATUSES, deal_labels
from crm.schemas.base import BodySchema, RecordSchema, WithCurrency, WithOrganization, WithPerson, WithStage
from crm.schemas.collections.labels import Labels
from crm.schemas.fields import Money, Number, OneOf, Text, Timestamp
from crm.schemas.references import Reference, StageReference
from crm.schemas.relations import Related
from crm.schemas.summaries import LeadSummary


class DealSchema(WithOrganization, WithPerson, WithStage, WithCurrency, RecordSchema):
    """A deal; `amount` is in dollars."""

    model = Deal
    called_by = ("deal_id", "title")

    deal_id = Number()
    title = Text(required=True, max_length=255)
    description = Text()
    amount = Money(min=0)
    expected_close = Timestamp()
    status = OneOf(STATUSES)
    closed_at = Timestamp(dump_only=True)
    closed_reason = Text(max_length=255, dump_only=True)
    lead_id = Reference(Lead)
    lead = Related(Lead, LeadSummary, key="lead_id")
    pipeline_stage_id = StageReference("deals")
    labels = Labels(deal_labels)


class ClosingSchema(BodySchema):
    """How a deal has ended."""

    closed_reason = Text(max_length=255)
    closed_at = Timestamp()
