"""Sample organizations."""

from collections.abc import Iterator
from itertools import product

from crm.demo.company import Company
from crm.demo.contact_details import organization_details
from crm.demo.drafts import Draft, Values
from crm.demo.words import COMPANIES, PLACES, TRADES, Place
from crm.models import Industry, OrganizationType, Timezone


def make_organizations(company: Company) -> Iterator[Draft]:
    """Fill in and yield all organizations. No two have one name while there are places left to tell them apart."""
    names = list(product(COMPANIES, TRADES))
    company.random.shuffle(names)
    for place, organization in enumerate(company.organizations):
        repeats, index = divmod(place, len(names))
        first, (second, industry) = names[index]
        name = f"{first} {second}"
        if repeats:
            name = f"{name} {PLACES[(repeats - 1) % len(PLACES)].city}"
        town = company.pick(PLACES)
        organization.values = _values(company, name, industry, town) | organization_details(company, name, town)
        organization.values["labels"] = company.labels()
        yield organization


def _values(company: Company, name: str, industry: str, place: Place) -> Values:
    lookups, random = company.lookups, company.random
    employees = int(random.lognormvariate(4, 1.2)) + 1
    revenue = employees * random.randint(60_000, 250_000)
    return {
        "name": name,
        "description": f"A customer in {place.city}.",
        "vat_number": f"{place.country}{random.randint(10**8, 10**9 - 1)}",
        "linkedin": f"https://linkedin.example/company/{name.lower().replace(' ', '-')}",
        "number_of_employees": employees,
        "annual_revenue": revenue * 100,
        "total_money_raised": random.randint(1, 40) * 25_000_000 if company.chance(0.15) else None,
        "organization_type_id": company.pick(lookups.ids(OrganizationType)),
        "industry_id": lookups.named[Industry].get(industry),
        "timezone_id": lookups.named[Timezone].get(place.timezone),
    }
