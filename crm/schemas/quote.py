"""The wire shape of quotes."""

from crm.models import Quote
from crm.models.quote import quote_labels, quote_line_items
from crm.schemas.base import WithStage
from crm.schemas.collections.labels import Labels
from crm.schemas.collections.line_items import LineItems
from crm.schemas.collections.tax_breakdown import TaxBreakdown
from crm.schemas.document import OfferSchema
from crm.schemas.fields import Number, Text, Timestamp
from crm.schemas.references import StageReference


class QuoteSchema(WithStage, OfferSchema):
    """A quote."""

    model = Quote
    called_by = ("quote_id", "title")

    quote_id = Number()
    title = Text(required=True, max_length=255)
    issue_at = Timestamp()
    expire_at = Timestamp()
    accepted_at = Timestamp(dump_only=True)
    rejected_at = Timestamp(dump_only=True)
    pipeline_stage_id = StageReference("quotes")
    labels = Labels(quote_labels)
    line_items = LineItems(quote_line_items)
    tax_breakdown = TaxBreakdown(quote_line_items)
