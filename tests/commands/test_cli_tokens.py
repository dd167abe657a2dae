"""Tokens with abilities and an end at the command line, and passwords and users that go (beyond, section 20)."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select

from crm.access.abilities import ABILITIES
from crm.extensions import db
from crm.models import Membership, Token
from tests.commands.conftest import EMAIL
from tests.support.client import ApiClient, CommandLine
from tests.support.factories import PASSWORD, add_member, alter, create_team, create_token, create_user

NEW = "a second long password"


def client_of(app, token):
    return ApiClient(app, Authorization=f"Bearer {token.strip()}")


def count(app, model):
    with app.app_context():
        return db.session.scalar(select(func.count()).select_from(model))


def logs_in(app, email, password):
    return ApiClient(app).post("/auth/token", {"email": email, "password": password}).status_code == 201


# Tokens


def test_api_token_takes_abilities_and_days(app, shell, jane):
    options = ["--ability", "leads:view", "--ability", "changes:view", "--ability", "leads:view", "--expires", "30"]
    shown = client_of(app, shell.done("api-token", EMAIL, "--name", "Sync", *options)).get("/auth/me").json["token"]
    assert (shown["name"], shown["abilities"]) == ("Sync", ["leads:view", "changes:view"])
    left = datetime.fromisoformat(shown["expires_at"]) - datetime.now(UTC)
    assert timedelta(days=29, hours=23) < left <= timedelta(days=30)


def test_without_options_a_token_has_all_abilities_and_no_end(app, shell, jane):
    shown = client_of(app, shell.done("api-token", EMAIL)).get("/auth/me").json["token"]
    assert (shown["abilities"], shown["expires_at"]) == (["*"], None)


@pytest.mark.parametrize("ability", ABILITIES)
def test_every_ability_can_be_given(app, shell, jane, ability):
    token = shell.done("api-token", EMAIL, "--ability", ability)
    assert client_of(app, token).get("/auth/me").json["token"]["abilities"] == [ability]


@pytest.mark.parametrize(
    "options",
    [["--ability", "leads:fly"], ["--ability", ""], ["--expires", "0"], ["--expires", "-1"], ["--expires", "36501"]],
)
def test_an_unknown_ability_or_a_past_end_is_refused(app, shell, jane, options):
    result = shell.run("api-token", EMAIL, *options)
    assert (result.exit_code, result.stdout) == (2, "")
    assert count(app, Token) == 0


def test_revoke_tokens_ends_all_of_a_user(app, shell, jane):
    clients = [ApiClient(app, jane) for _ in range(2)]
    stranger = ApiClient(app, create_user(app))
    assert shell.done("revoke-tokens", EMAIL.upper()) == f"2 tokens of {EMAIL} revoked.\n"
    assert [client.get("/auth/me").status_code for client in (*clients, stranger)] == [401, 401, 200]
    assert shell.done("revoke-tokens", EMAIL) == f"0 tokens of {EMAIL} revoked.\n"
    assert "nobody@example.com" in shell.refused("revoke-tokens", "nobody@example.com")


def test_prune_removes_tokens_that_expired_a_month_ago(app, shell, jane):
    past, recent, future = (int(create_token(app, jane).partition("|")[0]) for _ in range(3))
    create_token(app, jane)  # without an end
    for token, days in ((past, -31), (recent, -29), (future, 1)):
        alter(app, Token, token, expires_at=datetime.now(UTC) + timedelta(days=days))
    assert "Would remove 1 expired token older than 30 days.\n" in shell.done("prune", "--dry-run")
    assert count(app, Token) == 4
    assert "Removed 1 expired token older than 30 days.\n" in shell.done("prune")
    assert count(app, Token) == 3
    with app.app_context():
        assert db.session.get(Token, past) is None


# Passwords


@pytest.mark.parametrize(("options", "status"), [([], 401), (["--keep-tokens"], 200)])
def test_a_new_password_ends_all_tokens_unless_they_are_kept(app, shell, jane, options, status):
    client, stranger = ApiClient(app, jane), ApiClient(app, create_user(app))
    shell.done("update-user", EMAIL, "--password", NEW, *options)
    assert (client.get("/auth/me").status_code, stranger.get("/auth/me").status_code) == (status, 200)
    assert logs_in(app, EMAIL, NEW)


def test_any_other_change_ends_no_token(app, shell, jane):
    client = ApiClient(app, jane)
    shell.done("update-user", EMAIL, "--name", "New", "--role", "Viewer")
    assert client.get("/auth/me").status_code == 200


@pytest.mark.parametrize("command", [["create-user", "new@example.com", "--name", "New"], ["update-user", EMAIL]])
def test_a_password_is_not_the_address(app, shell, jane, command):
    client = ApiClient(app, jane)
    assert "e-mail address" in shell.refused(*command, "--password", command[1].upper())
    assert client.get("/auth/me").status_code == 200
    assert logs_in(app, EMAIL, PASSWORD)


# Users


def test_users_are_listed_with_role_and_access(app, shell, jane):
    create_user(app, "Viewer", email="gone@example.com", name="Bob\nforged", crm_access=False)
    lines = [line.split("\t") for line in shell.done("users").splitlines()]
    assert lines[0] == ["id", "email", "name", "role", "access", "teams"]
    assert [line[1:] for line in lines[1:]] == [
        [EMAIL, "Jane Doe", "Employee", "yes", ""],
        ["gone@example.com", r"Bob\nforged", "Viewer", "no", ""],
    ]
    assert lines[1][0] == str(jane)


def test_users_are_listed_with_their_roles_in_teams(team_app):
    user = create_user(team_app, "Viewer", email=EMAIL)
    first, second = create_team(team_app, user), create_team(team_app, create_user(team_app))
    add_member(team_app, second, user, "Manager")
    line = next(line for line in CommandLine(team_app).done("users").splitlines() if EMAIL in line)
    assert line.split("\t")[-1] == f"{first}: Owner, {second}: Manager"


def test_a_deleted_user_has_no_access_and_no_token_and_keeps_the_records(app, api, shell, jane):
    client = ApiClient(app, jane)
    lead = client.create("leads", user_owner_id=jane)
    shown = api.get(f"/leads/{lead['id']}").json["data"]
    assert shown["owner"] == {"id": jane, "name": "Jane Doe", "email": EMAIL}
    printed = shell.done("delete-user", EMAIL.upper())
    assert printed == f"User {jane} deleted: {EMAIL}.\n"
    assert client.get("/auth/me").status_code == 401
    assert not logs_in(app, EMAIL, PASSWORD)
    assert api.get(f"/leads/{lead['id']}").json["data"] == shown
    assert EMAIL not in shell.done("users")
    assert jane not in [user["id"] for user in api.get("/users").json["data"]]
    assert api.post("/leads", {"title": "x", "user_owner_id": jane}).status_code == 422
    for command in (["delete-user"], ["api-token"], ["tokens"], ["update-user", "--crm-access"]):
        assert EMAIL in shell.refused(command[0], EMAIL, *command[1:])


def test_the_address_of_a_deleted_user_may_be_used_again(app, shell, jane):
    for password in (PASSWORD, NEW):
        shell.done("delete-user", EMAIL)
        shell.done("create-user", EMAIL, "--name", "Another", "--password", password)
        assert "in use" in shell.refused("create-user", EMAIL, "--name", "X", "--password", PASSWORD)
        assert logs_in(app, EMAIL, password)
    assert not logs_in(app, EMAIL, PASSWORD)


def test_a_deleted_user_is_in_no_team(team_app):
    user = create_user(team_app, email=EMAIL)
    create_team(team_app, user)
    CommandLine(team_app).done("delete-user", EMAIL)
    assert count(team_app, Membership) == 0


# Members


def test_who_is_taken_out_of_a_team_sees_nothing_of_it(team_app):
    owner, member = create_user(team_app), create_user(team_app, email=EMAIL)
    team = create_team(team_app, owner)
    add_member(team_app, team, member)
    client = ApiClient(team_app, member)
    shown = client.create("leads", user_owner_id=member)
    shell = CommandLine(team_app)
    assert shell.done("remove-member", team, EMAIL.upper()) == f"{EMAIL.upper()} is no member of team {team}.\n"
    answer = client.get("/leads")
    assert (answer.status_code, answer.json) == (403, {"message": "You do not belong to a team."})
    assert client.get("/auth/me").json["team"] is None
    assert ApiClient(team_app, owner).get(f"/leads/{shown['id']}").json["data"]["owner"]["email"] == EMAIL
    assert str(team) in shell.refused("remove-member", team, EMAIL)


@pytest.mark.parametrize("goes", ["current", "other"])
def test_a_current_team_that_goes_gives_way_to_another(team_app, goes):
    user = create_user(team_app, email=EMAIL)
    first, second, third = (create_team(team_app, create_user(team_app)) for _ in range(3))
    for team in (third, second, first):
        add_member(team_app, team, user)  # so the third is the current one
    CommandLine(team_app).done("remove-member", {"current": third, "other": second}[goes], EMAIL)
    shown = ApiClient(team_app, user).get("/auth/me").json
    assert shown["team"]["id"] == {"current": first, "other": third}[goes]
    assert len(shown["teams"]) == 2


def test_remove_member_names_what_is_unknown(team_app):
    create_user(team_app, email=EMAIL)
    shell = CommandLine(team_app)
    assert "987654" in shell.refused("remove-member", 987654, EMAIL)
    assert "nobody@example.com" in shell.refused("remove-member", 1, "nobody@example.com")
