"""Sample quotes: drafts, sent ones, and ones that were accepted or rejected."""

from collections.abc import Iterator
from datetime import timedelta

from crm.demo.company import Company, Sale
from crm.demo.documents import line_items, offer_values
from crm.demo.drafts import Draft, Values


def make_quotes(company: Company) -> Iterator[Draft]:
    """Fill in and yield the quotes of all sales that have one. Their leads and deals are written."""
    for sale in company.sales:
        if sale.quote:
            sale.quote.values = _values(company, sale, sale.quote)
            sale.quote.values["line_items"] = line_items(company, sale)
            sale.quote.values["labels"] = company.labels()
            yield sale.quote


def _values(company: Company, sale: Sale, quote: Draft) -> Values:
    stages = company.lookups.stages["quotes"]
    draft = not sale.closed_at and company.chance(0.3)
    stage = stages.under_way[0] if draft else stages.under_way[-1]
    if sale.closed_at:
        stage = stages.won if sale.accepted_at else stages.lost
    return {
        **offer_values(company, sale),
        "title": sale.lead.values["title"],
        "issue_at": None if draft else quote.created_at,
        "expire_at": None if draft else quote.created_at + timedelta(days=60),
        "accepted_at": sale.accepted_at,
        "rejected_at": sale.rejected_at,
        "pipeline_stage_id": stage,
    }
