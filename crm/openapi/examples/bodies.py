"""A realistic body for each resource."""

from crm.openapi.examples.world import STAGES, example_id
from crm.openapi.forms import Json

_FOR_WHOM = {"person_id": example_id("people"), "organization_id": example_id("organizations")}
_KEPT_BY = {"user_owner_id": 1, "labels": [example_id("labels")]}
_SALE = {
    "title": "Website relaunch",
    "description": "Wants a new shop before Christmas.",
    "amount": 12500.5,
    "currency": "USD",
    "expected_close": "2026-09-30T12:00:00+00:00",
}
_LINE = {
    "product_id": example_id("products"),
    "quantity": 2,
    "unit_price": 950.0,
    "amount": 1900.0,
    "comments": "On site",
}
_LINES = {"line_items": [_LINE]}
_TOTALS = {
    "currency": "USD",
    "terms": "30 days net",
    "subtotal": 1900.0,
    "discount": 90.0,
    "tax": 181.0,
    "adjustments": 0.0,
    "total": 1991.0,
    "compute_totals": False,
}
_WORKED_OUT = {
    "compute_totals": True,
    "discount": 90.0,
    "line_items": [{"product_id": example_id("products"), "quantity": 2}],
}

CREATED: dict[str, Json] = {
    "organizations": {
        "name": "Northwind Traders",
        "description": "Imports specialty foods.",
        "vat_number": "GB123456789",
        "linkedin": "https://www.linkedin.com/company/northwind",
        "number_of_employees": 120,
        "annual_revenue": 4500000.0,
        "total_money_raised": 750000.0,
        "organization_type_id": 3,
        "industry_id": 15,
        "timezone_id": 1,
        "emails": [{"address": "office@northwind.example", "type": "office", "primary": True}],
        "phones": [{"number": "+44 20 7946 0018", "type": None, "primary": True}],
        "addresses": [
            {
                "type": "office",
                "line1": "12 Harbour Street",
                "line2": None,
                "line3": None,
                "city": "London",
                "state": None,
                "code": "E14 9XX",
                "country": "GB",
                "primary": True,
            }
        ],
        **_KEPT_BY,
    },
    "people": {
        "title": "Ms",
        "first_name": "Maria",
        "last_name": "Anders",
        "gender": "female",
        "birthday": "1985-04-12",
        "description": "Prefers to be called in the morning.",
        "organization_id": example_id("organizations"),
        "emails": [
            {"address": "maria.anders@northwind.example", "type": "work", "primary": True},
            {"address": "maria@anders.example", "type": "home", "primary": False},
        ],
        "phones": [{"number": "+44 7700 900077", "type": "mobile", "primary": True}],
        "addresses": [],
        **_KEPT_BY,
    },
    "products": {
        "name": "Consulting day",
        "code": "CONS-DAY",
        "barcode": "4006381333931",
        "description": "Eight hours on site.",
        "unit": "day",
        "unit_price": 950.0,
        "currency": "USD",
        "tax_rate_id": 2,
        "product_category_id": example_id("product_categories"),
        "purchase_account": "5000",
        "sales_account": "4000",
        "active": True,
        "user_owner_id": 1,
    },
    "leads": {
        **_SALE,
        "lead_source_id": example_id("lead_sources"),
        "pipeline_stage_id": STAGES["leads"]["id"],
        **_FOR_WHOM,
        **_KEPT_BY,
    },
    "deals": {
        **_SALE,
        "lead_id": example_id("leads"),
        "pipeline_stage_id": STAGES["deals"]["id"],
        **_FOR_WHOM,
        **_KEPT_BY,
    },
    "quotes": {
        "title": "Two consulting days",
        "description": "Preparation of the relaunch.",
        "reference": "RFQ-2026-07",
        "issue_at": "2026-03-02T08:00:00+00:00",
        "expire_at": "2026-04-02T08:00:00+00:00",
        **_TOTALS,
        "lead_id": example_id("leads"),
        "deal_id": example_id("deals"),
        "pipeline_stage_id": STAGES["quotes"]["id"],
        **_FOR_WHOM,
        **_KEPT_BY,
        **_LINES,
    },
    "orders": {
        "reference": "PO-4711",
        "description": "As quoted.",
        **_TOTALS,
        "lead_id": example_id("leads"),
        "deal_id": example_id("deals"),
        "quote_id": example_id("quotes"),
        **_FOR_WHOM,
        **_KEPT_BY,
        **_LINES,
    },
    "invoices": {
        "reference": "PO-4711",
        "issue_date": "2026-03-02T08:00:00+00:00",
        "due_date": "2026-04-01T08:00:00+00:00",
        **_TOTALS,
        "order_id": example_id("orders"),
        **_FOR_WHOM,
        **_KEPT_BY,
        **_LINES,
    },
}
"""For each resource a body that creates a record, each after those that it refers to."""

UPDATED: dict[str, Json] = {
    "organizations": {"number_of_employees": 135},
    "people": {"middle_name": "Luisa", "labels": []},
    "products": {"unit_price": 980.0, "description": None},
    "leads": {"amount": 14000.0, "description": None},
    "deals": {"amount": 11000.0, "expected_close": None},
    "quotes": {"terms": "14 days net", "compute_totals": True},
    "orders": {"reference": "PO-4711-A"},
    "invoices": {"due_date": "2026-04-15T08:00:00+00:00"},
}
"""For each resource a body that changes the record made of the first."""

COMPUTED: dict[str, Json] = {
    "quotes": {"title": "Two consulting days", **_WORKED_OUT},
    "orders": _WORKED_OUT,
    "invoices": _WORKED_OUT,
}
"""For each document a body that makes one whose totals are those of the first, worked out."""
