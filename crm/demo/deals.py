"""Sample deals: what became of leads that were converted."""

from collections.abc import Iterator
from datetime import timedelta

from crm.demo.company import Company, Sale
from crm.demo.drafts import Draft, Values
from crm.demo.leads import customer_of
from crm.demo.words import REASONS_TO_BUY, REASONS_TO_DECLINE
from crm.models.deal import LOST, OPEN, WON


def make_deals(company: Company) -> Iterator[Draft]:
    """Fill in and yield the deals of all sales that have one. Their leads are written."""
    for sale in company.sales:
        if sale.deal:
            sale.deal.values = _values(company, sale, sale.deal)
            sale.deal.values["labels"] = company.labels()
            yield sale.deal


def _values(company: Company, sale: Sale, deal: Draft) -> Values:
    return {
        **customer_of(sale),
        "lead_id": sale.lead.id,
        "made_of_id": sale.lead.id,
        "title": sale.lead.values["title"],
        "description": sale.lead.values["description"],
        "amount": sale.subtotal,
        "currency": company.currency,
        "expected_close": deal.created_at + timedelta(days=company.random.randint(15, 60)),
        **_outcome(company, sale),
        "pipeline_stage_id": _stage(company, sale),
    }


def _outcome(company: Company, sale: Sale) -> Values:
    """Return the columns that say whether a deal is closed, and how it has ended."""
    if not sale.closed_at:
        return {"status": OPEN}
    status, reasons = (WON, REASONS_TO_BUY) if sale.accepted_at else (LOST, REASONS_TO_DECLINE)
    reason = company.pick(reasons) if company.chance(0.8) else None
    return {"status": status, "closed_at": sale.closed_at, "closed_reason": reason}


def _stage(company: Company, sale: Sale) -> int:
    """Return the first stage while there is no quote, a later one while there is no decision."""
    stages = company.lookups.stages["deals"]
    if sale.closed_at:
        return stages.won if sale.accepted_at else stages.lost
    return company.pick(stages.under_way[1:] or stages.under_way) if sale.quote else stages.under_way[0]
