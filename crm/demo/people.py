"""Sample people, most of them at an organization."""

from collections.abc import Iterator
from datetime import timedelta

from crm.demo.company import Company, Contact
from crm.demo.drafts import Draft, Values
from crm.demo.words import FIRST_NAMES, LAST_NAMES


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
    return {
        "title": title,
        "first_name": company.pick(names),
        "middle_name": company.pick(names) if company.chance(0.1) else None,
        "last_name": company.pick(LAST_NAMES),
        "gender": gender,
        "birthday": (company.today - age).date() if company.chance(0.4) else None,
        "description": None,
        "organization_id": contact.organization.id if contact.organization else None,
    }
