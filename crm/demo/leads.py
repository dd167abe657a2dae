"""Sample leads, in all stages."""

from collections.abc import Iterator
from datetime import timedelta

from crm.demo.company import Company, Sale
from crm.demo.drafts import Draft, Values
from crm.demo.words import NOTES, OCCASIONS
from crm.models import LeadSource

_ROUND = 5000  # a lead's amount is an estimate: whole 50 dollars, in cents


def make_leads(company: Company) -> Iterator[Draft]:
    """Fill in and yield the leads of all sales. Their people and organizations are written."""
    for sale in company.sales:
        sale.lead.values = _values(company, sale)
        sale.lead.values["labels"] = company.labels()
        yield sale.lead


def customer_of(sale: Sale) -> Values:
    """Return the columns by which a record of a sale refers to the customer."""
    organization = sale.contact.organization
    return {"person_id": sale.contact.person.id, "organization_id": organization.id if organization else None}


def _values(company: Company, sale: Sale) -> Values:
    return {
        **customer_of(sale),
        "title": _title(company, sale),
        "description": company.pick(NOTES) if company.chance(0.7) else None,
        "amount": (sale.subtotal // _ROUND + 1) * _ROUND,
        "currency": company.currency,
        "expected_close": sale.lead.created_at + timedelta(days=company.random.randint(20, 120)),
        "converted_at": sale.converted_at,
        "lead_source_id": company.pick(company.lookups.ids(LeadSource)),
        "pipeline_stage_id": _stage(company, sale),
    }


def _title(company: Company, sale: Sale) -> str:
    person = sale.contact.person.values
    organization = sale.contact.organization
    name = organization.values["name"] if organization else f"{person['first_name']} {person['last_name']}"
    title: str = company.pick(OCCASIONS).format(ware=sale.basket[0][0].ware.name, customer=name)
    return title


def _stage(company: Company, sale: Sale) -> int:
    stages = company.lookups.stages["leads"]
    if sale.converted_at:
        return stages.won
    return stages.lost if sale.lost_at else company.pick(stages.under_way)
