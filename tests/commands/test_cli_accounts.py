"""Users and teams as an operator keeps them at the command line (contract, section 9)."""

import pytest
from sqlalchemy import select
from werkzeug.security import check_password_hash, generate_password_hash

from crm.access import accounts, credentials
from crm.extensions import db
from crm.models import User
from tests.commands.conftest import EMAIL
from tests.support.client import ApiClient, CommandLine
from tests.support.factories import PASSWORD, create_team, create_user, sample


def user_row(app, email=EMAIL):
    with app.app_context():
        return db.session.scalars(select(User).filter_by(email=email)).one()


def logs_in(app, email, password):
    return ApiClient(app).post("/auth/token", {"email": email, "password": password}).status_code == 201


# Users


def test_a_new_user_is_an_employee_with_crm_access(app, shell):
    shell.done("create-user", "Jane@Example.com", "--name", "Jane Doe", "--password", "a first secret")
    user = user_row(app)
    assert (user.name, user.role, user.crm_access) == ("Jane Doe", "Employee", True)
    assert logs_in(app, "JANE@example.com", "a first secret")


@pytest.mark.parametrize("role", ["Owner", "Admin", "Manager", "Employee", "Viewer"])
def test_a_new_user_may_have_any_role(app, shell, role):
    shell.done("create-user", EMAIL, "--name", "Jane", "--password", PASSWORD, "--role", role)
    assert user_row(app).role == role


def test_a_new_user_may_have_no_crm_access(app, shell):
    shell.done("create-user", EMAIL, "--name", "Jane", "--password", PASSWORD, "--no-crm-access")
    assert not logs_in(app, EMAIL, PASSWORD)


def test_a_password_that_is_not_given_is_asked_for_unseen(app, shell):
    printed = shell.done("create-user", EMAIL, "--name", "Jane", input="a second secret\na second secret\n")
    assert "a second secret" not in printed
    assert logs_in(app, EMAIL, "a second secret")


@pytest.mark.parametrize(
    ("options", "lines"),
    [
        (["--password"], "given secret\ngiven secret\n"),
        (["--password", "given secret"], ""),
        (["--password-stdin"], "given secret\n"),
        (["--password-stdin"], "given secret\r\nno more\n"),
        (["--password-stdin"], "given secret"),
    ],
)
@pytest.mark.parametrize("command", [["create-user", "new@example.com", "--name", "New"], ["update-user", EMAIL]])
def test_a_password_is_asked_for_given_or_read(app, shell, jane, command, options, lines):
    printed = shell.done(*command, *options, input=lines)
    assert "given secret" not in printed
    assert logs_in(app, command[1], "given secret")


@pytest.mark.parametrize("command", [["create-user", "new@example.com", "--name", "New"], ["update-user", EMAIL]])
@pytest.mark.parametrize(
    ("options", "lines"),
    [
        (["--password-stdin"], ""),
        (["--password-stdin"], "\n"),
        (["--password", ""], ""),
        (["--password-stdin", "--password", "x"], "x\n"),
    ],
)
def test_an_empty_password_and_two_are_refused(app, shell, jane, command, options, lines):
    result = shell.run(*command, *options, input=lines)
    assert (result.exit_code, result.stdout) == (2, "")
    assert "password" in result.stderr
    assert logs_in(app, EMAIL, PASSWORD)
    assert not logs_in(app, "new@example.com", "x")


@pytest.mark.parametrize("command", [["create-user", "new@example.com", "--name", "New"], ["update-user", EMAIL]])
@pytest.mark.parametrize("password", ["eleven char", "x" * 1001])
def test_a_password_has_the_length_that_the_first_one_has(app, shell, jane, command, password):
    assert "12 to 1000 characters" in shell.refused(*command, "--password", password)
    assert logs_in(app, EMAIL, PASSWORD)
    assert not logs_in(app, command[1], password)


@pytest.mark.parametrize("email", ["jane", "jane@", "@example.com", "", "jane doe@example.com", "jane@example"])
def test_a_new_user_has_an_address_that_a_login_takes(app, shell, email):
    assert "e-mail address" in shell.refused("create-user", email, "--name", "Jane", "--password", PASSWORD)
    answer = ApiClient(app).post("/auth/token", {"email": email, "password": PASSWORD})
    assert answer.json["errors"]["email"] != ["The provided credentials are incorrect."]


def test_two_passwords_that_differ_are_asked_for_again(app, shell, jane):
    shell.done("update-user", EMAIL, "--password", input="one\nanother\na third secret\na third secret\n")
    assert logs_in(app, EMAIL, "a third secret")


def test_updating_without_a_password_asks_for_none(app, shell, jane):
    shell.done("update-user", EMAIL, "--role", "Viewer")
    assert logs_in(app, EMAIL, PASSWORD)


def test_an_email_in_use_is_an_error(app, shell, jane):
    assert "in use" in shell.refused("create-user", EMAIL.upper(), "--name", "Other", "--password", PASSWORD)
    assert user_row(app).name == "Jane Doe"


@pytest.mark.parametrize(
    ("options", "column", "value"),
    [
        (["--name", "New"], "name", "New"),
        (["--role", "Viewer"], "role", "Viewer"),
        (["--no-crm-access"], "crm_access", False),
        ([], "name", "Jane Doe"),
    ],
)
def test_updating_a_user_changes_what_is_given_alone(app, shell, jane, options, column, value):
    before = vars(user_row(app))
    shell.done("update-user", EMAIL.title(), *options)
    after = vars(user_row(app))
    changed = {name for name in before if before[name] != after[name]} - {"_sa_instance_state"}
    assert after[column] == value
    assert changed <= {column}


@pytest.mark.parametrize("command", [["create-user", "new@example.com", "--name", "New"], ["update-user", EMAIL]])
def test_a_password_is_stored_as_a_hash_that_costs_what_checking_nobodys_does(app, shell, jane, command, monkeypatch):
    monkeypatch.setattr(accounts, "generate_password_hash", generate_password_hash)
    shell.done(*command, "--password", "given secret")
    stored = user_row(app, command[1]).password_hash
    assert check_password_hash(stored, "given secret")
    assert stored.startswith("scrypt:32768:8:1$")
    assert stored.split("$")[0] == credentials._NOBODYS_HASH.split("$")[0]


def test_updating_a_password_ends_the_old_one(app, shell, jane):
    shell.done("update-user", EMAIL, "--password", "another secret")
    assert logs_in(app, EMAIL, "another secret")
    assert not logs_in(app, EMAIL, PASSWORD)


def test_crm_access_can_be_given_back(app, shell, jane):
    shell.done("update-user", EMAIL, "--no-crm-access")
    shell.done("update-user", EMAIL, "--crm-access")
    assert user_row(app).crm_access


@pytest.mark.parametrize("command", ["create-user", "update-user"])
def test_an_unknown_role_is_refused(app, shell, jane, command):
    result = shell.run(command, EMAIL, "--name", "New", "--password", PASSWORD, "--role", "King")
    assert (result.exit_code, result.stdout) == (2, "")
    assert user_row(app).role == "Employee"


@pytest.mark.parametrize(
    "args",
    [
        ("update-user", "nobody@example.com", "--name", "X"),
        ("create-team", "Team", "--owner", "nobody@example.com"),
        ("tokens", "nobody@example.com"),
    ],
)
def test_an_unknown_user_is_named_on_stderr(shell, args):
    assert "nobody@example.com" in shell.refused(*args)


# Teams


def test_create_team_prints_the_id_alone_and_makes_its_owner_an_owner(team_app):
    user = create_user(team_app, "Viewer", email=EMAIL)
    printed = CommandLine(team_app).done("create-team", "Team A", "--owner", EMAIL)
    assert printed.strip().isdigit()
    api = ApiClient(team_app, user, **{"X-Team-ID": printed.strip()})
    assert api.post("/organizations", sample("organizations")).status_code == 201


def test_only_adopt_gives_the_team_the_records_that_have_none(app, team_app, jane):
    ApiClient(app, jane).create("leads")
    api, shell = ApiClient(team_app, jane), CommandLine(team_app)
    shell.done("create-team", "Without", "--owner", EMAIL)
    assert api.get("/leads").json["data"] == []
    team_id = shell.done("create-team", "With", "--owner", EMAIL, "--adopt").strip()
    shell.done("create-team", "Too late", "--owner", EMAIL, "--adopt")
    assert len(api.get("/leads", headers={"X-Team-ID": team_id}).json["data"]) == 1


@pytest.mark.parametrize(("options", "status"), [([], 201), (["--role", "Viewer"], 403), (["--role", "Admin"], 201)])
def test_add_member_gives_a_role_in_the_team(team_app, options, status):
    team_id = create_team(team_app, create_user(team_app))
    member = create_user(team_app, "Viewer", email=EMAIL)
    CommandLine(team_app).done("add-member", team_id, EMAIL.upper(), *options)
    assert ApiClient(team_app, member).post("/leads", sample("leads")).status_code == status


def test_the_default_role_of_a_member_is_employee(team_app):
    team_id = create_team(team_app, create_user(team_app))
    create_user(team_app, email=EMAIL)
    assert "Employee" in CommandLine(team_app).done("add-member", team_id, EMAIL)


def test_add_member_again_changes_the_role(team_app):
    team_id = create_team(team_app, create_user(team_app))
    api = ApiClient(team_app, create_user(team_app, email=EMAIL))
    for role, status in (("Viewer", 403), ("Manager", 201)):
        CommandLine(team_app).done("add-member", team_id, EMAIL, "--role", role)
        assert api.post("/leads", sample("leads")).status_code == status


@pytest.mark.parametrize(("options", "is_current"), [([], False), (["--current"], True)])
def test_current_makes_a_later_team_the_current_one(app, team_app, jane, options, is_current):
    first, second = create_team(app, jane), create_team(app, create_user(app))
    CommandLine(team_app).done("add-member", second, EMAIL, *options)
    assert user_row(app).current_team_id == (second if is_current else first)


def test_add_member_names_what_is_unknown(team_app):
    jane, shell = create_user(team_app, email=EMAIL), CommandLine(team_app)
    assert "987654" in shell.refused("add-member", 987654, EMAIL)
    assert "nobody@example.com" in shell.refused("add-member", create_team(team_app, jane), "nobody@example.com")
