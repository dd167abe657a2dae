"""The wire shape of leads."""

from crm.models import Lead, LeadSource
from crm.models.lead import lead_labels
from crm.schemas.base import RecordSchema, WithCurrency, WithOrganization, WithPerson, WithStage
from crm.schemas.collections.labels import Labels
from crm.schemas.fields import Money, Number, Text, Timestamp
from crm.schemas.references import Reference, StageReference
from crm.schemas.relations import Related
from crm.schemas.summaries import NameSummary


class LeadSchema(WithOrganization, WithPerson, WithStage, WithCurrency, RecordSchema):
    """A lead; `amount` is in dollars."""

    model = Lead
    called_by = ("lead_id", "title")

    lead_id = Number()
    title = Text(required=True, max_length=255)
    description = Text()
    amount = Money(min=0)
    expected_close = Timestamp()
    converted_at = Timestamp(dump_only=True)
    lead_source_id = Reference(LeadSource)
    lead_source = Related(LeadSource, NameSummary, key="lead_source_id")
    pipeline_stage_id = StageReference("leads")
    labels = Labels(lead_labels)
