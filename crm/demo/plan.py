"""The plan of a company's year: what it sells, who asks for it, and how far each sale comes.

It is made before any record is written, so that all records of one sale tell the same story in the same order.
"""

from datetime import datetime, timedelta

from crm.demo.company import YEAR, Company, Contact, Item, Sale
from crm.demo.drafts import Draft
from crm.demo.words import WARES

_DAY = timedelta(days=1)


def make_plan(company: Company) -> None:
    """Fill in the items, organizations, contacts and sales of a company.

    The first sale goes all the way, however few leads there are, so that no resource stays empty.
    """
    company.items = _plan_items(company)
    for place in range(company.leads):
        part = (place + company.random.random()) / company.leads if place else 0.0
        moment = company.year_start + _DAY + timedelta(seconds=int((YEAR - _DAY).total_seconds() * part))
        sale = Sale(_find_contact(company, moment), _fill_basket(company), _draft(company, moment))
        company.sales.append(sale)
        _follow_lead(company, sale, sure=not place)


def _plan_items(company: Company) -> list[Item]:
    """Return what is sold, all of it from the first day on."""
    items = []
    for place, ware in enumerate(company.random.sample(WARES, min(len(WARES), 10 + company.leads // 20))):
        product = _draft(company, company.year_start + timedelta(minutes=place))
        unit_price = company.random.randint(ware.cheapest, ware.dearest) * 100 - company.pick((0, 1, 5, 50))
        items.append(Item(product, ware, unit_price, *company.pick(company.lookups.tax_rates)))
    return items


def _find_contact(company: Company, moment: datetime) -> Contact:
    """Return who has a new lead: someone known, someone else at a known organization, or someone new."""
    if company.contacts and company.chance(0.4):
        return company.pick(company.contacts)
    organization = None
    if company.organizations and company.chance(0.3):
        organization = company.pick(company.organizations)
    elif not company.organizations or company.chance(0.9):
        organization = _draft(company, moment)
        company.organizations.append(organization)
    contact = Contact(_draft(company, moment), organization)
    company.contacts.append(contact)
    return contact


def _fill_basket(company: Company) -> list[tuple[Item, int]]:
    """Return one to four items: fewer pieces of what is dear."""
    items = company.random.sample(company.items, company.random.randint(1, 4))
    return [(item, company.random.randint(1, 5 if item.unit_price > 50_000 else 25)) for item in items]


def _follow_lead(company: Company, sale: Sale, sure: bool) -> None:
    """Plan what becomes of a lead; with `sure` it is won."""
    created_at = sale.lead.created_at
    if sure or company.chance(0.45):
        sale.converted_at = company.later(created_at, 2, 30)
    elif company.chance(0.85):
        sale.lost_at = company.later(created_at, 5, 60)
    sale.lead.updated_at = sale.converted_at or sale.lost_at or created_at
    if sale.converted_at:
        sale.deal = _draft(company, sale.converted_at, sale.lead.owner_id)
        _follow_deal(company, sale, sale.deal, sure)


def _follow_deal(company: Company, sale: Sale, deal: Draft, sure: bool) -> None:
    """Plan what becomes of a deal: mostly a quote, which the customer takes, declines or thinks about."""
    quoted_at = company.later(deal.created_at, 1, 14) if sure or company.chance(0.85) else None
    if quoted_at:
        sale.quote = _draft(company, quoted_at, deal.owner_id)
        if sure or company.chance(0.6):
            sale.closed_at = sale.accepted_at = company.later(quoted_at, 2, 30)
        elif company.chance(0.85):
            sale.closed_at = sale.rejected_at = company.later(quoted_at, 2, 45)
        sale.quote.updated_at = sale.closed_at or quoted_at
    elif company.chance(0.7):
        sale.closed_at = company.later(deal.created_at, 15, 60)
    deal.updated_at = sale.closed_at or quoted_at or deal.created_at
    if sale.accepted_at:
        _follow_acceptance(company, sale, sale.accepted_at, sure)


def _follow_acceptance(company: Company, sale: Sale, accepted_at: datetime, sure: bool) -> None:
    """Plan the order of an accepted quote, its invoice, and when that is paid."""
    owner_id = sale.lead.owner_id
    if ordered_at := company.later(accepted_at, 0, 2):
        sale.order = _draft(company, ordered_at, owner_id)
        if (sure or company.chance(0.9)) and (invoiced_at := company.later(ordered_at, 1, 7)):
            sale.invoice = _draft(company, invoiced_at, owner_id)
            if sure or company.chance(0.75):
                sale.paid_at = company.later(invoiced_at, 3, 40)
            sale.invoice.updated_at = sale.paid_at or invoiced_at


def _draft(company: Company, moment: datetime, owner_id: int | None = None) -> Draft:
    """Return a record made at a moment, of the given owner or else of any."""
    return Draft(moment, moment, owner_id or company.pick(company.lookups.owners))
