"""Webhooks are listed, made, changed and removed, by Owner and Admin alone."""

from typing import Any
from unittest.mock import ANY

import pytest
from flask import Flask
from marshmallow import ValidationError
from sqlalchemy import func, select

from crm.blueprints import RESOURCES
from crm.blueprints.webhooks import event_types
from crm.extensions import db
from crm.models import WebhookSecret
from crm.openapi.examples.webhooks import CREATED, MESSAGE_ID, UPDATED, example_delivery, example_webhook
from crm.webhooks.bodies import EventTypes
from tests.support.client import UNKNOWN, ApiClient, CommandLine, Teams, make_teams
from tests.support.factories import create_user
from tests.support.receiver import LOOPBACK, Receiver, deliver_once, deliveries, subscribe

URL = "https://example.com/told"
FIELDS = [
    "id",
    "url",
    "types",
    "description",
    "active",
    "disabled_reason",
    "include_record",
    "created_at",
    "updated_at",
]
MOST = 20


def body(**fields: Any) -> dict[str, Any]:
    return {"url": URL, "types": ["*"], **fields}


def test_a_webhook_has_these_fields_and_its_secret_once(api: ApiClient) -> None:
    answer = api.post("/webhooks", body(types=["deal.won", " lead.* ", "deal.won"]))
    made = answer.json["data"]
    assert answer.status_code == 201
    assert [*made] == [*FIELDS, "secret"]
    assert answer.headers["Location"] == f"http://localhost/crm/api/v2/webhooks/{made['id']}"
    assert made["types"] == ["deal.won", "lead.*"]
    assert (made["active"], made["include_record"], made["description"], made["disabled_reason"]) == (
        *(True, True),
        *(None, None),
    )
    del made["secret"]
    assert api.get(f"/webhooks/{made['id']}").json == {"data": made}
    assert api.get("/webhooks").json == {"data": [made]}
    second = subscribe(api, URL)["id"]
    assert [row["id"] for row in api.get("/webhooks").json["data"]] == [second, made["id"]]


@pytest.mark.parametrize("verb", ["put", "patch"])
def test_what_a_change_names_is_changed(api: ApiClient, verb: str) -> None:
    path = f"/webhooks/{subscribe(api, URL, 'lead.*')['id']}"
    changed = getattr(api, verb)(path, {"types": ["deal.lost"], "include_record": False, "secret": "x", "id": "y"})
    assert changed.status_code == 200
    shown = changed.json["data"]
    assert (shown["types"], shown["include_record"], shown["url"]) == (["deal.lost"], False, URL)
    assert api.get(path).json["data"] == shown
    assert api.delete(path).status_code == 204
    assert api.get(path).status_code == api.delete(path).status_code == api.put(path).status_code == 404
    assert api.get("/webhooks").json == {"data": []}
    with api.app.app_context():
        assert db.session.scalar(select(func.count()).select_from(WebhookSecret)) == 0


@pytest.mark.parametrize(
    ("fields", "faults"),
    [
        ({"url": None}, {"url": ["The url field is required."]}),
        ({"url": "https://10.0.0.1/"}, {"url"}),
        ({"url": "http://example.org:x/"}, {"url"}),
        ({"url": 5}, {"url": ["The url field must be a string."]}),
        ({"url": "https://example.com/" + "x" * 2048}, {"url"}),
        ({"types": []}, {"types": ["The types field is required."]}),
        ({"types": None}, {"types": ["The types field is required."]}),
        ({"types": "lead.won"}, {"types": ["The types field must be an array."]}),
        ({"types": ["*", "lead.won"]}, {"types.1": ["The selected types.1 is invalid."]}),
        ({"types": ["lead", "leads.*", "webhook.test", 5, None, {}]}, {f"types.{n}" for n in range(6)}),
        ({"description": "x" * 256}, {"description"}),
        ({"active": "yes"}, {"active"}),
        ({"include_record": 2}, {"include_record"}),
    ],
)
def test_what_cannot_be_used_is_a_422(api: ApiClient, fields: dict[str, Any], faults: Any) -> None:
    found = api.errors(api.post("/webhooks", body(**fields)))
    assert found == faults if isinstance(faults, dict) else {*found} == faults
    path = f"/webhooks/{subscribe(api, URL)['id']}"
    assert {*api.errors(api.put(path, fields))} == {*faults}


def test_up_to_fifty_types_are_taken_and_every_one_that_there_is(api: ApiClient) -> None:
    types = event_types(RESOURCES)
    assert {"deal.won", "deal.lost", "lead.converted", "quote.accepted", "invoice.paid", "person.restored"} <= {*types}
    assert len(types) > 40
    subscribe(api, URL, *types[:50])
    known = [f"lead.{n}" for n in range(51)]
    assert EventTypes(known).deserialize([*known[:50], *known[:50]]) == known[:50]
    with pytest.raises(ValidationError, match="must not have more than 50 items"):
        EventTypes(known).deserialize(known)
    subscribe(api, URL, *["*"] * 60)


def test_a_team_has_up_to_twenty(api: ApiClient) -> None:
    made = [subscribe(api, URL)["id"] for _ in range(MOST)]
    assert {*api.errors(api.post("/webhooks", body()))} == {"url"}
    api.delete(f"/webhooks/{made[0]}")
    subscribe(api, URL)


@pytest.mark.parametrize(("role", "status"), [("Owner", 200), ("Admin", 200), ("Manager", 403), ("Employee", 403)])
def test_owner_and_admin_alone(app: Flask, api: ApiClient, role: str, status: int) -> None:
    check_role(app, api, role, status)


def test_no_viewer(app: Flask, api: ApiClient) -> None:
    check_role(app, api, "Viewer", 403)


def check_role(app: Flask, api: ApiClient, role: str, status: int) -> None:
    someone = ApiClient(app, create_user(app, role))
    webhook = subscribe(api, URL)
    path = f"/webhooks/{webhook['id']}"
    message = api.post(f"{path}/test").json["data"]["id"]
    answers = [
        someone.get("/webhooks"),
        someone.get(path),
        someone.get(f"{path}/deliveries"),
        someone.put(path, {}),
        someone.post(f"{path}/rotate-secret"),
        someone.post("/webhooks", body()),
        someone.post(f"{path}/test"),
        someone.post(f"{path}/deliveries/{message}/redeliver"),
        someone.delete(path),
    ]
    expected = [200, 200, 200, 200, 200, 201, 202, 202, 204] if status == 200 else [403] * 9
    assert [answer.status_code for answer in answers] == expected


def test_unknown_ones_are_a_404_before_the_body_is_looked_at(api: ApiClient) -> None:
    path = f"/webhooks/{subscribe(api, URL)['id']}"
    for name in (UNKNOWN, "1", "x"):
        assert api.get(f"/webhooks/{name}").status_code == 404
        assert api.put(f"/webhooks/{name}", {"url": 5}).status_code == 404
        for more in ("rotate-secret", "test", "deliveries/msg_x/redeliver"):
            assert api.post(f"/webhooks/{name}/{more}").status_code == 404
        assert api.get(f"/webhooks/{name}/deliveries").status_code == 404
    for message in ("msg_0", "msg_%00", MESSAGE_ID):
        assert api.post(f"{path}/deliveries/{message}/redeliver").status_code == 404


@pytest.fixture
def teams(make_app: Any) -> Teams:
    return make_teams(make_app(TEAMS="true", **LOOPBACK))


def test_a_webhook_is_its_teams_own(teams: Teams, receiver: Receiver) -> None:
    ours = subscribe(teams.ours, receiver.url)
    path = f"/webhooks/{ours['id']}"
    assert teams.theirs.get("/webhooks").json == {"data": []}
    assert teams.theirs.get(path).status_code == teams.theirs.delete(path).status_code == 404
    teams.theirs.create("leads", title="Theirs")
    teams.ours.create("leads", title="Ours")
    deliver_once(teams.app)
    assert [each.json["data"]["record"]["title"] for each in receiver.received] == ["Ours"]


def test_webhooks_go_along_when_a_team_adopts_what_has_none(api: ApiClient, make_app: Any, receiver: Receiver) -> None:
    subscribe(api, receiver.url)
    lead = api.create("leads", title="Before")["id"]
    teams_app = make_app(TEAMS="true", **LOOPBACK)
    with api.app.app_context():
        from crm.models import User

        email = db.session.scalar(select(User.email).where(User.id == api.user_id))
    team = CommandLine(teams_app).done("create-team", "First", "--owner", email, "--adopt").strip()
    client = ApiClient(teams_app, api.user_id, **{"X-Team-ID": team})
    client.put(f"/leads/{lead}", {"title": "After"})
    deliver_once(teams_app)
    assert receiver.sequences == [1, 2]
    assert receiver.received[1].json["data"]["record"]["title"] == "After"
    assert len(client.get("/webhooks").json["data"]) == 1


def test_an_idempotency_key_counts_but_where_a_secret_is_answered(api: ApiClient) -> None:
    key = {"Idempotency-Key": "once"}
    one, other = (api.post("/webhooks", body(), headers=key).json["data"] for _ in range(2))
    assert one["id"] != other["id"]
    path = f"/webhooks/{one['id']}"
    rotated = [api.post(f"{path}/rotate-secret", headers=key).json["data"]["secret"] for _ in range(2)]
    assert rotated[0] != rotated[1]
    tests = [api.post(f"{path}/test", headers=key) for _ in range(2)]
    assert tests[0].json == tests[1].json
    assert tests[1].headers["Idempotent-Replayed"] == "true"
    assert len(deliveries(api, one)) == 1


def test_the_examples_of_the_description_are_what_is_sent_and_shown(api: ApiClient) -> None:
    webhook = api.post("/webhooks", CREATED).json["data"]
    shown = {**example_webhook(), "id": webhook["id"], "created_at": ANY, "updated_at": ANY}
    path = f"/webhooks/{webhook['id']}"
    assert api.get(path).json["data"] == shown
    changed = {**example_webhook(changed=True), "id": webhook["id"], "created_at": ANY, "updated_at": ANY}
    assert api.put(path, UPDATED).json["data"] == changed
    delivery = api.post(f"{path}/test").json["data"]
    assert {**delivery, "id": MESSAGE_ID} == {
        **example_delivery("webhook.test", None, pending=True),
        "created_at": ANY,
        "next_attempt_at": ANY,
    }
