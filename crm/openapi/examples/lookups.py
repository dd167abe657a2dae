"""A realistic body for each look-up table that is written, and the row that the server makes of it."""

from crm.openapi.examples.world import example_id
from crm.openapi.forms import Json

CREATED: dict[str, Json] = {
    "labels": {"name": "Key account", "hex": "16a34a"},
    "lead_sources": {"name": "Trade fair"},
    "pipelines": {
        "name": "Partner Pipeline",
        "resource": "deals",
        "stages": [{"name": "Agreed"}, {"name": "Signed"}],
    },
    "product_categories": {"name": "Hardware"},
    "tax_rates": {"name": "VAT", "rate": 19.0, "default": False},
    "organization_types": {"name": "Cooperative"},
    "industries": {"name": "Insurance"},
}
"""For each of these look-up tables a body that adds a row."""

UPDATED: dict[str, Json] = {name: {"name": f"{body['name']} (old)"} for name, body in CREATED.items()}
"""For each a body that changes this row."""

NUMBER = 20
"""The id of a row that clients know by a number."""


def made_row(name: str, *, numbered: bool, changed: bool = False) -> Json:
    """Return the row that the body of a look-up table makes, or that row once it was changed."""
    body = CREATED[name] | (UPDATED[name] if changed else {})
    row = {"id": NUMBER if numbered else example_id(f"{name}/{body['name']}"), **body}
    if "stages" in body:
        row["stages"] = [{"id": example_id(f"stages/{stage['name']}"), **stage} for stage in body["stages"]]
    return row
