"""Totals of an order made of a quote, where they are worked out: of what is copied and what the body says together."""

from typing import Any

import pytest

from tests.support.client import ApiClient

Json = dict[str, Any]
TOTALS = ("subtotal", "discount", "tax", "adjustments", "total")


@pytest.fixture
def product(api: ApiClient) -> str:
    """The id of a product that costs 10.00 in the currency of documents, taxed at 20 %."""
    body = {"unit_price": 10, "currency": "EUR", "tax_rate": 20}
    return str(api.create("products", **body)["id"])


def quote(api: ApiClient, product: str, **others: Any) -> Json:
    """Return a quote of three pieces, whose totals are worked out."""
    lines = [{"product_id": product, "quantity": 3}]
    return api.create("quotes", currency="EUR", compute_totals=True, line_items=lines, **others)


def ordered(api: ApiClient, source: Json, body: Json | None = None) -> Json:
    """Return the totals of the order that is made of a quote."""
    answer = api.post(f"/quotes/{source['id']}/order", body)
    assert answer.status_code == 201, answer.text
    return {name: answer.json["data"][name] for name in TOTALS}


def totals(subtotal: float, tax: float, total: float, discount: float | None = None) -> Json:
    return {"subtotal": subtotal, "discount": discount, "tax": tax, "adjustments": None, "total": total}


def test_they_are_those_of_the_quote(api: ApiClient, product: str) -> None:
    assert ordered(api, quote(api, product)) == totals(30, 6, 36)


def test_they_stay_though_the_product_is_taxed_otherwise_now(api: ApiClient, product: str) -> None:
    source = quote(api, product)
    assert api.put(f"/products/{product}", {"tax_rate": 5}).status_code == 200
    assert ordered(api, source) == totals(30, 6, 36)


def test_a_discount_of_the_body_counts(api: ApiClient, product: str) -> None:
    assert ordered(api, quote(api, product), {"discount": 10}) == totals(30, 4, 24, 10)


def test_a_discount_above_the_subtotal_is_refused(api: ApiClient, product: str) -> None:
    source = quote(api, product)
    answer = api.post(f"/quotes/{source['id']}/order", {"discount": 31})
    assert api.errors(answer) == {"discount": ["The discount field must not be greater than 30.00."]}
    assert api.get("/orders").json["data"] == []


def test_totals_of_the_body_are_ignored(api: ApiClient, product: str) -> None:
    assert ordered(api, quote(api, product), {"total": 1, "tax": 1}) == totals(30, 6, 36)


def test_lines_of_the_body_count(api: ApiClient, product: str) -> None:
    lines = [{"product_id": product, "quantity": 5, "unit_price": 10, "amount": 50}]
    assert ordered(api, quote(api, product), {"line_items": lines}) == totals(50, 10, 60)


def test_they_may_leave_out_what_can_be_worked_out(api: ApiClient, product: str) -> None:
    body = {"compute_totals": True, "line_items": [{"product_id": product, "quantity": 2}]}
    assert ordered(api, quote(api, product), body) == totals(20, 4, 24)


def test_a_product_without_a_price_in_the_currency_is_refused(api: ApiClient, product: str) -> None:
    source = quote(api, product)
    body = {"compute_totals": True, "currency": "USD", "line_items": [{"product_id": product, "quantity": 2}]}
    faults = api.errors(api.post(f"/quotes/{source['id']}/order", body))
    assert faults == {"line_items.0.unit_price": ["The product has no price in USD."]}


def test_an_order_may_have_them_worked_out_that_the_quote_was_given(api: ApiClient, product: str) -> None:
    line = {"product_id": product, "quantity": 1, "unit_price": 10, "amount": 10}
    source = api.create("quotes", currency="EUR", total=999, line_items=[line])
    assert ordered(api, source, {"compute_totals": True}) == totals(10, 2, 12)
    assert api.delete(f"/orders/{api.get('/orders').json['data'][0]['id']}").status_code == 204
    assert ordered(api, source)["total"] == 999
