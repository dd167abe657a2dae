"""The world of the examples: rows that records refer to, as they are shown.

A test builds this world and has the server accept every example body and give every example answer.
"""

from uuid import NAMESPACE_URL, uuid5

from crm.openapi.forms import Json

CALLER = {"id": 1, "name": "Jane Doe", "email": "user@example.com"}
MOMENT = "2026-03-02T09:30:00+00:00"


def example_id(name: str) -> str:
    """Return the UUID of a thing in the example world."""
    return str(uuid5(NAMESPACE_URL, f"https://crm.example.com/{name}"))


def _named(kind: str, name: str) -> Json:
    return {"id": example_id(kind), "name": name}


SUMMARIES: dict[str, Json] = {
    "users": CALLER,
    "organizations": _named("organizations", "Northwind Traders"),
    "people": {"id": example_id("people"), "name": "Maria Anders", "first_name": "Maria", "last_name": "Anders"},
    "leads": {"id": example_id("leads"), "lead_id": "L1001", "title": "Website relaunch"},
    "deals": {"id": example_id("deals"), "deal_id": "D1001", "title": "Website relaunch"},
    "quotes": {"id": example_id("quotes"), "quote_id": "Q1001", "title": "Two consulting days"},
    "orders": {"id": example_id("orders"), "order_id": "O1001"},
    "products": {**_named("products", "Consulting day"), "code": "CONS-DAY"},
    "labels": {**_named("labels", "Hot"), "hex": "dc2626"},
    "lead_sources": _named("lead_sources", "Referral"),
    "product_categories": _named("product_categories", "Services"),
    "pipelines": {
        **_named("pipelines", "Lead Pipeline"),
        "resource": "leads",
        "stages": [_named(f"stages/{name}", name) for name in ("New", "Contacted", "Qualified", "Converted", "Lost")],
    },
    "tax_rates": {"id": 2, "name": "Standard", "rate": 10.0, "default": True},
    "organization_types": {"id": 3, "name": "Company"},
    "industries": {"id": 15, "name": "Technology"},
    "timezones": {"id": 1, "name": "Africa/Abidjan"},
}
"""A row of each table, as it is shown inside others and in the look-up lists."""

STAGES: dict[str, Json] = {
    "leads": _named("stages/Qualified", "Qualified"),
    "deals": _named("stages/Proposal", "Proposal"),
    "quotes": _named("stages/Sent", "Sent"),
}
"""For each resource that has some, a stage of its pipeline."""
