"""`changed` names each field of the JSON that differs, from and to: held for every field of every resource."""

from typing import Any

import pytest

from tests.support.changes import changes_of
from tests.support.client import ApiClient
from tests.support.factories import DETAILS, NAMES, field_of, full, schema_of
from tests.support.sales import as_sent

SHOWN = "?include=external_keys"
UNTOUCHED = {"version", "updated_at"}
TAKEN = [
    (resource, name)
    for resource in NAMES
    for name, field in schema_of(resource).load_fields.items()
    if not field.create_only
]
"""Every field that an update takes, found from the schemas."""
OTHERS: dict[type, Any] = {str: "Other text", bool: True, int: 8, float: 99.95}
_BESIDE = {"currency": {"unit_price": 3.5}, "default_price": {"unit_price": 3.5, "currency": "CHF"}}
"""What a field of a product needs beside it to have an effect."""


def other_value(api: ApiClient, resource: str, name: str, first: Any) -> Any:
    """Return a value for a field that is another one than the first."""
    if name == "external_keys":
        return {"erp": "2", "sap": "1"}
    if name in DETAILS:
        return [{**first[0], "type": "other", "primary": True}]
    field = field_of(resource, name)
    if type(field).__name__ == "Currency":
        return "CHF"
    if type(field).__name__ == "Timestamp":
        return "2027-08-09T10:11:12+00:00"
    if type(field).__name__ == "Day":
        return "1999-12-31T00:00:00+00:00"
    if type(first) in OTHERS and not hasattr(field, "model"):
        return OTHERS[type(first)]
    return full(api, resource)[name]


@pytest.mark.parametrize(("resource", "name"), TAKEN)
def test_changed_holds_what_differs_and_nothing_else(api: ApiClient, resource: str, name: str) -> None:
    body = {**full(api, resource), "external_keys": {"erp": "1", "crm": "1"}}
    before = api.post(f"/{resource}{SHOWN}", body).json["data"]
    path = f"/{resource}/{before['id']}"
    sent = {name: other_value(api, resource, name, body[name]), **_BESIDE.get(name, {})}
    if resource != "products":
        sent = {name: sent[name]}
    answer = api.put(f"{path}{SHOWN}", sent)
    assert answer.status_code == 200, answer.text
    after = answer.json["data"]
    differing = {field for field in after if after[field] != before[field]} - UNTOUCHED
    change = changes_of(lambda path: api.get(path).json, path)[-1]
    assert change["changed"] == {field: {"from": before[field], "to": after[field]} for field in differing}
    assert (change["version"], after["version"]) == (2, 2)
    hidden = {("invoices", "order_id")}  # taken, and not shown
    assert differing or (resource, name) in hidden


@pytest.mark.parametrize(("resource", "name"), [(kind, name) for kind, name in TAKEN if name == "line_items"])
def test_lines_are_compared_in_their_order_and_place(api: ApiClient, resource: str, name: str) -> None:
    before = api.create(resource, line_items=full(api, resource)[name] * 3)
    path = f"/{resource}/{before['id']}"
    lines = [as_sent(line) for line in before["line_items"]]
    after = api.put(path, {"line_items": [lines[2], lines[0]]}).json["data"]
    assert [line["id"] for line in after["line_items"]] == [lines[2]["id"], lines[0]["id"]]
    change = changes_of(lambda path: api.get(path).json, path)[-1]
    differing = ("line_items", "tax_breakdown")
    assert change["changed"] == {field: {"from": before[field], "to": after[field]} for field in differing}


def test_another_rows_change_that_shows_in_a_record_is_none_of_its_own(api: ApiClient) -> None:
    person = api.create("people", first_name="Maria")
    lead = api.create("leads", person_id=person["id"])
    api.put(f"/people/{person['id']}", {"first_name": "Marie"})
    answer = api.put(f"/leads/{lead['id']}", {"amount": 12})
    assert answer.json["data"]["person"]["first_name"] == "Marie"
    assert answer.json["data"]["version"] == 2
    history = changes_of(lambda path: api.get(path).json, f"/leads/{lead['id']}")
    assert history[-1]["changed"] == {"amount": {"from": None, "to": 12}}


def test_money_beyond_what_a_float_holds_is_told_digit_by_digit(api: ApiClient) -> None:
    path = f"/leads/{api.create('leads', amount='9999999999999.98')['id']}"
    api.put(path, {"amount": "9999999999999.99"})
    api.put(path, {"amount": "9999999999999.99", "title": "Changed"})
    texts = [api.get(f"{path}/changes?per_page=1&page={page}").text for page in (2, 1)]
    assert '"amount":{"from":9999999999999.98,"to":9999999999999.99}' in texts[0]
    assert "9999999999999.99" not in texts[1]
