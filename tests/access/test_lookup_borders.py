"""Who may write look-up rows, and which: Owner and Admin, and in teams mode those of the team alone."""

import pytest
from flask import Flask

from tests.support.client import ApiClient, Teams
from tests.support.factories import add_member, create_team, create_user
from tests.support.lookups import USED_BY, WRITTEN, create_row, row_body, use

DENIED = (403, {"message": "This action is unauthorized."})
SHARED = (403, {"message": "This row is shared by all teams."})
TAKEN = {"name": ["The name has already been taken."]}

each_table = pytest.mark.parametrize("table", WRITTEN)


@each_table
@pytest.mark.parametrize("role", ["Owner", "Admin", "Manager", "Employee", "Viewer"])
def test_owner_and_admin_write_and_all_read(app: Flask, api: ApiClient, table: str, role: str) -> None:
    row, gone = create_row(api, table), create_row(api, table)
    user = ApiClient(app, create_user(app, role))
    assert user.get(f"/{table}/{row['id']}").json == {"data": row}
    assert row in user.get(f"/{table}").json["data"]
    answers = [
        user.post(f"/{table}", row_body(table)),
        user.put(f"/{table}/{row['id']}", {}),
        user.patch(f"/{table}/{row['id']}", {}),
        user.delete(f"/{table}/{gone['id']}"),
    ]
    if role in ("Owner", "Admin"):
        assert [answer.status_code for answer in answers] == [201, 200, 200, 204]
    else:
        assert [(answer.status_code, answer.json) for answer in answers] == [DENIED] * 4
        assert api.get(f"/{table}/{gone['id']}").json == {"data": gone}


@each_table
def test_a_denied_write_is_refused_before_row_and_body(app: Flask, api: ApiClient, table: str) -> None:
    viewer = ApiClient(app, create_user(app, "Viewer"))
    headers = {"Idempotency-Key": "a b"}
    for method, path in (("POST", f"/{table}"), ("PUT", f"/{table}/x"), ("DELETE", f"/{table}/x?force=x")):
        answer = viewer.request(method, path, data="{", content_type="text/plain", headers=headers)
        assert (answer.status_code, answer.json) == DENIED


@each_table
def test_rows_that_all_teams_share_are_changed_by_nobody(teams: Teams, table: str) -> None:
    before = teams.ours.get(f"/{table}").json
    for row in before["data"]:
        path = f"/{table}/{row['id']}"
        assert teams.ours.get(path).json == {"data": row}
        for answer in (
            teams.ours.put(path, {"name": "Ours"}),
            teams.ours.patch(path, {}),
            teams.ours.request("PUT", path, data="{", content_type="text/plain"),
            teams.ours.delete(path),
            teams.ours.delete(f"{path}?force=x"),
        ):
            assert (answer.status_code, answer.json) == SHARED
    assert teams.theirs.get(f"/{table}").json == before
    assert len(before["data"]) > 2


@each_table
def test_a_new_row_is_the_teams_own(teams: Teams, table: str) -> None:
    row = create_row(teams.ours, table)
    path = f"/{table}/{row['id']}"
    assert row in teams.both.get(f"/{table}").json["data"]
    assert row not in teams.theirs.get(f"/{table}").json["data"]
    for answer in (teams.theirs.request(method, path, json={}) for method in ("GET", "PUT", "PATCH", "DELETE")):
        assert answer.status_code == 404
    assert teams.ours.put(path, {"name": "Changed"}).json == {"data": {**row, "name": "Changed"}}
    assert teams.ours.delete(path).status_code == 204


@each_table
def test_show_and_writes_follow_the_team_header(teams: Teams, table: str) -> None:
    add_member(teams.app, teams.b, teams.both.user_id, "Admin")
    row = create_row(teams.in_b, table)
    path = f"/{table}/{row['id']}"
    assert teams.theirs.get(path).json == teams.in_b.get(path).json == {"data": row}
    assert teams.both.get(path).status_code == 404
    assert teams.both.delete(path).status_code == 404
    assert teams.in_b.delete(path).status_code == 204


@each_table
def test_the_role_is_that_of_the_team(teams: Teams, table: str) -> None:
    add_member(teams.app, teams.a, teams.both.user_id, "Employee")
    add_member(teams.app, teams.b, teams.both.user_id, "Admin")
    assert teams.both.post(f"/{table}", row_body(table)).status_code == 403
    assert teams.in_b.post(f"/{table}", row_body(table)).status_code == 201


@each_table
def test_a_name_is_taken_by_what_the_team_sees(teams: Teams, table: str) -> None:
    row = create_row(teams.ours, table, name="Own")
    other = create_row(teams.ours, table)
    assert create_row(teams.theirs, table, name="OWN")["name"] == "OWN"
    shared = next(
        each["name"]
        for each in teams.ours.get(f"/{table}").json["data"]
        if each["id"] not in (row["id"], other["id"]) and each.get("resource", "leads") == "leads"
    )
    for name in (shared, shared.upper(), "own"):
        assert teams.ours.errors(teams.ours.post(f"/{table}", row_body(table, name=name))) == TAKEN
        assert teams.ours.errors(teams.ours.put(f"/{table}/{other['id']}", {"name": name})) == TAKEN


def test_stages_of_a_teams_pipeline_are_its_own(teams: Teams) -> None:
    pipeline = create_row(teams.ours, "pipelines", stages=[{"name": "One"}])
    stage = pipeline["stages"][0]["id"]
    assert teams.ours.create("leads", pipeline_stage_id=stage)["pipeline_stage"]["id"] == stage
    refused = teams.theirs.post("/leads", {"title": "x", "pipeline_stage_id": stage})
    assert teams.theirs.errors(refused).keys() == {"pipeline_stage_id"}
    mine = create_row(teams.theirs, "pipelines")
    body = {"stages": [{"id": stage, "name": "Taken over"}]}
    assert teams.theirs.errors(teams.theirs.put(f"/pipelines/{mine['id']}", body)).keys() == {"stages.0.id"}


@pytest.mark.parametrize("table", USED_BY)
def test_a_teams_row_is_used_and_deleted_by_the_team(teams: Teams, table: str) -> None:
    row = create_row(teams.ours, table)
    use(teams.ours, table, row)
    assert teams.ours.delete(f"/{table}/{row['id']}").json == {"message": "1 record refers to it.", "records": 1}
    assert teams.ours.delete(f"/{table}/{row['id']}?force=true").status_code == 204


@each_table
def test_a_server_without_teams_writes_no_row_once_there_is_a_team(app: Flask, api: ApiClient, table: str) -> None:
    row = create_row(api, table)
    path = f"/{table}/{row['id']}"
    create_team(app, create_user(app))
    late = api.post(f"/{table}", row_body(table)), api.put(path, {"name": "Late"}), api.delete(path)
    assert [answer.status_code for answer in late] == [503] * 3
    assert api.get(path).json == {"data": row}
