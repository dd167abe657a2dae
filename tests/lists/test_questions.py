"""What lists answer to random questions is what a model in Python says, on every store.

`make soak` asks 2,000 on each.
"""

import os
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crm.models import Label
from tests.support import list_model
from tests.support.client import ApiClient
from tests.support.factories import create_lookup

EXAMPLES = int(os.environ.get("CRM_TEST_QUESTIONS", "150"))
TITLES = [
    *("Straße nach Łódź", "strasse", "Müller & Søn", "MÜLLER", "muller", "İstanbul", "ΑΣ ας", "й и Й", "が か"),
    *("😀 smile", "100%", "a_b", "a\\b", "x" * 255, "Æther œuvre", "Þór", "ﬁn", "  inner  space", "e\u0301", "é", "z"),
]
AMOUNTS = [None, 0, 0.01, 1234.5, 10000, 9999999999999.99, "0.005"]
MOMENTS = [
    None,
    "2026-01-01T00:00:00Z",
    "2026-01-01T01:00:00+01:00",
    "1969-12-31T23:59:59-12:00",
    "9999-12-30T00:00:00Z",
]
SORTED = ("title", "amount", "created_at", "updated_at", "expected_close", "lead_id", "version", "description")
"""Fields that a list is sorted by here; those of all kinds."""


@pytest.fixture
def leads(api: ApiClient) -> tuple[ApiClient, list[Any], dict[str, list[str]]]:
    """Forty leads of hard values, as the list shows them, and ids to ask for."""
    labels = [create_lookup(api.app, Label) for _ in range(3)]
    people = [api.create("people")["id"] for _ in range(3)]
    items = [
        {
            "title": TITLES[place % len(TITLES)],
            "description": [None, "A long one " * 40 + str(place % 3), TITLES[-place % len(TITLES)]][place % 3],
            "amount": AMOUNTS[place % len(AMOUNTS)],
            "expected_close": MOMENTS[place % len(MOMENTS)],
            "person_id": [None, *people][place % 4],
            "labels": labels[: place % 4],
            "external_keys": {"erp": f"Key {place}", "crm": str(place)} if place % 2 else {},
        }
        for place in range(40)
    ]
    assert api.post("/leads/batch/create", {"items": items}).status_code == 200
    api.delete(f"/people/{people[2]}")
    for number in ("L1003", "L1010"):
        assert api.put(f"/leads/{number}", {"title": "Changed"}).status_code == 200
    shown = api.get("/leads?per_page=100&include=external_keys").json["data"]
    return api, shown, {"labels": labels, "people": people}


def words() -> st.SearchStrategy[str]:
    parts = [title[start : start + 4].strip() for title in TITLES for start in range(0, min(len(title), 12), 3)]
    return st.sampled_from(
        [part for part in parts if part and "\\" not in part] + ["%", "_", "L100", "l1003", "nothing"]
    )


def conditions(ids: dict[str, list[str]], shown: list[Any]) -> st.SearchStrategy[Any]:
    """Return random conditions that can be read."""
    ordered = st.sampled_from(["eq", "ne", "gt", "gte", "lt", "lte"])
    moments = st.sampled_from([moment for moment in MOMENTS if moment] + [shown[0]["created_at"]])
    text = words().filter(lambda word: "," not in word)
    by_id = st.sampled_from(["eq", "ne", "in"])
    truth = st.sampled_from(["true", "false", "1", "0"])
    return st.one_of(
        st.tuples(
            st.just("amount"),
            ordered,
            st.sampled_from(["0", "0.01", "1234.5", "10000", "-5", "1e3".replace("e3", "000")]),
        ),
        st.tuples(st.sampled_from(["created_at", "expected_close"]), ordered, moments),
        st.tuples(
            st.sampled_from(["title", "description"]), st.sampled_from(["eq", "ne", "contains", "starts_with"]), text
        ),
        st.tuples(st.just("version"), ordered, st.sampled_from(["1", "2", "99999999999"])),
        st.tuples(st.just("lead_id"), st.sampled_from(["eq", "ne", "in"]), st.sampled_from(["L1001", "l1002", "L9"])),
        st.tuples(st.just("person_id"), by_id, st.sampled_from([*ids["people"], ids["labels"][0]])),
        st.tuples(st.just("labels"), by_id, st.sampled_from([*ids["labels"], ids["people"][0]])),
        st.tuples(st.just("external_keys.erp"), by_id, st.sampled_from(["Key 1", "key 1", "Key 3", "none"])),
        st.tuples(
            st.sampled_from(["amount", "expected_close", "person_id", "labels", "external_keys.crm", "description"]),
            st.just("null"),
            truth,
        ),
    )


def test_random_questions_are_answered_as_the_model_says(leads: Any) -> None:
    api, shown, ids = leads

    @settings(max_examples=EXAMPLES, suppress_health_check=[HealthCheck.too_slow])
    @given(
        st.lists(conditions(ids, shown), max_size=3, unique_by=lambda each: each[:2]),
        st.lists(st.sampled_from(SORTED), min_size=1, max_size=3, unique=True),
        st.lists(st.booleans(), min_size=3, max_size=3),
        st.one_of(st.just(""), words()),
    )
    def ask(asked: list[Any], fields: list[str], descending: list[bool], search: str) -> None:
        sort = ",".join(f"{'-' * down}{field}" for field, down in zip(fields, descending, strict=False))
        query = [(f"filter[{field}][{operator}]", value) for field, operator, value in asked]
        query += [("sort", sort), ("search", search), ("include", "external_keys"), ("per_page", "100")]
        expected = [record for record in shown if all(list_model.meets(record, each) for each in asked)]
        expected = [record for record in expected if list_model.holds(record, search)]
        numbers = [record["lead_id"] for record in list_model.in_order(expected, sort)]
        answer = api.get(f"/leads?{urlencode(query)}")
        assert answer.status_code == 200, answer.text
        assert [record["lead_id"] for record in answer.json["data"]] == numbers
        assert answer.json["meta"]["total"] == len(numbers)
        assert [*walked(api, query)] == numbers

    ask()


def walked(api: ApiClient, query: list[tuple[str, str]]) -> Iterator[str]:
    """Yield the numbers of the leads of a walk by cursor, seven at a time."""
    cursor = ""
    while cursor is not None:
        small = [*(pair for pair in query if pair[0] != "per_page"), ("per_page", "7"), ("cursor", cursor)]
        page = api.get(f"/leads?{urlencode(small)}").json
        yield from (record["lead_id"] for record in page["data"])
        cursor = page["meta"]["next_cursor"]
