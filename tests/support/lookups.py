"""The look-up tables that are written over the API, and bodies for their rows."""

import itertools
from typing import Any

from crm.records.lookups import LOOKUPS, WrittenLookup
from tests.support.client import ApiClient

Json = dict[str, Any]

WRITTEN: dict[str, type[WrittenLookup]] = {
    lookup.model.__tablename__.replace("_", "-"): lookup for lookup in LOOKUPS if issubclass(lookup, WrittenLookup)
}
"""By their paths."""

MORE: dict[str, Json] = {"pipelines": {"resource": "leads"}, "tax-rates": {"rate": 7}}
"""What a new row needs beside its name."""

USED_BY: dict[str, tuple[str, str]] = {
    "labels": ("leads", "labels"),
    "lead-sources": ("leads", "lead_source_id"),
    "product-categories": ("products", "product_category_id"),
    "tax-rates": ("products", "tax_rate_id"),
    "organization-types": ("organizations", "organization_type_id"),
    "industries": ("organizations", "industry_id"),
}
"""For each whose rows records refer to, such a resource and its field."""

_numbers = itertools.count(1)


def row_body(path: str, **fields: Any) -> Json:
    """Return the smallest body that adds a row, with a name of its own, and these fields."""
    return {"name": f"Row {next(_numbers)}", **MORE.get(path, {}), **fields}


def create_row(api: ApiClient, path: str, **fields: Any) -> Json:
    """Add a row and return its data."""
    answer = api.post(f"/{path}", row_body(path, **fields))
    assert answer.status_code == 201, answer.text
    row: Json = answer.json["data"]
    return row


def use(api: ApiClient, path: str, row: Json) -> str:
    """Make a record that refers to a row and return its path."""
    resource, field = USED_BY[path]
    record = api.create(resource, **{field: [row["id"]] if field == "labels" else row["id"]})
    return f"/{resource}/{record['id']}"


def shown_in(api: ApiClient, path: str, record: str) -> Any:
    """Return what a record shows of the row that it refers to."""
    _, field = USED_BY[path]
    shown = api.get(record).json["data"]
    return shown[field] if field in shown else shown[field.removesuffix("_id")]
