"""What callers see and change of their own account (beyond, section 20)."""

import pytest
from sqlalchemy import delete, select
from werkzeug.security import generate_password_hash

from crm.access import own_account
from crm.extensions import db
from crm.models import Membership, User
from tests.support.client import ApiClient
from tests.support.factories import PASSWORD, add_member, create_team, create_user

EMAIL = "jane@example.com"
NEW = "another long password"
WRONG = {"current_password": ["The provided credentials are incorrect."]}


@pytest.fixture
def jane(app):
    return create_user(app, "Manager", email=EMAIL)


def logs_in(app, password):
    return ApiClient(app).post("/auth/token", {"email": EMAIL, "password": password}).status_code == 201


def change(client, current=PASSWORD, password=NEW):
    return client.put("/auth/password", {"current_password": current, "password": password})


def test_without_teams_the_role_is_the_users_and_there_is_no_team(app, jane):
    client = ApiClient(app, jane, **{"X-Team-ID": "1"})
    row_id = int(client.headers["Authorization"].removeprefix("Bearer ").partition("|")[0])
    assert client.get("/auth/me").json == {
        "user": {"id": jane, "name": "Jane Doe", "email": EMAIL},
        "role": "Manager",
        "team": None,
        "teams": [],
        "token": {"id": row_id, "name": "test", "abilities": ["*"], "expires_at": None},
    }


def test_with_teams_role_and_team_are_those_of_the_request(teams):
    add_member(teams.app, teams.b, teams.both.user_id, "Viewer")
    a, b = {"id": teams.a, "name": "A"}, {"id": teams.b, "name": "B"}
    both = [{**a, "role": "Owner"}, {**b, "role": "Viewer"}]
    here, there = teams.both.get("/auth/me").json, teams.in_b.get("/auth/me").json
    assert (here["role"], here["team"], here["teams"]) == ("Owner", a, both)
    assert (there["role"], there["team"], there["teams"]) == ("Viewer", b, both)


@pytest.mark.parametrize("header", ["999999", "x", ""])
def test_a_team_that_cannot_be_entered_is_none(teams, header):
    shown = teams.ours.get("/auth/me", headers={"X-Team-ID": header}).json
    assert (shown["role"], shown["team"], [team["id"] for team in shown["teams"]]) == (None, None, [teams.a])


def test_who_has_no_team_is_told_so(team_app):
    shown = ApiClient(team_app, create_user(team_app)).get("/auth/me").json
    assert (shown["role"], shown["team"], shown["teams"]) == (None, None, [])


# The current team


def test_the_current_team_changes_for_all_tokens(teams):
    other = ApiClient(teams.app, teams.both.user_id)
    there = teams.in_b.create("leads")
    answer = teams.both.put("/auth/team", {"team_id": teams.b})
    assert (answer.status_code, answer.json) == (200, teams.both.get("/auth/me").json)
    assert answer.json["team"] == {"id": teams.b, "name": "B"}
    assert other.get(f"/leads/{there['id']}").status_code == 200


def test_the_header_counts_for_what_is_shown_then(teams):
    shown = teams.both.put("/auth/team", {"team_id": teams.b}, headers={"X-Team-ID": str(teams.a)}).json
    assert shown["team"]["id"] == teams.a
    assert teams.both.get("/auth/me").json["team"]["id"] == teams.b


@pytest.mark.parametrize("unknown", [False, True])
def test_a_team_that_is_not_the_users_is_refused(teams, unknown):
    answer = teams.ours.put("/auth/team", {"team_id": 987654 if unknown else teams.b})
    assert (answer.status_code, answer.json) == (403, {"message": "You are not a member of the requested team."})
    assert teams.ours.get("/auth/me").json["team"]["id"] == teams.a


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        ({}, "The team_id field is required."),
        ({"team_id": None}, "The team_id field is required."),
        ({"team_id": "x"}, "The team_id field must be an integer."),
    ],
)
def test_a_faulty_team_is_refused(teams, body, sentence):
    assert teams.ours.errors(teams.ours.put("/auth/team", body)) == {"team_id": [sentence]}


def test_without_teams_there_is_no_current_one(app, jane):
    client = ApiClient(app, jane)
    assert client.put("/auth/team", {"team_id": 1}).status_code == 404
    assert client.request("PUT", "/auth/team", data="{").status_code == 404


def test_who_was_taken_out_of_the_team_cannot_choose_it(teams):
    with teams.app.app_context(), db.engine.begin() as connection:
        connection.execute(delete(Membership.__table__).where(Membership.team_id == teams.b))
    assert teams.both.put("/auth/team", {"team_id": teams.b}).status_code == 403


# The password


def test_a_new_password_counts_and_all_other_tokens_end(app, jane):
    used, other = ApiClient(app, jane), ApiClient(app, jane)
    stranger = ApiClient(app, create_user(app))
    answer = change(used)
    assert (answer.status_code, answer.data) == (204, b"")
    assert [client.get("/auth/me").status_code for client in (used, other, stranger)] == [200, 401, 200]
    assert (logs_in(app, PASSWORD), logs_in(app, NEW)) == (False, True)


def test_it_is_stored_as_a_hash_that_costs_what_it_should(app, jane):
    change(ApiClient(app, jane))
    with app.app_context():
        stored = db.session.scalar(select(User.password_hash).where(User.id == jane))
    assert stored.startswith("scrypt:32768:8:1$")


def test_a_wrong_current_password_changes_nothing(app, jane):
    used, other = ApiClient(app, jane), ApiClient(app, jane)
    assert used.errors(change(used, current="wrong")) == WRONG
    assert other.get("/auth/me").status_code == 200
    assert logs_in(app, PASSWORD)


@pytest.mark.parametrize(
    ("password", "sentence"),
    [
        ("eleven char", "The password field must be at least 12 characters."),
        ("x" * 1001, "The password field must not be greater than 1000 characters."),
        (f" {EMAIL.upper()} ", "The password field must not be the e-mail address."),
        (EMAIL, "The password field must not be the e-mail address."),
        ("", "The password field is required."),
        (None, "The password field is required."),
        (123456789012, "The password field must be a string."),
    ],
)
def test_a_password_that_is_not_taken(app, jane, password, sentence, monkeypatch):
    monkeypatch.setattr("crm.access.credentials.check_password_hash", lambda *_: 1 / 0)
    client = ApiClient(app, jane)
    assert client.errors(change(client, password=password)) == {"password": [sentence]}


@pytest.mark.parametrize("password", ["twelve chars", "x" * 1000, " " * 12, "ß" * 12])
def test_a_password_that_is_taken(app, jane, password):
    assert change(ApiClient(app, jane), password=password).status_code == 204
    assert logs_in(app, password)


def test_all_faults_are_told_at_once(app, jane):
    client = ApiClient(app, jane)
    assert client.errors(client.put("/auth/password", {"password": "short"})) == {
        "current_password": ["The current_password field is required."],
        "password": ["The password field must be at least 12 characters."],
    }


def test_of_two_changes_at_once_one_is_done(app, jane, monkeypatch):
    """The second comes between the look at the current password and the writing of the new one."""
    first, second = ApiClient(app, jane), ApiClient(app, jane)
    answers = []

    def overtaken(password):
        monkeypatch.setattr(own_account, "generate_password_hash", generate_password_hash)
        answers.append(change(second, password="the second is faster"))
        return generate_password_hash(password)

    monkeypatch.setattr(own_account, "generate_password_hash", overtaken)
    assert first.errors(change(first)) == WRONG
    assert answers[0].status_code == 204
    assert logs_in(app, "the second is faster")


def test_no_token_is_made_for_a_password_that_is_another_meanwhile(app, jane, monkeypatch):
    from crm.access import credentials

    check = credentials.check_password_hash
    owner = ApiClient(app, jane)

    def overtaken(*args):
        monkeypatch.setattr(credentials, "check_password_hash", check)
        assert change(owner).status_code == 204
        return check(*args)

    monkeypatch.setattr(credentials, "check_password_hash", overtaken)
    assert not logs_in(app, PASSWORD)
    assert len(owner.get("/auth/tokens").json["data"]) == 1


def test_a_user_of_teams_needs_no_team_for_the_account(team_app):
    loner = ApiClient(team_app, create_user(team_app, email=EMAIL))
    create_team(team_app, create_user(team_app))
    assert loner.get("/auth/tokens").status_code == 200
    assert change(loner).status_code == 204
