"""The tax of line items: which rate counts, rounding, and when it is worked out."""

from decimal import Decimal
from typing import Any

import pytest
from flask import Flask

from crm.models import TaxRate
from crm.models.types import now
from tests.support.client import ApiClient
from tests.support.factories import create_lookup, create_team, create_user
from tests.support.sales import DOCUMENTS, Json, as_sent, change_row, line

pytestmark = pytest.mark.parametrize("kind", DOCUMENTS)


@pytest.fixture
def rates(api: ApiClient) -> dict[str, int]:
    """The seeded rates by name: Zero, Standard (10 %, the default one) and Reduced (5 %)."""
    return {rate["name"]: rate["id"] for rate in api.get("/tax-rates").json["data"]}


def first_line(api: ApiClient, kind: str, product: Json, **fields: Any) -> Json:
    return api.create(kind, line_items=[line(product, **fields)])["line_items"][0]


@pytest.mark.parametrize(
    ("rate", "own_rate", "expected"),
    [
        ("Reduced", 7, "5"),
        ("Reduced", None, "5"),
        ("Zero", 7, "0"),
        (None, "7.123", "7.123"),
        (None, 0, "0"),
        (None, None, "10"),
    ],
)
def test_the_look_up_rate_counts_before_the_own_one_and_that_before_the_default(
    api: ApiClient, kind: str, rates: dict[str, int], rate: str | None, own_rate: Any, expected: str
) -> None:
    product = api.create("products", tax_rate_id=rate and rates[rate], tax_rate=own_rate)
    shown = first_line(api, kind, product, amount=1000)
    assert (shown["tax_rate"], shown["tax_amount"]) == (Decimal(expected), Decimal(expected) * 10)


@pytest.mark.parametrize(("own_rate", "expected"), [(7, 7), (None, 10)])
def test_a_deleted_look_up_rate_counts_no_more(
    api: ApiClient, app: Flask, kind: str, own_rate: int | None, expected: int
) -> None:
    rate = create_lookup(app, TaxRate, rate=30_000, default=False)
    product = api.create("products", tax_rate_id=rate, tax_rate=own_rate)
    assert first_line(api, kind, product)["tax_rate"] == 3
    change_row(app, TaxRate, rate, deleted_at=now())
    assert first_line(api, kind, product)["tax_rate"] == expected


def test_without_any_rate_there_is_no_tax(api: ApiClient, app: Flask, kind: str, rates: dict[str, int]) -> None:
    change_row(app, TaxRate, rates["Standard"], deleted_at=now())
    shown = first_line(api, kind, api.create("products"))
    assert (shown["tax_rate"], shown["tax_amount"]) == (0, 0)


def test_the_default_rate_of_another_team_does_not_count(team_app: Flask, kind: str) -> None:
    ours, theirs = create_user(team_app), create_user(team_app)
    team_ids = [create_team(team_app, owner) for owner in (ours, theirs)]
    api = ApiClient(team_app, ours)
    create_lookup(team_app, TaxRate, rate=500_000, default=True, team_id=team_ids[1])
    assert first_line(api, kind, api.create("products"))["tax_rate"] == 10


@pytest.mark.parametrize(
    ("amount", "rate", "tax"),
    [
        ("200.00", "10", "20.00"),
        ("0.05", "10", "0.01"),
        ("0.04", "10", "0.00"),
        ("1.05", "10", "0.11"),
        ("2.50", "1.8", "0.05"),
        ("33.33", "33.3333", "11.11"),
        ("0.01", "1000", "0.10"),
        ("9999999999999.99", "20", "2000000000000.00"),
    ],
)
def test_tax_is_rounded_half_up_to_the_cent(api: ApiClient, kind: str, amount: str, rate: str, tax: str) -> None:
    product = api.create("products", tax_rate=rate)
    assert first_line(api, kind, product, amount=amount)["tax_amount"] == Decimal(tax)


def test_tax_is_exact_for_the_largest_amounts_and_rates(api: ApiClient, kind: str) -> None:
    product = api.create("products", tax_rate="800.0001")
    assert first_line(api, kind, product, amount="9999999999998.72")["tax_amount"] == Decimal("80000009999989.76")


def test_tax_stays_when_the_product_changes_and_is_worked_out_anew_when_the_line_is_written_otherwise(
    api: ApiClient, kind: str
) -> None:
    product = api.create("products", tax_rate=5)
    document = api.create(kind, line_items=[line(product, amount=100)])
    path, shown = f"/{kind}/{document['id']}", document["line_items"]
    api.put(f"/products/{product['id']}", {"tax_rate": 20})
    assert api.get(path).json["data"]["line_items"] == shown
    assert api.put(path, {"reference": "New"}).json["data"]["line_items"] == shown
    assert api.put(path, {"line_items": [as_sent(shown[0])]}).json["data"]["line_items"] == shown
    written = api.put(path, {"line_items": [line(product, amount=200, id=shown[0]["id"])]}).json["data"]
    assert written["line_items"] == [{**shown[0], "amount": 200, "tax_rate": 20, "tax_amount": 40}]


def test_a_line_that_keeps_a_deleted_product_keeps_being_taxed_by_it(api: ApiClient, kind: str) -> None:
    product = api.create("products", tax_rate=5)
    document = api.create(kind, line_items=[line(product, amount=100)])
    api.delete(f"/products/{product['id']}")
    sent = line(product, amount=300, id=document["line_items"][0]["id"])
    shown = api.put(f"/{kind}/{document['id']}", {"line_items": [sent]}).json["data"]["line_items"]
    assert [(item["tax_rate"], item["tax_amount"]) for item in shown] == [(5, 15)]


def test_lines_are_in_the_currency_of_their_document(api: ApiClient, kind: str) -> None:
    product = api.create("products", unit_price=1, currency="CHF")
    document = api.create(kind, line_items=[line(product), line(product)])
    assert [item["currency"] for item in document["line_items"]] == ["USD", "USD"]
    changed = api.put(f"/{kind}/{document['id']}", {"currency": "eur"}).json["data"]
    assert [item["currency"] for item in changed["line_items"]] == ["EUR", "EUR"]


def test_the_totals_of_a_document_are_kept_as_sent_whatever_its_lines_say(api: ApiClient, kind: str) -> None:
    product = api.create("products")
    document = api.create(kind, subtotal=1, tax=2, total=4, line_items=[line(product, amount=500)])
    changed = api.put(f"/{kind}/{document['id']}", {"line_items": []}).json["data"]
    for shown in (document, changed):
        assert (shown["subtotal"], shown["tax"], shown["total"]) == (1, 2, 4)
