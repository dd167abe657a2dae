"""How sample people and organizations are reached: nobody is, since no domain ends in `.example`."""

from typing import Any

from crm.demo.company import Company
from crm.demo.words import STREETS, Place

Detail = dict[str, Any]

NO_FIRM = "mail.example"
"""The domain of people who are at no organization, and of private addresses."""


def domain_of(name: str) -> str:
    """Return the domain of an organization."""
    return f"{name.lower().replace(' ', '-')}.example"


def organization_details(company: Company, name: str, place: Place) -> dict[str, list[Detail]]:
    """Return the contact details of an organization in a place."""
    phones = [_phone(company, place, "office")] if company.chance(0.9) else []
    return {
        "emails": [_email(f"info@{domain_of(name)}", "office")],
        "phones": phones,
        "addresses": [_address(company, place, "office")],
    }


def person_details(company: Company, name: str, domain: str, place: Place) -> dict[str, list[Detail]]:
    """Return the contact details of a person: mostly an e-mail address, sometimes a private one beside it."""
    local = name.lower().replace(" ", ".")
    emails = [_email(f"{local}@{domain}", "work")] if company.chance(0.9) else []
    if emails and domain != NO_FIRM and company.chance(0.15):
        emails.append(_email(f"{local}@{NO_FIRM}", "home", primary=False))
    return {
        "emails": emails,
        "phones": [_phone(company, place, "mobile")] if company.chance(0.7) else [],
        "addresses": [_address(company, place, "home")] if company.chance(0.1) else [],
    }


def _email(address: str, kind: str, *, primary: bool = True) -> Detail:
    return {"address": address, "type": kind, "primary": primary}


def _phone(company: Company, place: Place, kind: str) -> Detail:
    number = f"+{place.calling_code} 555 {company.random.randint(0, 9999):04}"
    return {"number": number, "type": kind, "primary": True}


def _address(company: Company, place: Place, kind: str) -> Detail:
    return {
        "type": kind,
        "line1": f"{company.random.randint(1, 180)} {company.pick(STREETS)}",
        "line2": None,
        "line3": None,
        "city": place.city,
        "state": None,
        "code": f"{company.random.randint(10_000, 99_999)}",
        "country": place.country,
        "primary": True,
    }
