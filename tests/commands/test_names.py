"""Control characters in names: refused where they come in, escaped where older ones go out."""

import pytest

from crm.access.names import escape_controls, has_control
from crm.extensions import db
from crm.models import Label, Team, User
from tests.commands.conftest import EMAIL
from tests.support.client import ApiClient
from tests.support.factories import PASSWORD, create_lookup, create_token

FORGED = "laptop\n99\tforged\t2020-01-01\tnever"
BAD = [FORGED, "a\x1b[2Jb", "a\x7fb", "a\x9bb", "a\u2028b", "a\u2029b", "a\u202eb", "a\u2066b", "a\rb", "a\x85b"]
GOOD = ["Jané's laptop", "שלום", "日本語", "family 👨‍👩‍👧", "a\u200eb", "soft\u00adhyphen"]


def count(app, model):
    with app.app_context():
        return db.session.query(model).count()


@pytest.mark.parametrize("name", BAD)
def test_a_device_name_with_a_control_character_is_refused(app, jane, name):
    api = ApiClient(app)
    answer = api.post("/auth/token", {"email": EMAIL, "password": PASSWORD, "device_name": name})
    assert api.errors(answer) == {"device_name": ["The device_name field must be a string."]}


@pytest.mark.parametrize("name", GOOD)
def test_any_other_text_is_a_device_name(app, shell, jane, name):
    answer = ApiClient(app).post("/auth/token", {"email": EMAIL, "password": PASSWORD, "device_name": name})
    assert answer.status_code == 201
    assert f"\t{name}\t" in shell.done("tokens", EMAIL)


@pytest.mark.parametrize("name", BAD)
def test_names_of_users_and_teams_and_tokens_are_refused(app, shell, jane, name):
    before = count(app, User)
    for command in (
        ["create-user", "new@example.com", "--name", name, "--password", PASSWORD],
        ["update-user", EMAIL, "--name", name],
        ["api-token", EMAIL, "--name", name],
        ["create-team", name, "--owner", EMAIL],
    ):
        line = shell.refused(*command)
        assert "control character" in line
        assert line.count("\n") == 1
    assert (count(app, User), count(app, Team)) == (before, 0)
    assert len(shell.done("tokens", EMAIL).splitlines()) == 1


@pytest.mark.parametrize("name", BAD)
def test_an_email_holds_none_and_an_unknown_one_is_told_in_one_line(app, shell, jane, name):
    email = f'"{name}"@example.com'
    before = count(app, User)
    line = shell.refused("create-user", email, "--name", "New", "--password", PASSWORD)
    assert "is no e-mail address" in line
    assert not has_control(line.rstrip("\n"))
    assert count(app, User) == before
    for command in (["update-user", email, "--name", "New"], ["api-token", email], ["add-member", "1", email]):
        line = shell.refused(*command)
        assert escape_controls(email) in line
        assert not has_control(line.rstrip("\n"))


def test_bytes_that_are_no_text_are_refused(shell, jane):
    assert "control character" in shell.refused("update-user", EMAIL, "--name", "caf\udce9")


@pytest.mark.parametrize("name", BAD)
def test_what_is_stored_already_forges_no_row(app, shell, jane, name):
    create_token(app, jane, name)
    _, row = shell.done("tokens", EMAIL).split("\n", 1)
    assert row.splitlines() == [row[:-1]]
    assert row.count("\t") == 3
    assert not has_control(row.rstrip("\n").replace("\t", ""))


def test_what_is_escaped_can_be_read():
    assert escape_controls("a\n\x1b[2J\u2028é") == r"a\n\x1b[2J\u2028é"


def test_lookups_are_listed_with_their_names_escaped(app, shell):
    create_lookup(app, Label, name="Blue\nforged")
    assert r"Blue\nforged" in shell.done("lookups")
