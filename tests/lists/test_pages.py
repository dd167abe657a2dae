"""Pages of a list and the envelope around them (contract, section 6)."""

import pytest

from crm.lists.pages import shown_pages
from tests.support.client import ApiClient
from tests.support.factories import NAMES, create_user

HOST = "http://localhost/crm/api/v2"
PER_PAGE = {
    "1": 1,
    "100": 100,
    "101": 100,
    "2147483648": 100,
    "9" * 30: 100,
    "0": 25,
    "-1": 25,
    "2.0": 25,
    **dict.fromkeys(("", "x", "1e1", "%2B5", "%D9%A3", "5%00", "true", "null", "0x10", "1_0"), 25),
}

each_resource = pytest.mark.parametrize("resource", NAMES)


def ids(answer):
    return [record["id"] for record in answer.json["data"]]


def fill(api, resource, count):
    """Create records and return their ids, the newest first."""
    return [api.create(resource)["id"] for _ in range(count)][::-1]


@each_resource
def test_per_page_is_from_1_to_100(api, resource):
    fill(api, resource, 2)
    for per_page, used in PER_PAGE.items():
        answer = api.get(f"/{resource}?per_page={per_page}")
        assert (answer.json["meta"]["per_page"], len(answer.json["data"])) == (used, min(used, 2))
        assert answer.json["meta"]["total"] == 2


@each_resource
def test_a_page_that_is_no_number_from_1_is_the_first(api, resource):
    (newest, _) = fill(api, resource, 2)
    for page in ["0", "-1", "", "x", "1.0", "%D9%A2", "2%00", "%2B2", "1e1"]:
        answer = api.get(f"/{resource}?per_page=1&page={page}")
        assert (answer.json["meta"]["current_page"], ids(answer)) == (1, [newest])


@each_resource
def test_a_list_shows_25_records_by_default(api, resource):
    fill(api, resource, 26)
    meta = api.get(f"/{resource}").json["meta"]
    assert (meta["per_page"], meta["to"], meta["last_page"], meta["total"]) == (25, 25, 2, 26)


@each_resource
def test_the_envelope_is_exact(api, resource):
    rows = fill(api, resource, 5)
    query = f"{HOST}/{resource}?per_page=2&sort=-created_at"
    answer = api.get(f"/{resource}?per_page=2&page=2&sort=-created_at")
    first, second, third = (f"{query}&page={page}" for page in (1, 2, 3))
    assert ids(answer) == rows[2:4]
    assert {name: answer.json[name] for name in answer.json if name != "data"} == {
        "links": {"first": first, "last": third, "prev": first, "next": third},
        "meta": {
            "current_page": 2,
            "from": 3,
            "last_page": 3,
            "links": [
                {"url": first, "label": "&laquo; Previous", "page": 1, "active": False},
                {"url": first, "label": "1", "page": 1, "active": False},
                {"url": second, "label": "2", "page": 2, "active": True},
                {"url": third, "label": "3", "page": 3, "active": False},
                {"url": third, "label": "Next &raquo;", "page": 3, "active": False},
            ],
            "path": f"{HOST}/{resource}",
            "per_page": 2,
            "to": 4,
            "total": 5,
        },
    }


@each_resource
def test_an_empty_list_has_one_page(api, resource):
    only = f"{HOST}/{resource}?page=1"
    assert api.get(f"/{resource}").json == {
        "data": [],
        "links": {"first": only, "last": only, "prev": None, "next": None},
        "meta": {
            "current_page": 1,
            "from": None,
            "last_page": 1,
            "links": [
                {"url": None, "label": "&laquo; Previous", "page": None, "active": False},
                {"url": only, "label": "1", "page": 1, "active": True},
                {"url": None, "label": "Next &raquo;", "page": None, "active": False},
            ],
            "path": f"{HOST}/{resource}",
            "per_page": 25,
            "to": None,
            "total": 0,
        },
    }


@each_resource
def test_a_page_past_the_end_is_empty_and_keeps_its_number(api, resource):
    fill(api, resource, 3)
    body = api.get(f"/{resource}?per_page=2&page=9").json
    url = f"{HOST}/{resource}?per_page=2&page="
    assert body["data"] == []
    assert body["links"] == {"first": f"{url}1", "last": f"{url}2", "prev": f"{url}8", "next": None}
    meta = body["meta"]
    assert (meta["current_page"], meta["from"], meta["to"], meta["last_page"], meta["total"]) == (9, None, None, 2, 3)
    assert [link["page"] for link in meta["links"]] == [8, 1, 2, None]


@each_resource
@pytest.mark.parametrize("digits", ["2147483647", "2147483648", "9" * 18, str(2**63), "9" * 20, "9" * 100])
def test_a_page_may_be_as_far_out_as_it_likes(api, resource, digits):
    fill(api, resource, 3)
    body = api.get(f"/{resource}?user_owner_id=&per_page=2&x=1&page={digits}").json
    url = f"{HOST}/{resource}?user_owner_id=&per_page=2&x=1&page="
    before = int(digits) - 1
    assert body["data"] == []
    assert body["links"] == {"first": f"{url}1", "last": f"{url}2", "prev": f"{url}{before}", "next": None}
    meta = body["meta"]
    assert (meta["current_page"], meta["from"], meta["to"], meta["total"]) == (int(digits), None, None, 3)
    assert (meta["links"][0]["page"], meta["links"][0]["url"]) == (before, f"{url}{before}")


@pytest.mark.parametrize("query", ["user_owner_id=0", "user_owner_id=x", "sort=title"])
def test_a_page_far_out_of_an_empty_list_is_empty(api, query):
    meta = api.get(f"/leads?{query}&page={'9' * 18}").json["meta"]
    assert (meta["current_page"], meta["from"], meta["last_page"], meta["total"]) == (int("9" * 18), None, 1, 0)


def test_of_an_absurd_page_a_hundred_digits_count(api):
    fill(api, "leads", 1)
    meta = api.get(f"/leads?page={'0' * 50}{'7' * 3000}").json["meta"]
    assert (meta["current_page"], meta["from"]) == (int("7" * 100), None)
    assert api.get(f"/leads?page={'0' * 3000}1").json["meta"]["current_page"] == 1
    assert api.get(f"/leads?page=-{'9' * 30}").json["meta"]["current_page"] == 1


@each_resource
@pytest.mark.parametrize(
    ("query", "kept"),
    [
        ("page=2&per_page=1&x=1&sort=title", "per_page=1&x=1&sort=title&"),
        ("a=%20b+c%26&a=2&per_page=1&empty=&bare&%C3%A9=%F0%9F%98%80", None),
        ("per_page=1&page=7&x[]=1&x[]=2&page=2&user_owner_id=", "per_page=1&x[]=1&x[]=2&user_owner_id=&"),
        ("pages=3&per_page=1&p%61ge=2", "pages=3&per_page=1&"),
    ],
)
def test_links_keep_the_whole_query_with_page_last(api, resource, query, kept):
    fill(api, resource, 2)
    links = api.get(f"/{resource}?{query}").json["links"]
    assert links["first"] == f"{HOST}/{resource}?{f'{query}&' if kept is None else kept}page=1"


def test_a_link_leads_to_the_page_that_it_names(api):
    fill(api, "people", 5)
    pages, url = [], f"{HOST}/people?per_page=2&sort=first_name"
    while url:
        answer = api.get(url.removeprefix(HOST))
        pages += ids(answer)
        url = answer.json["links"]["next"]
    assert len(set(pages)) == len(pages) == 5


@pytest.mark.parametrize("last", range(1, 41))
def test_the_window_of_pages_is_the_contracts(last):
    for current in range(1, last + 1):
        ends = {1, 2, last - 1, last}
        if last <= 13:
            shown = set(range(1, last + 1))
        elif current <= 7:
            shown = {*range(1, 11), last - 1, last}
        elif current in range(last, last - 7, -1):
            shown = {last + 1 - page for page in (*range(1, 11), last - 1, last)}
        else:
            shown = ends | {current + step for step in range(-3, 4)}
        expected = []
        for page in sorted(shown):
            if page - 1 not in {0, *shown}:
                expected.append(None)
            expected.append(page)
        assert shown_pages(current, last) == expected


def test_a_gap_in_the_window_is_three_dots_without_a_url(api):
    fill(api, "people", 15)
    links = api.get("/people?per_page=1&page=8").json["meta"]["links"]
    labels = ["1", "2", "...", "5", "6", "7", "8", "9", "10", "11", "...", "14", "15"]
    assert [link["label"] for link in links] == ["&laquo; Previous", *labels, "Next &raquo;"]
    assert [link for link in links if link["label"] == "..."] == [{"url": None, "label": "...", "active": False}] * 2
    assert [link["label"] for link in links if link["active"]] == ["8"]


def test_links_name_the_host_that_was_asked(app):
    api = ApiClient(app, create_user(app))
    answer = api.get("/leads", headers={"Host": "crm.example:8443"}, base_url="https://crm.example:8443")
    assert answer.json["meta"]["path"] == "https://crm.example:8443/crm/api/v2/leads"
