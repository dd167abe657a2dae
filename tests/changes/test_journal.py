"""Every write notes one change: what happened to which record, who did it, by which token, in which request."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import update

from crm.demo import create_demo
from crm.extensions import db
from crm.models import Token, User
from tests.support.changes import changes_of, count_changes, read_feed
from tests.support.client import ApiClient, CommandLine, Teams
from tests.support.factories import KINDS, NAMES, create_team, create_user, full, sample
from tests.support.sales import as_sent

SINGULAR = {
    "leads": "lead",
    "products": "product",
    "organizations": "organization",
    "people": "person",
    "deals": "deal",
    "quotes": "quote",
    "orders": "order",
    "invoices": "invoice",
}
FIELDS = ["sequence", "type", "resource", "record_id", "version", "occurred_at", "user", "token", "request_id"]

each_resource = pytest.mark.parametrize("resource", NAMES)


def asking(api: ApiClient) -> Any:
    return lambda path: api.get(path).json


def an_update(resource: str) -> dict[str, Any]:
    """Return a body that changes a record."""
    return sample(resource) or {"reference": "Another"}


@each_resource
def test_each_verb_notes_what_happened_to_the_record(api: ApiClient, resource: str) -> None:
    record = api.create(resource)
    path = f"/{resource}/{record['id']}"
    api.put(path, an_update(resource))
    api.patch(path, {"user_owner_id": create_user(api.app)})
    api.delete(path)
    api.post(f"{path}/restore")
    history = changes_of(asking(api), path)
    words = ["created", "updated", "updated", "deleted", "restored"]
    assert [change["type"] for change in history] == [f"{SINGULAR[resource]}.{word}" for word in words]
    assert [change["version"] for change in history] == [1, 2, 3, 4, 5] == [change["sequence"] for change in history]
    assert [change["changed"] is None for change in history] == [True, False, False, True, True]
    assert {(change["resource"], change["record_id"]) for change in history} == {(resource, record["id"])}
    assert api.get(path).json["data"]["version"] == 5
    assert read_feed(asking(api))[0] == history


@each_resource
def test_a_write_that_changes_nothing_leaves_everything_as_it_is(api: ApiClient, resource: str) -> None:
    body = full(api, resource)
    record = api.create(resource, **body)
    path = f"/{resource}/{record['id']}"
    as_they_are = {**body}
    if "line_items" in record:
        as_they_are["line_items"] = [as_sent(line) for line in record["line_items"]]
    before = count_changes(api.app)
    with api.app.app_context():
        past = datetime.now(UTC) - timedelta(days=1)
        db.session.execute(update(KINDS[resource].model).values(updated_at=past))
        db.session.commit()
    shown = api.get(path)
    for method, sent in (("PUT", as_they_are), ("PATCH", as_they_are), ("PUT", {}), ("PATCH", {"id": "x"})):
        answer = api.request(method, path, json=sent)
        assert (answer.status_code, answer.data) == (200, shown.data)
        assert answer.headers["ETag"] == shown.headers["ETag"]
    assert api.post(f"{path}/restore").data == shown.data  # a live one
    assert count_changes(api.app) == before


def test_refused_writes_note_nothing(api: ApiClient) -> None:
    path = f"/leads/{api.create('leads')['id']}"
    assert api.put(path, {"amount": -1}).status_code == 422
    assert api.post("/leads", {"amount": 1}).status_code == 422
    assert api.delete(path, headers={"If-Match": '"9"'}).status_code == 412
    assert api.delete("/leads/no-such-id").status_code == 404
    assert count_changes(api.app) == 1


def test_a_change_names_user_token_and_request_as_they_were(api: ApiClient, app: Flask) -> None:
    record = api.post("/leads", {"title": "One"}, headers={"X-Request-Id": "import-7"}).json["data"]
    with app.app_context():
        db.session.execute(update(User).values(name="Renamed", crm_access=True))
        db.session.execute(update(Token).values(name="Renamed"))
        db.session.commit()
    (change,) = changes_of(asking(api), f"/leads/{record['id']}")
    assert list(change)[: len(FIELDS)] == FIELDS
    assert change["user"] == {"id": api.user_id, "name": "Jane Doe"}
    assert change["token"] == {"id": int(api.headers["Authorization"].split()[1].split("|")[0]), "name": "test"}
    assert change["request_id"] == "import-7"
    assert change["occurred_at"] == record["created_at"]


@pytest.mark.parametrize("leads", [5])
def test_the_sample_data_notes_the_creation_of_each_record_by_nobody(api: ApiClient, app: Flask, leads: int) -> None:
    with app.app_context():
        counts = create_demo(leads)
    changes, _ = read_feed(asking(api), query="limit=500")
    assert len(changes) == sum(counts.values())
    assert [change["sequence"] for change in changes] == [*range(1, len(changes) + 1)]
    assert {(change["user"], change["token"], change["request_id"]) for change in changes} == {(None, None, None)}
    made = {name: sum(change["resource"] == name for change in changes) for name in counts}
    assert made == counts
    assert {change["type"] for change in changes} == {f"{word}.created" for word in SINGULAR.values()}
    listed = {record["id"] for name in counts for record in api.get(f"/{name}?per_page=100").json["data"]}
    assert listed <= {change["record_id"] for change in changes}


def test_each_team_has_a_journal_of_its_own(teams: Teams) -> None:
    for client in (teams.ours, teams.theirs, teams.ours):
        client.create("leads")
    ours, theirs = (read_feed(asking(client))[0] for client in (teams.ours, teams.theirs))
    assert [change["sequence"] for change in ours] == [1, 2]
    assert [change["sequence"] for change in theirs] == [1]
    assert {change["record_id"] for change in ours} & {change["record_id"] for change in theirs} == set()


def test_a_team_that_adopts_records_takes_their_changes_along(make_app: Any, api: ApiClient) -> None:
    record = api.create("leads")
    create_team(api.app, api.user_id, adopt=True)
    client = ApiClient(make_app(TEAMS="true"), api.user_id)
    client.put(f"/leads/{record['id']}", {"title": "Changed"})
    changes, _ = read_feed(asking(client))
    assert [(change["sequence"], change["type"]) for change in changes] == [(1, "lead.created"), (2, "lead.updated")]
    assert changes_of(asking(client), f"/leads/{record['id']}") == changes


def test_recount_leaves_the_journal_alone(api: ApiClient) -> None:
    path = f"/leads/{api.create('leads')['id']}"
    api.delete(path)
    api.post(f"{path}/restore")
    assert CommandLine(api.app).done("recount") == "0 counters mended.\n"
    api.put(path, {"title": "Changed"})
    assert [change["sequence"] for change in changes_of(asking(api), path)] == [1, 2, 3, 4]
