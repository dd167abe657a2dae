"""Prices that are taken away from products (beyond, section 16)."""

from typing import Any

import pytest
from flask import Flask

from crm.sales.prices import OTHERS_LEFT
from tests.support.changes import changes_of
from tests.support.client import UNKNOWN, ApiClient, Teams
from tests.support.factories import create_user

Json = dict[str, Any]


@pytest.fixture
def product(api: ApiClient) -> str:
    """The path of a product with a default price in dollars and one in euros."""
    path = f"/products/{api.create('products', unit_price=1)['id']}"
    assert api.put(path, {"unit_price": 2, "currency": "EUR"}).status_code == 200
    return path


def currencies(api: ApiClient, product: str) -> list[str]:
    return [price["currency"] for price in api.get(product).json["data"]["prices"]]


@pytest.mark.parametrize("currency", ["EUR", "eur"])
def test_a_price_is_taken_away(api: ApiClient, product: str, currency: str) -> None:
    answer = api.delete(f"{product}/prices/{currency}")
    assert (answer.status_code, answer.data, answer.headers["ETag"]) == (204, b"", '"3"')
    shown = api.get(product).json["data"]
    assert (shown["version"], shown["prices"]) == (3, [{"currency": "USD", "unit_price": 1, "default": True}])
    assert changes_of(lambda path: api.get(path).json, product)[-1]["changed"]["prices"]["to"] == shown["prices"]


def test_the_default_price_goes_last(api: ApiClient, product: str) -> None:
    refused = api.delete(f"{product}/prices/USD")
    assert (refused.status_code, refused.json) == (409, {"message": OTHERS_LEFT})
    assert (currencies(api, product), api.get(product).json["data"]["version"]) == (["USD", "EUR"], 2)
    for currency in ("EUR", "USD"):
        assert api.delete(f"{product}/prices/{currency}").status_code == 204
    assert currencies(api, product) == []
    again = api.put(product, {"unit_price": 3, "currency": "CHF"}).json["data"]
    assert again["prices"] == [{"currency": "CHF", "unit_price": 3, "default": True}]


def test_the_default_price_goes_once_it_is_another_one(api: ApiClient, product: str) -> None:
    api.put(product, {"unit_price": 2, "currency": "EUR", "default_price": True})
    assert api.delete(f"{product}/prices/USD").status_code == 204
    assert api.get(product).json["data"]["prices"] == [{"currency": "EUR", "unit_price": 2, "default": True}]


@pytest.mark.parametrize("currency", ["CHF", "EURO", "%F0%9F%92%B6", "€"])
def test_a_price_that_is_not_there(api: ApiClient, product: str, currency: str) -> None:
    assert api.delete(f"{product}/prices/{currency}").status_code == 404
    assert api.delete(f"{product}/prices/{currency}", headers={"If-Match": '"1"'}).status_code == 404
    assert api.delete(f"/products/{UNKNOWN}/prices/EUR").status_code == 404
    assert currencies(api, product) == ["USD", "EUR"]


def test_the_version_is_that_of_the_product(api: ApiClient, product: str) -> None:
    path = f"{product}/prices/USD"  # which is not in the state for it either
    stale = api.delete(path, headers={"If-Match": '"1"'})
    assert (stale.status_code, stale.json["version"]) == (412, 2)
    assert api.delete(path, headers={"If-Match": '"2"'}).status_code == 409
    assert api.delete(f"{product}/prices/EUR", headers={"If-Match": '"2"'}).status_code == 204


@pytest.mark.parametrize("role", ["Owner", "Admin", "Manager", "Employee", "Viewer"])
def test_a_price_is_taken_away_by_who_may_edit_products(app: Flask, api: ApiClient, product: str, role: str) -> None:
    status = ApiClient(app, create_user(app, role)).delete(f"{product}/prices/EUR").status_code
    assert status == (204 if role in ("Owner", "Admin") else 403)


def test_the_product_of_another_team_has_no_prices_here(teams: Teams) -> None:
    product = teams.ours.create("products", unit_price=1, currency="EUR")["id"]
    assert teams.theirs.delete(f"/products/{product}/prices/EUR").status_code == 404
    assert teams.ours.delete(f"/products/{product}/prices/EUR").status_code == 204
