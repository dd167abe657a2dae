"""What each list can be asked, by hand: the fields and their operators (beyond, section 15)."""

from collections.abc import Iterable
from urllib.parse import urlencode

from tests.support.client import ApiClient

OPERATORS = {
    "text": "eq ne in contains starts_with null",
    "key": "eq ne in null",
    "ordered": "eq ne gt gte lt lte in null",
    "truth": "eq ne null",
    "number": "eq ne in",
    "detail": "eq in",
    "deleted": "eq",
}
"""By kind, in the order in which a refusal names them."""
_MONEY = "subtotal discount tax adjustments total"
_CUSTOMER = "currency person_id organization_id labels"
_EVERYWHERE = {
    "key": "id user_owner_id external_keys.SOURCE",
    "ordered": "version created_at updated_at deleted_at",
    "deleted": "deleted",
}
_FIELDS = {
    "leads": {
        "number": "lead_id",
        "text": "title description",
        "ordered": "amount expected_close converted_at",
        "key": f"{_CUSTOMER} lead_source_id pipeline_stage_id",
    },
    "products": {
        "text": "name code barcode description unit purchase_account sales_account",
        "ordered": "tax_rate",
        "key": "tax_rate_id product_category_id",
        "truth": "active",
    },
    "organizations": {
        "text": "name description vat_number linkedin",
        "ordered": "number_of_employees annual_revenue total_money_raised",
        "key": "organization_type_id industry_id timezone_id labels",
        "detail": "email phone",
    },
    "people": {
        "text": "title first_name middle_name last_name name gender description",
        "ordered": "birthday",
        "key": "organization_id labels",
        "detail": "email phone",
    },
    "deals": {
        "number": "deal_id",
        "text": "title description status closed_reason",
        "ordered": "amount expected_close closed_at",
        "key": f"{_CUSTOMER} lead_id pipeline_stage_id",
    },
    "quotes": {
        "number": "quote_id",
        "text": "title description reference terms",
        "ordered": f"{_MONEY} issue_at expire_at accepted_at rejected_at",
        "key": f"{_CUSTOMER} lead_id deal_id pipeline_stage_id",
        "truth": "compute_totals",
    },
    "orders": {
        "number": "order_id",
        "text": "reference description terms",
        "ordered": _MONEY,
        "key": f"{_CUSTOMER} lead_id deal_id quote_id",
        "truth": "compute_totals",
    },
    "invoices": {
        "number": "invoice_id",
        "text": "reference terms",
        "ordered": f"{_MONEY} issue_date due_date amount_due amount_paid fully_paid_at",
        "key": f"{_CUSTOMER} order_id",
        "truth": "compute_totals",
    },
}
_SHOWN_KEYS = {
    "currency",
    "id",
    "tax_rate_id",
    "product_category_id",
    "organization_type_id",
    "industry_id",
    "timezone_id",
}
"""Those of the kind `key` that a record shows by themselves."""


def asked_fields(resource: str) -> dict[str, str]:
    """Return the kinds of all fields that a list can be filtered by, keys of OPERATORS, by their names."""
    groups = (_FIELDS[resource], _EVERYWHERE)
    return {name: kind for group in groups for kind, names in group.items() for name in names.split()}


def sorted_fields(resource: str) -> set[str]:
    """Return all fields that a list can be sorted by: the scalars that a record shows."""
    kinds = asked_fields(resource).items()
    return {name for name, kind in kinds if kind not in ("key", "detail", "deleted") or name in _SHOWN_KEYS}


def filtered(api: ApiClient, resource: str, *conditions: tuple[str, str], **others: str) -> list[str]:
    """Return the ids of the records that meet conditions, such as ("amount][gte", "5"), in their order."""
    query = urlencode([*((f"filter[{name}]", text) for name, text in conditions), *others.items()])
    answer = api.get(f"/{resource}?{query}")
    assert answer.status_code == 200, answer.text
    found = [record["id"] for record in answer.json["data"]]
    assert answer.json["meta"]["total"] == len(found)
    return found


def of(records: Iterable[dict[str, str]]) -> list[str]:
    """Return the ids of records, the newest first as lists have them."""
    return [record["id"] for record in records][::-1]
