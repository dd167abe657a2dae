"""Lists without their total: `count=false` (beyond, section 15)."""

import pytest
from flask import Flask

from tests.support.client import ApiClient, statements
from tests.support.factories import NAMES

HOST = "http://localhost/crm/api/v2"

each_resource = pytest.mark.parametrize("resource", NAMES)


def fill(api: ApiClient, resource: str, count: int) -> list[str]:
    """Create records and return their ids, the newest first."""
    return [api.create(resource)["id"] for _ in range(count)][::-1]


@each_resource
@pytest.mark.parametrize("text", ["false", "0"])
def test_the_envelope_is_exact(api: ApiClient, resource: str, text: str) -> None:
    rows = fill(api, resource, 5)
    answer = api.get(f"/{resource}?count={text}&per_page=2&page=2").json
    first, third = (f"{HOST}/{resource}?count={text}&per_page=2&page={page}" for page in (1, 3))
    assert [record["id"] for record in answer.pop("data")] == rows[2:4]
    assert answer == {
        "links": {"first": first, "last": None, "prev": first, "next": third},
        "meta": {
            "current_page": 2,
            "from": 3,
            "last_page": None,
            "links": [
                {"url": first, "label": "&laquo; Previous", "page": 1, "active": False},
                {"url": third, "label": "Next &raquo;", "page": 3, "active": False},
            ],
            "path": f"{HOST}/{resource}",
            "per_page": 2,
            "to": 4,
            "total": None,
        },
    }


@pytest.mark.parametrize("text", ["true", "1"])
def test_a_total_that_is_asked_for_is_told(api: ApiClient, text: str) -> None:
    fill(api, "leads", 3)
    counted, plain = api.get(f"/leads?count={text}").json, api.get("/leads").json
    assert (counted["data"], counted["meta"]["total"]) == (plain["data"], 3)
    assert counted["meta"]["last_page"] == 1


@pytest.mark.parametrize("query", ["", "&sort=title", "&filter[title][contains]=A title", "&search=title"])
def test_a_next_page_is_named_if_there_are_more_rows(api: ApiClient, query: str) -> None:
    rows = fill(api, "leads", 4)
    for size, has_more in ((1, True), (3, True), (4, False), (5, False)):
        answer = api.get(f"/leads?count=false&per_page={size}{query}").json
        assert len(answer["data"]) == min(size, len(rows))
        assert (answer["links"]["next"] is not None) == has_more
        assert (answer["meta"]["links"][1]["url"] is not None) == has_more
        assert answer["links"]["prev"] is answer["meta"]["links"][0]["url"] is None


def test_pages_without_a_total_are_those_with_one(api: ApiClient) -> None:
    fill(api, "leads", 7)
    for page in range(1, 5):
        with_total, without = (api.get(f"/leads?per_page=3&page={page}&count={text}").json for text in ("1", "0"))
        assert without["data"] == with_total["data"]
        for name in ("from", "to", "current_page", "per_page", "path"):
            assert without["meta"][name] == with_total["meta"][name]
        assert (without["links"]["next"] is None) == (with_total["links"]["next"] is None)


@pytest.mark.parametrize(
    "page", [2, 1000, 2**31, 2**63 // 25 - 1, 2**63 // 25 + 2, 2**63, 10**30, "9" * 100, "9" * 500]
)
@pytest.mark.parametrize("query", ["", "&per_page=100", "&search=title", "&user_owner_id=x"])
def test_a_page_far_out_is_empty(api: ApiClient, page: int | str, query: str) -> None:
    fill(api, "leads", 1)
    answer = api.get(f"/leads?count=false&page={page}{query}")
    assert answer.status_code == 200
    meta, links = answer.json["meta"], answer.json["links"]
    assert (answer.json["data"], meta["from"], meta["to"], meta["total"]) == ([], None, None, None)
    assert meta["current_page"] == int(str(page)[:100])
    assert (links["next"], links["prev"]) == (None, meta["links"][0]["url"])
    assert links["prev"].endswith(f"&page={int(str(page)[:100]) - 1}")


def test_an_empty_list_has_neither_page(api: ApiClient) -> None:
    answer = api.get("/leads?count=false").json
    assert (answer["data"], answer["links"]["prev"], answer["links"]["next"]) == ([], None, None)
    assert answer["links"]["first"] == f"{HOST}/leads?count=false&page=1"


@pytest.mark.parametrize("text", ["", "no", "False", "FALSE", "2", "null", " ", "0 ", "%00"])
def test_what_is_no_truth_value_is_refused(api: ApiClient, text: str) -> None:
    errors = {"count": ["The count field must be true or false."]}
    for path in (f"/leads?count={text}", f"/leads?count={text}&cursor=", f"/leads?count=true&count={text}"):
        assert api.errors(api.get(path)) == errors
    assert api.get(f"/leads?count={text}&count=false").status_code == 200


@pytest.mark.parametrize("query", ["", "search=title", "filter[title][contains]=title", "sort=title"])
def test_nothing_is_counted(api: ApiClient, app: Flask, query: str) -> None:
    fill(api, "leads", 2)
    sent_for = {}
    for text in ("true", "false"):
        with statements(app) as sent:
            api.get(f"/leads?count={text}&{query}")
        sent_for[text] = len(sent)
    assert sent_for["true"] - sent_for["false"] == 1
