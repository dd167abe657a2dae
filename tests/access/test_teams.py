"""Teams: whose records a request sees and changes (contract, section 4)."""

import pytest

from crm.blueprints import RESOURCES
from crm.extensions import db
from crm.models.user import User
from tests.support.client import UNKNOWN, ApiClient, make_teams, protected_routes
from tests.support.factories import add_member, create_team, create_user, sample

NAMES = [resource.model.__tablename__ for resource in RESOURCES]
NUMBERS = {resource.model.__tablename__: resource.model.number for resource in RESOURCES if resource.model.number}
NOT_A_MEMBER = (403, {"message": "You are not a member of the requested team."})

each_resource = pytest.mark.parametrize("resource", NAMES)


# Which team a request runs in


@pytest.mark.parametrize("header", [None, "1", "999999", "nonsense"])
def test_outside_teams_mode_the_header_means_nothing(api, header):
    headers = {} if header is None else {"X-Team-ID": header}
    record = api.create("leads")
    path = f"/leads/{record['id']}"
    assert api.get(path, headers=headers).json["data"] == record
    assert api.put(path, {"title": "New"}, headers=headers).status_code == 200
    assert api.get("/leads", headers=headers).json["meta"]["total"] == 1
    assert api.get("/labels", headers=headers).status_code == 200
    assert api.delete(path, headers=headers).status_code == 204


def test_outside_teams_mode_all_share_one_pool(app):
    viewer = ApiClient(app, create_user(app, "Viewer"))
    created = {ApiClient(app, create_user(app)).create("leads")["id"] for _ in range(2)}
    assert {row["id"] for row in viewer.get("/leads").json["data"]} == created
    assert viewer.get("/leads").json["meta"]["total"] == 2


def test_a_request_runs_in_the_current_team(teams):
    lead = teams.both.create("leads")
    assert teams.ours.get("/leads").json["data"] == [lead]
    assert teams.theirs.get("/leads").json["data"] == []


def test_a_users_first_team_becomes_the_current_one(teams):
    with teams.app.app_context():
        assert db.session.get(User, teams.both.user_id).current_team_id == teams.a


def test_the_header_chooses_a_team_by_membership(teams):
    lead = teams.in_b.create("leads")
    assert teams.in_b.get("/leads").json["data"] == teams.theirs.get("/leads").json["data"] == [lead]
    assert teams.both.get("/leads").json["data"] == []
    assert teams.in_b.put(f"/leads/{lead['id']}", {"title": "New"}).json["data"]["title"] == "New"
    assert teams.in_b.delete(f"/leads/{lead['id']}").status_code == 204


@pytest.mark.parametrize(
    "header", ["", "0", "-1", "1.0", "x", "²", "{b},{a}", "{b}", "999999", "9" * 30, "{a} {a}", "{a}x", "+{a}", "0x{a}"]
)
def test_a_header_that_names_no_team_of_the_user_is_refused(teams, header):
    headers = {"X-Team-ID": header.format(a=teams.a, b=teams.b)}
    lead = teams.ours.create("leads")
    for verb, path in (("GET", "/leads"), ("POST", "/leads"), ("GET", f"/leads/{lead['id']}"), ("GET", "/labels")):
        response = teams.ours.request(verb, path, headers=headers)
        assert (response.status_code, response.json) == NOT_A_MEMBER, (verb, path)
    for verb in ("GET", "PUT", "PATCH", "DELETE"):
        response = teams.ours.request(verb, f"/leads/{UNKNOWN}", headers=headers)
        assert (response.status_code, response.json) == NOT_A_MEMBER, verb


def test_the_team_is_refused_before_the_permission(teams):
    viewer = ApiClient(teams.app, create_user(teams.app))
    add_member(teams.app, teams.a, viewer.user_id, "Viewer")
    response = viewer.post("/leads", headers={"X-Team-ID": str(teams.b)})
    assert (response.status_code, response.json) == NOT_A_MEMBER


def test_a_user_without_a_team_may_only_authenticate(teams):
    loner = ApiClient(teams.app, create_user(teams.app))
    for verb, path in protected_routes(teams.app):
        if not path.startswith("/auth/"):
            response = loner.request(verb, path, headers={"X-Team-ID": str(teams.a)} if verb == "PUT" else None)
            assert response.status_code == 403, (verb, path)
            assert verb == "HEAD" or response.json == {"message": "You do not belong to a team."}
    assert loner.get("/auth/me").status_code == 200
    assert loner.delete("/auth/token").status_code == 204


# Show


@each_resource
def test_show_looks_in_the_current_team_whatever_the_header_says(teams, resource):
    here, there = teams.both.create(resource), teams.in_b.create(resource)
    assert teams.in_b.get(f"/{resource}/{here['id']}").json == {"data": here}
    assert teams.in_b.get(f"/{resource}/{there['id']}").status_code == 404
    assert teams.in_b.request("HEAD", f"/{resource}/{there['id']}").status_code == 404


@each_resource
def test_show_follows_the_header_where_the_setting_says_so(make_app, resource):
    teams = make_teams(make_app(TEAMS="true", TEAM_HEADER_ON_SHOW="true"))
    here, there = teams.both.create(resource), teams.in_b.create(resource)
    assert teams.in_b.get(f"/{resource}/{there['id']}").json == {"data": there}
    assert teams.in_b.get(f"/{resource}/{here['id']}").status_code == 404
    assert teams.both.get(f"/{resource}/{here['id']}").status_code == 200


# Numbers, roles, adoption


@pytest.mark.parametrize("resource", NUMBERS)
def test_numbers_are_counted_by_team(teams, resource):
    column, prefix = NUMBERS[resource]
    given = [client.create(resource)[column] for client in (teams.ours, teams.theirs, teams.both, teams.in_b)]
    assert given == [f"{prefix}{number}" for number in (1001, 1001, 1002, 1002)]


def test_the_role_is_that_of_the_requests_team(teams):
    user = ApiClient(teams.app, create_user(teams.app, "Owner"))
    add_member(teams.app, teams.a, user.user_id, "Viewer")
    add_member(teams.app, teams.b, user.user_id, "Employee")
    there = {"X-Team-ID": str(teams.b)}
    assert user.post("/leads", sample("leads")).status_code == 403
    assert user.post("/leads", sample("leads"), headers=there).status_code == 201
    add_member(teams.app, teams.b, user.user_id, "Viewer")
    assert user.post("/leads", sample("leads"), headers=there).status_code == 403


@each_resource
def test_adoption_gives_a_team_every_record_without_one_and_numbers_go_on(make_app, resource):
    alone, together = make_app(), make_app(TEAMS="true")
    owner, other = create_user(alone), create_user(alone)
    before = ApiClient(alone, owner)
    records = [before.create(resource) for _ in range(2)]
    before.delete(f"/{resource}/{before.create(resource)['id']}")
    earlier = create_team(alone, other)
    create_team(alone, owner, adopt=True)
    api, stranger = ApiClient(together, owner), ApiClient(together, other, **{"X-Team-ID": str(earlier)})
    assert api.get(f"/{resource}?sort=created_at").json["meta"]["total"] == 2
    assert {row["id"] for row in api.get(f"/{resource}").json["data"]} == {row["id"] for row in records}
    assert stranger.get(f"/{resource}").json["data"] == []
    if resource in NUMBERS:
        column, prefix = NUMBERS[resource]
        assert api.create(resource)[column] == f"{prefix}1004"
        assert stranger.create(resource)[column] == f"{prefix}1001"


def test_a_team_made_without_adoption_leaves_records_where_they_are(make_app):
    alone, together = make_app(), make_app(TEAMS="true")
    owner = create_user(alone)
    ApiClient(alone, owner).create("leads")
    create_team(alone, owner)
    assert ApiClient(together, owner).get("/leads").json["data"] == []
    assert ApiClient(alone, owner).get("/leads").json["meta"]["total"] == 1
