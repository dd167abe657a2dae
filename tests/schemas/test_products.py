"""What is particular to products: prices by currency, tax, category, and the `active` filter."""

from decimal import Decimal
from typing import Any

import pytest
from flask import Flask

from crm.models import ProductCategory, ProductPrice
from crm.models.types import now
from tests.conftest import MakeApp
from tests.support.client import ApiClient
from tests.support.factories import create_lookup, create_user
from tests.support.sales import Json, change_row, contents


def price(currency: str, unit_price: float, default: bool = False) -> Json:
    return {"currency": currency, "unit_price": unit_price, "default": default}


def change(api: ApiClient, product: Json, **fields: Any) -> Json:
    response = api.put(f"/products/{product['id']}", fields)
    assert response.status_code == 200, response.text
    return response.json["data"]


def refused(api: ApiClient, product: Json, **fields: Any) -> set[str]:
    return set(api.errors(api.put(f"/products/{product['id']}", fields)))


def test_a_product_without_a_price_shows_none(api: ApiClient) -> None:
    assert api.create("products")["prices"] == []


def test_the_first_price_is_the_default_one(api: ApiClient) -> None:
    assert api.create("products", unit_price=12.5, currency="eur")["prices"] == [price("EUR", 12.5, default=True)]


def test_a_price_without_a_currency_is_in_the_default_currency(api: ApiClient) -> None:
    assert api.create("products", unit_price=12.5)["prices"] == [price("USD", 12.5, default=True)]


def test_the_default_currency_is_a_setting(make_app: MakeApp) -> None:
    app = make_app(DEFAULT_CURRENCY="CHF")
    product = ApiClient(app, create_user(app)).create("products", unit_price=1)
    assert product["prices"] == [price("CHF", 1, default=True)]


def test_a_price_may_be_nothing(api: ApiClient) -> None:
    assert api.create("products", unit_price=0)["prices"] == [price("USD", 0, default=True)]


def test_an_update_without_a_currency_sets_the_default_price(api: ApiClient) -> None:
    product = api.create("products", unit_price=1, currency="EUR")
    change(api, product, unit_price=2, currency="USD")
    assert change(api, product, unit_price=3)["prices"] == [price("EUR", 3, default=True), price("USD", 2)]


def test_an_update_can_set_the_first_price(api: ApiClient) -> None:
    product = api.create("products")
    assert change(api, product, unit_price=3)["prices"] == [price("USD", 3, default=True)]


def test_a_price_in_another_currency_is_added_beside_the_first(api: ApiClient) -> None:
    product = api.create("products", unit_price=1)
    assert change(api, product, unit_price=2, currency="EUR")["prices"] == [price("USD", 1, True), price("EUR", 2)]


def test_a_price_in_a_known_currency_is_changed_in_place(api: ApiClient) -> None:
    product = api.create("products", unit_price=1)
    change(api, product, unit_price=2, currency="EUR")
    changed = change(api, product, unit_price=4, currency="eur")
    assert changed["prices"] == [price("USD", 1, True), price("EUR", 4)]


def test_prices_are_shown_the_default_first_and_then_by_currency(api: ApiClient) -> None:
    product = api.create("products", unit_price=1, currency="MXN")
    for currency in ("USD", "AUD", "NZD"):
        change(api, product, unit_price=2, currency=currency)
    for shown in (api.get(f"/products/{product['id']}").json["data"], api.get("/products").json["data"][0]):
        assert [entry["currency"] for entry in shown["prices"]] == ["MXN", "AUD", "NZD", "USD"]


def test_prices_belong_to_their_own_product(api: ApiClient) -> None:
    for unit_price in (1, 2, 3):
        api.create("products", unit_price=unit_price)
    assert [entry["prices"] for entry in api.get("/products?sort=name").json["data"]] == [
        [price("USD", unit_price, True)] for unit_price in (1, 2, 3)
    ]


@pytest.mark.parametrize("fields", [{"currency": "EUR"}, {"currency": "EUR", "unit_price": None}, {"unit_price": ""}])
def test_a_currency_alone_or_a_price_of_null_does_nothing(api: ApiClient, app: Flask, fields: Json) -> None:
    product = api.create("products", unit_price=1)
    assert change(api, product, **fields)["prices"] == product["prices"]
    assert api.create("products", **fields)["prices"] == []
    assert len(contents(app)[ProductPrice.__tablename__]) == 1


def test_a_price_can_be_made_the_default_one(api: ApiClient) -> None:
    product = api.create("products", unit_price=1)
    euros = change(api, product, unit_price=2, currency="EUR", default_price=True)
    assert euros["prices"] == [price("EUR", 2, True), price("USD", 1)]
    assert change(api, product, unit_price=3)["prices"] == [price("EUR", 3, True), price("USD", 1)]
    back = change(api, product, unit_price="1", currency="usd", default_price="1")
    assert back["prices"] == [price("USD", 1, True), price("EUR", 3)]


@pytest.mark.parametrize("default_price", [False, None, ""])
def test_the_default_price_stays_unless_another_one_is_made_it(api: ApiClient, default_price: Any) -> None:
    product = api.create("products", unit_price=1, default_price=default_price)
    assert product["prices"] == [price("USD", 1, True)]
    assert change(api, product, unit_price=2, default_price=default_price)["prices"] == [price("USD", 2, True)]
    euros = change(api, product, unit_price=3, currency="EUR", default_price=default_price)
    assert euros["prices"] == [price("USD", 2, True), price("EUR", 3)]


def test_which_price_is_the_default_one_is_a_change_and_said_again_it_is_none(api: ApiClient) -> None:
    product = api.create("products", unit_price=1)
    change(api, product, unit_price=2, currency="EUR")
    made = change(api, product, unit_price=2, currency="EUR", default_price=True)
    assert made["version"] == product["version"] + 2
    assert change(api, product, unit_price=2, currency="EUR", default_price=True) == made


def test_no_price_is_made_the_default_one_without_a_unit_price(api: ApiClient) -> None:
    product = api.create("products", unit_price=1)
    change(api, product, unit_price=2, currency="EUR")
    assert change(api, product, currency="EUR", default_price=True)["prices"][0] == price("USD", 1, True)


def test_a_currency_of_null_is_the_same_as_none(api: ApiClient) -> None:
    product = api.create("products", unit_price=1, currency=None)
    assert product["prices"] == [price("USD", 1, True)]
    assert change(api, product, unit_price=2, currency=None)["prices"] == [price("USD", 2, True)]


@pytest.mark.parametrize(
    ("fields", "fault"),
    [
        ({"unit_price": -0.01}, "unit_price"),
        ({"unit_price": "much"}, "unit_price"),
        ({"unit_price": 1, "currency": "EURO"}, "currency"),
        ({"unit_price": 1, "currency": "E1R"}, "currency"),
        ({"unit_price": 1, "default_price": "yes"}, "default_price"),
    ],
)
def test_a_price_that_cannot_be_changes_nothing(api: ApiClient, app: Flask, fields: Json, fault: str) -> None:
    product = api.create("products", unit_price=1)
    before = contents(app)
    assert refused(api, product, name="Other", **fields) == {fault}
    assert contents(app) == before


@pytest.mark.parametrize(
    ("sent", "shown"),
    [(12.34565, "12.3457"), ("12.34564", "12.3456"), (0, "0"), (1000, "1000"), ("0.00005", "0.0001")],
)
def test_a_tax_rate_has_four_decimals_rounded_half_up(api: ApiClient, sent: Any, shown: str) -> None:
    assert api.create("products", tax_rate=sent)["tax_rate"] == Decimal(shown)


def test_a_tax_rate_is_null_by_default_and_can_be_cleared(api: ApiClient) -> None:
    assert api.create("products")["tax_rate"] is None
    assert change(api, api.create("products", tax_rate=5), tax_rate=None)["tax_rate"] is None


@pytest.mark.parametrize("rate", [-0.0001, 1000.0001, 1e300, "high", True, [5]])
def test_a_tax_rate_out_of_bounds_is_refused(api: ApiClient, rate: Any) -> None:
    assert refused(api, api.create("products"), tax_rate=rate) == {"tax_rate"}


def test_a_tax_rate_of_the_look_up_table_is_shown_by_its_id_and_can_be_cleared(api: ApiClient) -> None:
    rates = {rate["name"]: rate["id"] for rate in api.get("/tax-rates").json["data"]}
    product = api.create("products", tax_rate_id=str(rates["Reduced"]))
    assert product["tax_rate_id"] == rates["Reduced"]
    assert refused(api, product, tax_rate_id=max(rates.values()) + 1) == {"tax_rate_id"}
    assert change(api, product, tax_rate_id=None)["tax_rate_id"] is None


def test_a_category_is_shown_by_its_uuid_and_can_be_cleared(api: ApiClient) -> None:
    category = api.get("/product-categories").json["data"][0]["id"]
    product = api.create("products", product_category_id=category.upper())
    assert product["product_category_id"] == category
    assert change(api, product, name="Other")["product_category_id"] == category
    assert change(api, product, product_category_id=None)["product_category_id"] is None


def test_a_deleted_category_shows_null(api: ApiClient, app: Flask) -> None:
    category = create_lookup(app, ProductCategory)
    product = api.create("products", product_category_id=category)
    change_row(app, ProductCategory, category, deleted_at=now())
    assert api.get(f"/products/{product['id']}").json["data"]["product_category_id"] is None


def test_a_product_is_active_unless_it_is_said_not_to_be(api: ApiClient) -> None:
    assert api.create("products")["active"] is True
    assert api.create("products", active=None)["active"] is True
    inactive = api.create("products", active="0")
    assert inactive["active"] is False
    assert change(api, inactive, active=None)["active"] is False
    assert change(api, inactive, name="Other")["active"] is False
    assert change(api, inactive, active=1)["active"] is True


@pytest.mark.parametrize(
    ("value", "names"),
    [
        *((value, ["On"]) for value in ("true", "1", "yes", "on", "TRUE", "Yes", "oN")),
        *((value, ["Off"]) for value in ("false", "0", "no", "off", "False", "NO", "OFF")),
        *((value, []) for value in ("2", "null", "y", "-1", "01", "truee", "%00", "o%EF%BB%BFn")),
        *((value, ["Off", "On"]) for value in ("", "%20", "%E2%80%8B", "yes&active=")),
    ],
)
def test_the_list_filters_by_active(api: ApiClient, value: str, names: list[str]) -> None:
    api.create("products", name="On")
    api.create("products", name="Off", active=False)
    found = api.get(f"/products?active={value}").json
    assert [product["name"] for product in found["data"]] == names
    assert found["meta"]["total"] == len(names)


@pytest.mark.parametrize("role", ["Manager", "Employee", "Viewer"])
def test_staff_may_only_view_products(api: ApiClient, app: Flask, role: str) -> None:
    product = api.create("products")
    staff = ApiClient(app, create_user(app, role))
    path = f"/products/{product['id']}"
    before = contents(app)
    assert staff.get("/products").json["data"] == [product]
    assert staff.get(path).json["data"] == product
    answers = [staff.post("/products", {"name": "Mine"}), staff.put(path, {"name": "Mine"}), staff.delete(path)]
    assert [answer.status_code for answer in answers] == [403, 403, 403]
    assert contents(app) == before
