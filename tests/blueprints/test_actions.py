"""Actions, found from their declarations: route, permission and description; and restore, which every resource has."""

import pytest

from crm.blueprints import RESOURCES
from crm.blueprints.action import RESTORE
from tests.support.actions import ACTIONS
from tests.support.client import UNKNOWN, ApiClient, CommandLine, make_teams
from tests.support.described import description
from tests.support.factories import NAMES, create_user, full

DECLARED = [(resource, action) for (resource, _), action in ACTIONS.items()]

each_action = pytest.mark.parametrize(
    ("resource", "action"), DECLARED, ids=[f"{resource}-{action.name}" for resource, action in DECLARED]
)
each_resource = pytest.mark.parametrize("resource", NAMES)


def deleted(api, resource, **fields):
    """Make a record, delete it, and return it as it was."""
    record = api.create(resource, **fields)
    assert api.delete(f"/{resource}/{record['id']}").status_code == 204
    return record


def test_every_resource_has_the_action_that_all_have():
    assert {resource for resource, action in DECLARED if action is RESTORE} == set(NAMES)


@each_action
def test_an_action_is_a_post_below_a_record_and_is_described(api, resource, action):
    operations = description()["paths"][f"/{resource}/{{id}}/{action.name}"]
    assert operations.keys() == {"post"}
    noun = next(kind for kind in RESOURCES if kind.model.__tablename__ == resource).model.__name__.lower()
    assert operations["post"]["description"] == action.sentence.format(noun=noun)
    assert api.get(f"/{resource}/{UNKNOWN}/{action.name}").status_code == 405
    assert api.post(f"/{resource}/{UNKNOWN}/{action.name}").status_code == 404
    assert api.post(f"/{resource}/no-uuid/{action.name}").status_code == 404


@each_action
def test_an_action_needs_a_token_and_its_permission(app, stranger, resource, action):
    path = f"/{resource}/{UNKNOWN}/{action.name}"
    assert stranger.post(path).status_code == 401
    assert ApiClient(app, create_user(app, "Viewer")).post(path).status_code == 403
    staff = ApiClient(app, create_user(app, "Employee")).post(path)
    assert staff.status_code == (403 if resource == "products" else 404)


@each_resource
def test_restore_brings_a_deleted_record_back_as_it_was(api, resource):
    record = deleted(api, resource, **full(api, resource))
    answer = api.post(f"/{resource}/{record['id']}/restore")
    assert answer.status_code == 200
    changed = {"version", "updated_at"}
    restored = answer.json["data"]
    assert {name for name in record if record[name] != restored[name]} <= changed
    assert restored["updated_at"] >= record["updated_at"]
    assert api.get(f"/{resource}/{record['id']}").json["data"] == restored
    assert api.get(f"/{resource}").json["meta"]["total"] == 1
    assert CommandLine(api.app).done("recount") == "0 counters mended.\n"


@each_resource
def test_restore_of_a_live_record_answers_it_as_it_is(api, resource):
    record = api.create(resource)
    answer = api.post(f"/{resource}/{record['id']}/restore")
    assert (answer.status_code, answer.json["data"]) == (200, record)
    assert api.get(f"/{resource}").json["meta"]["total"] == 1


@pytest.mark.parametrize("body", [{}, {"data": b""}, {"json": {}}, {"json": {"title": "Ignored"}}])
def test_an_action_may_be_sent_without_body_and_content_type(api, body):
    record = deleted(api, "leads")
    answer = api.request("POST", f"/leads/{record['id']}/restore", **body)
    assert (answer.status_code, answer.json["data"]["title"]) == (200, record["title"])


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"data": "{", "content_type": "application/json"}, 400),
        ({"data": "{}", "content_type": "text/plain"}, 415),
        ({"json": [1]}, 400),
    ],
)
def test_a_body_that_an_action_cannot_read_is_refused_and_nothing_is_done(api, body, status):
    record = deleted(api, "leads")
    assert api.request("POST", f"/leads/{record['id']}/restore", **body).status_code == status
    assert api.get(f"/leads/{record['id']}").status_code == 404


def test_restore_reaches_no_record_of_another_team(team_app):
    teams = make_teams(team_app)
    record = deleted(teams.theirs, "leads")
    assert teams.ours.post(f"/leads/{record['id']}/restore").status_code == 404
    assert teams.theirs.post(f"/leads/{record['id']}/restore").status_code == 200


def test_an_action_follows_the_team_header(team_app):
    teams = make_teams(team_app)
    record = deleted(teams.theirs, "leads")
    in_b = ApiClient(team_app, teams.theirs.user_id, **{"X-Team-ID": str(teams.b)})
    assert in_b.post(f"/leads/{record['id']}/restore").status_code == 200
