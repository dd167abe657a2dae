"""What filters of lists find, kind by kind (beyond, section 15)."""

from typing import Any

import pytest

from crm.models import Label
from crm.models.types import now
from tests.support.asked import filtered
from tests.support.client import UNKNOWN, ApiClient
from tests.support.factories import alter, create_lookup

VAST = "9" * 40


def found(api: ApiClient, made: dict[Any, str], resource: str, *conditions: tuple[str, str]) -> set[Any]:
    """Return which of the records, by what stands for them, meet conditions."""
    names = {key: name for name, key in made.items()}
    return {names[key] for key in filtered(api, resource, *conditions)}


def make(api: ApiClient, resource: str, field: str, *values: Any) -> dict[Any, str]:
    """Make a record of each of the values of a field, and return their ids by these."""
    return {value: api.create(resource, **{field: value})["id"] for value in values}


@pytest.mark.parametrize(
    ("name", "text", "numbers"),
    [
        ("amount", "1234.5", {1234.5}),
        ("amount", "1234.50", {1234.5}),
        ("amount", "1234.495", {1234.5}),
        ("amount", "1234.494", set()),
        ("amount", "-0.004", {0}),
        ("amount][ne", "0", {None, 1234.5, 9999999999999.99}),
        ("amount][gt", "0", {1234.5, 9999999999999.99}),
        ("amount][gte", "0", {0, 1234.5, 9999999999999.99}),
        ("amount][lt", "1234.5", {0}),
        ("amount][lte", "1234.5", {0, 1234.5}),
        ("amount][in", "0.00, 1234.5 ,7", {0, 1234.5}),
        ("amount][null", "true", {None}),
        ("amount][null", "0", {0, 1234.5, 9999999999999.99}),
    ],
)
def test_money_is_asked_for_in_dollars(api: ApiClient, name: str, text: str, numbers: set[Any]) -> None:
    made = make(api, "leads", "amount", None, 0, 1234.5, 9999999999999.99)
    assert found(api, made, "leads", (name, text)) == numbers


def test_several_conditions_have_to_hold(api: ApiClient) -> None:
    made = make(api, "leads", "amount", None, 1, 2, 3)
    assert found(api, made, "leads", ("amount][gt", "1"), ("amount][lt", "3")) == {2}
    assert found(api, made, "leads", ("amount][gt", "1"), ("amount][ne", "2"), ("title][null", "true")) == set()


@pytest.mark.parametrize(
    ("resource", "name"),
    [("leads", "amount"), ("leads", "version"), ("products", "tax_rate"), ("organizations", "number_of_employees")],
)
def test_bounds_are_not_judged(api: ApiClient, resource: str, name: str) -> None:
    made = [api.create(resource, **({} if name == "version" else {name: 7}))["id"]]
    for number in (VAST, "2147483648", "-5", f"-{VAST}"):
        beyond = [] if number.startswith("-") else made
        assert filtered(api, resource, (name, number)) == []
        assert filtered(api, resource, (f"{name}][in", f"{number},{VAST}")) == []
        assert filtered(api, resource, (f"{name}][ne", number)) == made
        assert filtered(api, resource, (f"{name}][lt", number)) == beyond
        assert filtered(api, resource, (f"{name}][gte", number)) == [each for each in made if each not in beyond]
    assert (
        filtered(api, resource, ("user_owner_id", VAST)) == filtered(api, resource, ("user_owner_id][in", VAST)) == []
    )
    assert filtered(api, "products", ("name", "x" * 300)) == []


@pytest.mark.parametrize("text", ["2026-03-04T05:06:07Z", "2026-03-04T07:06:07.999+02:00", "2026-03-03T17:06:07-12:00"])
def test_a_moment_is_asked_for_with_any_offset(api: ApiClient, text: str) -> None:
    moment, later = "2026-03-04T05:06:07+00:00", "2026-03-04T05:06:08+00:00"
    made = make(api, "leads", "expected_close", None, moment, later)
    for operator, expected in {"eq": {moment}, "in": {moment}, "ne": {None, later}, "gt": {later}, "lt": set()}.items():
        assert found(api, made, "leads", (f"expected_close][{operator}", text)) == expected
    assert found(api, made, "leads", ("expected_close][lte", text)) == {moment}


@pytest.mark.parametrize("text", ["1985-04-12", "1985-04-12T23:30:00-12:00"])
def test_of_a_birthday_the_date_as_written_counts(api: ApiClient, text: str) -> None:
    made = make(api, "people", "birthday", None, "1985-04-11", "1985-04-12")
    assert found(api, made, "people", ("birthday", text)) == {"1985-04-12"}
    assert found(api, made, "people", ("birthday][lt", text)) == {"1985-04-11"}
    assert found(api, made, "people", ("birthday][in", f"{text},1985-04-13")) == {"1985-04-12"}


def test_truth_has_two_words_and_two_digits(api: ApiClient) -> None:
    made = make(api, "products", "active", True, False)
    for text, truth in {"true": True, "1": True, "false": False, "0": False}.items():
        assert found(api, made, "products", ("active", text)) == {truth}
        assert found(api, made, "products", ("active][ne", text)) == {not truth}
        assert found(api, made, "products", ("active][null", text)) == (set() if truth else {True, False})


@pytest.mark.parametrize(
    ("name", "text", "texts"),
    [
        ("description", "ÉCLAIR 100%", {"Éclair 100%"}),
        ("description", "eclair 100%", set()),
        ("description", "STRASSE", {"strasse"}),
        ("description][ne", "éclair 100%", {None, "strasse", "Straße", "a_b", "a\\b"}),
        ("description][in", "straße, A_B ,x", {"Straße", "a_b"}),
        ("description][contains", "AIR 1", {"Éclair 100%"}),
        ("description][contains", "%", {"Éclair 100%"}),
        ("description][contains", "_", {"a_b"}),
        ("description][contains", "\\", {"a\\b"}),
        ("description][contains", "ss", {"strasse"}),
        ("description][starts_with", "STRA", {"strasse", "Straße"}),
        ("description][starts_with", "%", set()),
        ("description][starts_with", "a_", {"a_b"}),
        ("description][starts_with", "clair", set()),
        ("description][null", "1", {None}),
    ],
)
def test_text_compares_without_case_and_with_accents(api: ApiClient, name: str, text: str, texts: set[Any]) -> None:
    made = make(api, "leads", "description", None, "Éclair 100%", "strasse", "Straße", "a_b", "a\\b")
    assert found(api, made, "leads", (name, text)) == texts


def test_a_number_and_a_currency_are_found_in_any_case(api: ApiClient) -> None:
    made = make(api, "invoices", "currency", "EUR", "USD", "JPY")
    for text in ("I1002", "i1002"):
        assert found(api, made, "invoices", ("invoice_id", text)) == {"USD"}
        assert found(api, made, "invoices", ("invoice_id][in", f"{text},I1003,L1001")) == {"USD", "JPY"}
        assert found(api, made, "invoices", ("invoice_id][ne", text)) == {"EUR", "JPY"}
    for text in ("1002", "L1002", "I01002", "\u01311002", "I1002 x"):
        assert found(api, made, "invoices", ("invoice_id", text)) == set()
    assert found(api, made, "invoices", ("currency", "eur")) == {"EUR"}
    assert found(api, made, "invoices", ("currency][in", "usd,Eur,XTS")) == {"EUR", "USD"}
    assert found(api, made, "invoices", ("id][in", f"{made['JPY'].upper()},{UNKNOWN}")) == {"JPY"}


def test_own_keys_compare_exactly(api: ApiClient) -> None:
    keys = {"a": {"erp": "Key/1"}, "b": {"erp": "key/1", "crm": "100%"}, "c": {}}
    made = {name: api.create("leads", external_keys=given)["id"] for name, given in keys.items()}
    assert found(api, made, "leads", ("external_keys.erp", " Key/1 ")) == {"a"}
    assert found(api, made, "leads", ("external_keys.erp][in", "key/1,KEY/1,100%")) == {"b"}
    assert found(api, made, "leads", ("external_keys.erp][ne", "Key/1")) == {"b", "c"}
    assert found(api, made, "leads", ("external_keys.crm][null", "false")) == {"b"}
    assert found(api, made, "leads", ("external_keys.other][null", "true")) == {"a", "b", "c"}
    assert found(api, made, "leads", ("external_keys.erp", "x" * 300)) == set()


def test_labels_are_asked_for_one_by_one(api: ApiClient) -> None:
    hot, cold, gone = (create_lookup(api.app, Label) for _ in range(3))
    labels = {"none": [], "hot": [hot], "both": [hot, cold], "gone": [gone]}
    made = {name: api.create("leads", labels=given)["id"] for name, given in labels.items()}
    alter(api.app, Label, gone, deleted_at=now())
    assert found(api, made, "leads", ("labels", hot)) == {"hot", "both"}
    assert found(api, made, "leads", ("labels][in", f"{cold},{gone},{UNKNOWN}")) == {"both"}
    assert found(api, made, "leads", ("labels][ne", cold)) == {"none", "hot", "gone"}
    assert found(api, made, "leads", ("labels][ne", gone)) == {*labels}
    assert found(api, made, "leads", ("labels][null", "true")) == {"none", "gone"}
    assert found(api, made, "leads", ("labels][eq", hot), ("labels][ne", cold)) == {"hot"}
    assert found(api, made, "leads", ("labels", gone)) == set()
