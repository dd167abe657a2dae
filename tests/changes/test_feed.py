"""The feed: pages from a cursor on, what they pick and show, and which cursors are good."""

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import update

from crm.changes import feed
from crm.extensions import db
from crm.models import Change
from tests.support.changes import read_feed
from tests.support.client import ApiClient, Teams, statements
from tests.support.factories import NAMES, add_member, create_user, full

EXPIRED = "The cursor has expired. Read everything again, then follow from a new cursor."


@pytest.fixture
def changes(api: ApiClient) -> list[dict[str, Any]]:
    """Seven changes: five leads are made, the first is changed and deleted."""
    leads = [api.create("leads", title=f"Lead {place}") for place in range(5)]
    path = f"/leads/{leads[0]['id']}"
    api.put(path, {"title": "Changed"})
    api.delete(path)
    return read_feed(asking(api))[0]


def asking(api: ApiClient) -> Any:
    return lambda path: api.get(path).json


def follow(api: ApiClient, query: str = "") -> tuple[list[int], str, bool]:
    """Return the sequences on a page, its cursor, and whether there is more."""
    page = api.get(f"/changes?{query}").json
    assert page.keys() == {"data", "meta"}
    return [change["sequence"] for change in page["data"]], page["meta"]["cursor"], page["meta"]["has_more"]


def test_pages_lead_from_the_oldest_change_to_the_latest(api: ApiClient, changes: Any) -> None:
    first, cursor, more = follow(api, "limit=3")
    assert (first, more) == ([1, 2, 3], True)
    second, cursor, more = follow(api, f"limit=4&after={cursor}")
    assert (second, more) == ([4, 5, 6, 7], False)  # there is no more, though the page is full
    assert follow(api, f"after={cursor}")[::2] == ([], False)
    api.create("people")
    assert follow(api, f"after={cursor}")[::2] == ([8], False)
    assert [change["sequence"] for change in changes] == [1, 2, 3, 4, 5, 6, 7]


def test_the_cursor_of_now_leads_to_what_comes(api: ApiClient, changes: Any) -> None:
    shown, cursor, more = follow(api, "after=latest")
    assert (shown, more) == ([], False)
    assert follow(api, f"after={cursor}")[0] == []
    api.create("people")
    assert follow(api, f"after={cursor}")[0] == [8]


def test_an_empty_journal_has_a_cursor_too(api: ApiClient) -> None:
    for query in ("", "after=latest"):
        shown, cursor, more = follow(api, query)
        assert (shown, more) == ([], False)
        assert follow(api, f"after={cursor}")[::2] == ([], False)
    api.create("people")
    assert follow(api, f"after={cursor}")[0] == [1]


def test_some_resources_can_be_picked(api: ApiClient, changes: Any) -> None:
    api.create("people")
    api.create("deals")
    assert follow(api, "resources=people")[0] == [8]
    assert follow(api, "resources=deals,people&limit=1")[::2] == ([8], True)
    picked, cursor, more = follow(api, "resources=people,deals")
    assert (picked, more) == ([8, 9], False)
    nothing, cursor, more = follow(api, "resources=invoices")
    assert (nothing, more) == ([], False)
    assert follow(api, f"after={cursor}")[0] == []  # what was not picked is passed


@pytest.mark.parametrize("resource", NAMES)
def test_changes_come_with_their_records_as_they_are_now(api: ApiClient, resource: str) -> None:
    kept = api.create(resource, **full(api, resource))
    gone = api.create(resource)
    api.put(f"/{resource}/{kept['id']}", {"user_owner_id": create_user(api.app)})
    api.delete(f"/{resource}/{gone['id']}")
    found = api.get(f"/changes?records=true&resources={resource}").json["data"]
    now = api.get(f"/{resource}/{kept['id']}").json["data"]
    shown = {change["sequence"]: change["record"] for change in found if change["record_id"] == kept["id"]}
    assert [*shown.values()] == [now, now]
    assert [change["record"] for change in found if change["record_id"] == gone["id"]] == [None, None]
    assert all("record" not in change for change in api.get("/changes").json["data"])


def test_a_page_with_records_takes_one_query_more_for_each_resource_and_collection(api: ApiClient) -> None:
    def count(query: str) -> int:
        with statements(api.app) as sent:
            assert api.get(f"/changes?{query}").status_code == 200
        return len(sent)

    api.create("leads")
    few = count("records=true")
    for _ in range(20):
        api.create("leads")
    assert count("records=true") == few <= count("") + 2


@pytest.mark.parametrize(
    ("query", "name", "sentence"),
    [
        ("limit=0", "limit", "The limit field must be at least 1."),
        ("limit=501", "limit", "The limit field must not be greater than 500."),
        ("limit=101&records=true", "limit", "The limit field must not be greater than 100."),
        ("limit=ten", "limit", "The limit field must be an integer."),
        ("limit=", "limit", "The limit field must be an integer."),
        ("records=maybe", "records", "The records field must be true or false."),
        ("records=", "records", "The records field must be true or false."),
        ("include=nonsense", "include", "The selected include is invalid. It takes: external_keys, payments."),
        ("resources=leads,nonsense", "resources", "The selected resources is invalid."),
        ("resources=", "resources", "The selected resources is invalid."),
        ("resources=changes", "resources", "The selected resources is invalid."),
        ("after=", "after", "The selected after is invalid."),
        ("after=forged", "after", "The selected after is invalid."),
        ("after=WzAsMSwiIl0.c2lnbmF0dXJl", "after", "The selected after is invalid."),
        ("after=Latest", "after", "The selected after is invalid."),
    ],
)
def test_a_parameter_that_cannot_be_read_is_named(api: ApiClient, query: str, name: str, sentence: str) -> None:
    assert api.errors(api.get(f"/changes?{query}")) == {name: [sentence]}


def test_limits_and_unknown_parameters_are_taken(api: ApiClient, changes: Any) -> None:
    assert follow(api, "limit=500")[0] == follow(api, "limit=100&records=1&nonsense=1")[0] == [1, 2, 3, 4, 5, 6, 7]
    assert follow(api, "limit=5&limit=2&records=false")[0] == [1, 2]


def test_a_cursor_is_good_for_its_team_alone(teams: Teams) -> None:
    teams.theirs.create("leads")
    cursor = teams.ours.get("/changes").json["meta"]["cursor"]
    refused = teams.theirs.get(f"/changes?after={cursor}")
    assert teams.theirs.errors(refused) == {"after": ["The selected after is invalid."]}
    assert teams.ours.get(f"/changes?after={cursor}").status_code == 200


def test_the_feed_and_history_follow_the_team_header(teams: Teams) -> None:
    lead = teams.theirs.create("leads")
    assert [change["record_id"] for change in teams.in_b.get("/changes").json["data"]] == [lead["id"]]
    assert teams.both.get("/changes").json["data"] == []
    assert teams.in_b.get(f"/leads/{lead['id']}/changes").json["meta"]["total"] == 1
    assert teams.both.get(f"/leads/{lead['id']}/changes").status_code == 404
    assert teams.ours.get(f"/leads/{lead['id']}/changes").status_code == 404


def test_every_role_that_views_reads_changes(team_app: Flask) -> None:
    owner = create_user(team_app, "Viewer")
    from tests.support.factories import create_team

    team = create_team(team_app, owner)
    ApiClient(team_app, owner).create("products")
    for role in ("Viewer", "Employee", "Manager", "Admin"):
        user = create_user(team_app, "Viewer")
        add_member(team_app, team, user, role)
        page = ApiClient(team_app, user).get("/changes?resources=products").json
        assert [change["type"] for change in page["data"]] == ["product.created"]


def test_what_a_caller_may_not_view_is_left_out_and_refused_by_name(
    api: ApiClient, changes: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from crm.blueprints.products import Products

    api.create("products")
    monkeypatch.setattr(Products, "staff_verbs", ())
    employee = ApiClient(api.app, create_user(api.app, "Employee"))
    assert follow(employee)[0] == [1, 2, 3, 4, 5, 6, 7]
    assert employee.get("/changes?resources=leads,products").status_code == 403
    assert follow(api)[0][-1] == 8


def test_a_page_ends_at_four_mebibytes_but_never_without_a_change(
    api: ApiClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert feed.MAX_BYTES == 4 * 1024 * 1024
    for _ in range(5):
        api.create("leads", description="x" * 60_000)
    api.get("/changes")
    monkeypatch.setattr(feed, "MAX_BYTES", 130_000)
    found, cursor, more = follow(api, "records=true")
    assert (found, more) == ([1, 2], True)
    assert follow(api, f"records=true&limit=2&after={cursor}")[::2] == ([3, 4], True)
    monkeypatch.setattr(feed, "MAX_BYTES", 10)
    assert follow(api, f"records=true&after={cursor}")[::2] == ([3], True)


def test_a_long_page_is_read_a_few_changes_at_a_time(api: ApiClient, app: Flask) -> None:
    for _ in range(feed._AT_ONCE + 3):
        api.create("leads")
    found, _, more = follow(api, "limit=500")
    assert (found, more) == ([*range(1, feed._AT_ONCE + 4)], False)
    assert follow(api, f"limit={feed._AT_ONCE}")[2] is True


def test_a_cursor_of_another_history_is_gone(api: ApiClient, app: Flask, changes: Any) -> None:
    cursor = follow(api, "limit=4")[1]
    with app.app_context():
        other = "00000000-0000-4000-8000-000000000000"
        db.session.execute(update(Change).where(Change.sequence == 4).values(id=other))
        db.session.commit()
    answer = api.get(f"/changes?after={cursor}")
    assert (answer.status_code, answer.json) == (410, {"message": EXPIRED})
    assert follow(api, f"after={follow(api, 'limit=5')[1]}")[0] == [6, 7]
