"""Cursor pages: the envelope, what a cursor remembers, and what it is good for (beyond, section 15)."""

from itertools import product
from typing import NamedTuple
from urllib.parse import urlencode

import pytest
from flask import Flask
from itsdangerous import URLSafeSerializer

from crm.access import acting
from crm.lists.cursors import Cursor, Position, write_cursor
from tests.conftest import MakeApp
from tests.support.client import ApiClient, Teams
from tests.support.factories import NAMES, create_user
from tests.support.walks import Json, pages, walk

HOST = "http://localhost/crm/api/v2"
INVALID = {"cursor": ["The selected cursor is invalid."]}

each_resource = pytest.mark.parametrize("resource", NAMES)


def read(api: ApiClient, path: str) -> Json:
    answer = api.get(path)
    assert answer.status_code == 200, answer.text
    body: Json = answer.json
    return body


def ids(page: Json) -> list[str]:
    return [record["id"] for record in page["data"]]


def fill(api: ApiClient, resource: str, count: int) -> list[str]:
    """Create records and return their ids, the newest first."""
    return [api.create(resource)["id"] for _ in range(count)][::-1]


def refused(api: ApiClient, path: str) -> bool:
    """Tell whether a cursor is refused, as any that is none."""
    return api.get(path).status_code == 422 and api.errors(api.get(path)) == INVALID


# The envelope


@each_resource
def test_the_envelope_is_exact(api: ApiClient, resource: str) -> None:
    rows = fill(api, resource, 3)
    first = read(api, f"/{resource}?cursor=&per_page=2&colour=gr%C3%BCn")
    cursor = first["meta"]["next_cursor"]
    url = f"{HOST}/{resource}?per_page=2&colour=gr%C3%BCn&cursor={cursor}"
    assert (ids(first), first.keys()) == (rows[:2], {"data", "links", "meta"})
    assert first["links"] == {"first": None, "last": None, "prev": None, "next": url}
    assert first["meta"] == {
        "path": f"{HOST}/{resource}",
        "per_page": 2,
        "next_cursor": cursor,
        "prev_cursor": None,
    }
    last = read(api, url.removeprefix(HOST))
    assert ids(last) == rows[2:]
    assert last["links"] == {"first": None, "last": None, "prev": None, "next": None}
    assert last["meta"] == {"path": f"{HOST}/{resource}", "per_page": 2, "next_cursor": None, "prev_cursor": None}


@pytest.mark.parametrize("count", [0, 2, 4])
def test_a_full_page_at_the_end_names_no_other(api: ApiClient, count: int) -> None:
    rows = fill(api, "leads", count)
    walked = [*pages(lambda path: read(api, path), "/leads?per_page=2")]
    assert [record for page in walked for record in ids(page)] == rows
    assert len(walked) == max(1, count // 2)


def test_a_page_carries_the_tag_of_its_bytes(api: ApiClient) -> None:
    fill(api, "leads", 2)
    path = "/leads?per_page=1&cursor="
    tag = api.get(path).headers["ETag"]
    assert api.get(path, headers={"If-None-Match": tag}).status_code == 304
    fill(api, "leads", 1)
    assert api.get(path, headers={"If-None-Match": tag}).status_code == 200


# What a cursor remembers


class Walk(NamedTuple):
    """A walk that has read its first record."""

    api: ApiClient
    query: dict[str, str]
    """What it was begun with."""
    rows: list[str]
    """The ids of all that it shows."""
    cursor: str

    def ask(self, **query: str) -> str:
        """Return the path of its next page, asked with these parameters beside the cursor."""
        return f"/leads?{urlencode({**query, 'cursor': self.cursor})}"


@pytest.fixture
def begun(api: ApiClient) -> Walk:
    """A walk through four of 24 leads, sorted, filtered in the old way and the new, and searched."""
    owner = create_user(api.app)
    kinds = (("A lead", "walk", owner), ("A lead", "walk", None), ("A lead", "stay", owner), ("A deal", "walk", owner))
    for amount, (title, description, owned_by) in product((3, None, 2, 5, 1, 3), kinds):
        api.create("leads", title=title, amount=amount, description=description, user_owner_id=owned_by)
    query = {"sort": "-amount,title", "search": "walk", "user_owner_id": str(owner)}
    query |= {"filter[title][contains]": "lead", "filter[amount][gte]": "2"}
    numbered = read(api, f"/leads?{urlencode(query)}")
    assert [record["amount"] for record in numbered["data"]] == [5, 3, 3, 2]
    page = read(api, f"/leads?{urlencode({**query, 'per_page': 1, 'cursor': ''})}")
    return Walk(api, query, ids(numbered), page["meta"]["next_cursor"])


def test_a_cursor_goes_on_with_its_sort_filters_and_search(begun: Walk) -> None:
    parts = [{name: text} for name, text in begun.query.items()]
    for query in ({}, *parts, begun.query):
        assert ids(read(begun.api, begun.ask(**query))) == begun.rows[1:]
    following = read(begun.api, begun.ask(per_page="1"))["meta"]["next_cursor"]
    assert ids(read(begun.api, f"/leads?cursor={following}")) == begun.rows[2:]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("sort", "amount,title"),
        ("sort", "-amount"),
        ("sort", "title,-amount"),
        ("filter[title][contains]", "Lead 1"),
        ("filter[title]", "A lead"),
        ("filter[amount][gt]", "2"),
        ("filter[amount][gte]", "3"),
        ("filter[created_at][gte]", "2020-01-01T00:00:00Z"),
        ("filter[deleted]", "with"),
        ("filter[amuont]", "2"),
        ("filter[", "2"),
        ("user_owner_id", "999999"),
        ("user_owner_id", "x"),
        ("search", "walk on"),
        ("search", "x" * 201),
    ],
)
def test_what_is_none_of_its_own_is_refused(begun: Walk, name: str, text: str) -> None:
    assert refused(begun.api, begun.ask(**{name: text}))
    assert refused(begun.api, begun.ask(**{**begun.query, name: text}))


@pytest.mark.parametrize("name", ["sort", "user_owner_id", "search"])
def test_what_is_blank_beside_a_cursor_is_left_out(begun: Walk, name: str) -> None:
    for blank in ("", " "):
        assert ids(read(begun.api, begun.ask(**{name: blank}))) == begun.rows[1:]


def test_a_cursor_without_a_filter_refuses_any(api: ApiClient) -> None:
    fill(api, "products", 2)
    cursor = read(api, "/products?per_page=1&cursor=&active=&search=")["meta"]["next_cursor"]
    for name, text in {"active": "1", "filter[active]": "1", "search": "a", "sort": "name"}.items():
        assert refused(api, f"/products?{urlencode({name: text, 'cursor': cursor})}")
    for name, text in {"active": " ", "search": "", "sort": "-created_at", "unknown": "1"}.items():
        assert len(ids(read(api, f"/products?{urlencode({name: text, 'cursor': cursor})}"))) == 1


def test_a_sort_may_be_written_in_another_way(api: ApiClient) -> None:
    fill(api, "leads", 2)
    cursor = read(api, "/leads?per_page=1&cursor=&sort=-amount,title")["meta"]["next_cursor"]
    assert len(ids(read(api, f"/leads?cursor={cursor}&sort=unknown,-amount,,title,title"))) == 1


def test_an_old_filter_that_matches_nothing_walks_through_nothing(api: ApiClient) -> None:
    fill(api, "leads", 2)
    assert walk(lambda path: read(api, path), "/leads?user_owner_id=x") == []


def test_the_size_may_change_and_the_page_number_is_ignored(api: ApiClient) -> None:
    rows = fill(api, "leads", 5)
    first = read(api, "/leads?per_page=1&cursor=&page=3")
    assert ids(first) == rows[:1]
    cursor = first["meta"]["next_cursor"]
    for size, expected in (("2", rows[1:3]), ("", rows[1:]), ("x", rows[1:]), ("1000", rows[1:])):
        assert ids(read(api, f"/leads?per_page={size}&page=9&cursor={cursor}")) == expected
    assert ids(read(api, f"/leads?count=false&cursor={cursor}")) == rows[1:]
    assert api.errors(api.get(f"/leads?count=perhaps&cursor={cursor}")).keys() == {"count"}


def test_each_page_says_itself_what_it_shows(api: ApiClient) -> None:
    for number in range(3):
        api.create("leads", title="Same", external_keys={"erp": str(number)})
    cursor = read(api, "/leads?per_page=1&cursor=&fields=id,title")["meta"]["next_cursor"]
    (whole, _) = read(api, f"/leads?cursor={cursor}")["data"]
    assert {"id", "title", "amount"} < whole.keys()
    assert "external_keys" not in whole
    (shown, _) = read(api, f"/leads?cursor={cursor}&fields=title&include=external_keys")["data"]
    assert shown == {"id": whole["id"], "title": "Same", "external_keys": {"erp": "1"}}
    assert api.errors(api.get(f"/leads?cursor={cursor}&fields=nonsense")).keys() == {"fields"}


# What a cursor is good for


def test_a_cursor_holds_no_row_id(api: ApiClient) -> None:
    fill(api, "leads", 2)
    for sort in ("created_at", "-amount,id", "person_id,title"):
        page = read(api, f"/leads?per_page=1&sort={sort}&cursor=")
        _, (*_, values) = URLSafeSerializer("anybody's").loads_unsafe(page["meta"]["next_cursor"])
        assert values[-1] == page["data"][0]["id"]


def test_a_forged_cursor_is_refused(api: ApiClient) -> None:
    fill(api, "leads", 3)
    cursor = read(api, "/leads?per_page=1&cursor=")["meta"]["next_cursor"]
    body, _, signature = cursor.rpartition(".")
    forged = [f"x{cursor}", cursor[:-1], body, f"{body}.", f".{signature}", f"{body}A.{signature}", cursor.swapcase()]
    for text in [*forged, "x", " ", ".", "null", "1", "%00", "%FF", "%F0%9F%98%80"]:
        assert refused(api, f"/leads?cursor={text}"), text


def test_a_cursor_of_something_else_is_refused(api: ApiClient) -> None:
    fill(api, "leads", 2)
    fill(api, "deals", 2)
    cursor = read(api, "/leads?per_page=1&cursor=")["meta"]["next_cursor"]
    for resource in NAMES:
        assert refused(api, f"/{resource}?cursor={cursor}") == (resource != "leads")
    assert refused(api, f"/leads?cursor={api.get('/changes').json['meta']['cursor']}")
    assert api.get(f"/changes?after={cursor}").status_code == 422


def test_a_cursor_is_good_in_its_team_alone(teams: Teams) -> None:
    for client in (teams.ours, teams.theirs):
        fill(client, "leads", 2)
    cursor = read(teams.ours, "/leads?per_page=1&cursor=")["meta"]["next_cursor"]
    theirs = read(teams.theirs, "/leads?per_page=1&cursor=")["meta"]["next_cursor"]
    assert len(ids(read(teams.both, f"/leads?cursor={cursor}"))) == 1
    for client in (teams.theirs, teams.in_b):
        assert refused(client, f"/leads?cursor={cursor}")
        assert len(ids(read(client, f"/leads?cursor={theirs}"))) == 1


def test_a_cursor_lasts_as_long_as_the_secret_key_is_known(make_app: MakeApp) -> None:
    old, new = "the old secret key".ljust(40, "-"), "the new secret key".ljust(40, "-")
    app = make_app(SECRET_KEY=old)
    api = ApiClient(app, create_user(app))
    fill(api, "leads", 2)
    cursor = read(api, "/leads?per_page=1&cursor=")["meta"]["next_cursor"]
    for settings, is_known in (({"SECRET_KEY_FALLBACKS": old}, True), ({}, False)):
        renewed = make_app(SECRET_KEY=new, **settings)
        client = ApiClient(renewed, create_user(renewed))
        assert refused(client, f"/leads?cursor={cursor}") != is_known


def test_a_cursor_of_an_older_order_is_refused(api: ApiClient, app: Flask) -> None:
    fill(api, "leads", 2)
    with app.app_context():
        acting.enter_team(None)
        cursor = write_cursor("leads", Cursor({"sort": "amount"}, Position((1,))))
    assert refused(api, f"/leads?cursor={cursor}")


def test_who_may_not_delete_cannot_go_on_among_deleted_records(app: Flask) -> None:
    owner, viewer = (ApiClient(app, create_user(app, role)) for role in ("Owner", "Viewer"))
    for record in fill(owner, "leads", 2):
        owner.delete(f"/leads/{record}")
    cursor = read(owner, "/leads?per_page=1&cursor=&filter[deleted]=only")["meta"]["next_cursor"]
    assert len(ids(read(owner, f"/leads?cursor={cursor}"))) == 1
    assert viewer.get(f"/leads?cursor={cursor}").status_code == 403
    assert viewer.get("/leads?cursor=&filter[deleted]=with").status_code == 403
