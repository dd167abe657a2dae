"""Sample people, most of them at an organization."""

from collections.abc import Iterator
from datetime import timedelta

from crm.demo.company import Company, Contact
from crm.demo.contact_details import NO_FIRM, domain_of, person_details
from crm.demo.drafts import Draft, Values
from crm.demo.words import FIRST_NAMES, LAST_NAMES, PLACES


def make_people(company: Company) -> Iterator[Draft]:
    """Fill in and yield all people. Their organizations are written."""
    for contact in company.contacts:
        contact.person.values = _values(company, contact)
        contact.person.values["labels"] = company.labels()
        yield contact.person


def _values(company: Company, contact: Contact) -> Values:
    random = company.random
    gender, names = company.pick(list(FIRST_NAMES.items()))
    title = "Dr" if company.chance(0.05) else {"Female": "Ms", "Male": "Mr"}[gender]
    age = timedelta(days=random.randint(22 * 365, 68 * 365))
    first_name, last_name = company.pick(names), company.pick(LAST_NAMES)
    domain = domain_of(contact.organization.values["name"]) if contact.organization else NO_FIRM
    return {
        "title": title,
        "first_name": first_name,
        "middle_name": company.pick(names) if company.chance(0.1) else None,
        "last_name": last_name,
        "gender": gender,
        "birthday": (company.today - age).date() if company.chance(0.4) else None,
        "description": None,
        "organization_id": contact.organization.id if contact.organization else None,
        **person_details(company, f"{first_name} {last_name}", domain, company.pick(PLACES)),
    }
