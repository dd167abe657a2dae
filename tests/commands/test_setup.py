"""`flask crm setup`: the first user, and who may read the password and the token (contract, section 9)."""

import os
import pty
import re
import subprocess
import sys

import pytest

from crm import create_app
from crm.extensions import db
from tests.support.client import ApiClient, CommandLine
from tests.support.databases import SECRET_KEY, empty_database
from tests.support.server import ROOT, own_environ
from tests.support.stores import STORES

EMAIL = "owner@example.com"
CHOSEN = "chosen by the operator"
TOKEN = re.compile(r"\d+\|[\w.-]{40,}")


@pytest.fixture(params=STORES)
def new_url(request):
    """The URL of a database without a table."""
    return empty_database(request.param)


@pytest.fixture
def make_new(new_url, tmp_path):
    """Make an application on it, with more settings."""
    made = []

    def make(**settings):
        environ = {"DATABASE_URL": new_url, "SECRET_KEY": SECRET_KEY, **settings}
        made.append(create_app({f"CRM_{name}": value for name, value in environ.items()}, str(tmp_path)))
        return made[-1]

    yield make
    for app in made:
        with app.app_context():
            db.session.remove()
            db.engine.dispose()


def set_up(app):
    result = CommandLine(app).run("setup")
    assert result.exit_code == 0, result.output
    return result.stdout


def on_a_terminal(url, **environ):
    """Run the command on a terminal of its own, and return what it prints."""
    settings = {"CRM_DATABASE_URL": url, "CRM_SECRET_KEY": SECRET_KEY, **environ}
    ours, its = pty.openpty()
    command = [sys.executable, "-m", "flask", "--app", "wsgi", "crm", "setup"]
    with subprocess.Popen(command, cwd=ROOT, env=own_environ(settings), stdout=its, stderr=subprocess.PIPE) as process:
        os.close(its)
        printed = b"".join(iter(lambda: read(ours), b""))
        assert process.wait(60) == 0, process.stderr.read()
    os.close(ours)
    return printed.decode().replace("\r\n", "\n")


def read(terminal):
    """Return what there is to read, nothing once the other end is closed."""
    try:
        return os.read(terminal, 65536)
    except OSError:
        return b""


def login(app, password):
    return ApiClient(app).post("/auth/token", {"email": EMAIL, "password": password})


def test_a_log_gets_neither_password_nor_token_but_the_way_in(make_new):
    app = make_new()
    printed = set_up(app)
    assert not TOKEN.search(printed)
    assert "password  " not in printed.replace("--password  ", "")
    assert f"crm update-user {EMAIL} --password" in printed
    assert f"crm api-token {EMAIL}" in printed
    shell = CommandLine(app)
    assert len(shell.done("tokens", EMAIL).splitlines()) == 1

    shell.done("update-user", EMAIL, "--password", input=f"{CHOSEN}\n{CHOSEN}\n")
    assert login(app, CHOSEN).status_code == 201
    token = shell.done("api-token", EMAIL).strip()
    assert ApiClient(app, Authorization=f"Bearer {token}").get("/leads").status_code == 200


@pytest.mark.parametrize(("started", "named"), [(".venv/bin/flask", ".venv/bin/flask"), ("/x/pytest", "flask")])
def test_the_way_in_is_by_the_flask_that_ran(make_new, monkeypatch, started, named):
    monkeypatch.setattr(sys, "argv", [started, "--app", "wsgi", "crm", "setup"])
    assert f"  {named} --app wsgi crm api-token {EMAIL}" in set_up(make_new())


def test_the_first_password_may_be_chosen(make_new):
    app = make_new(FIRST_PASSWORD=CHOSEN)
    printed = set_up(app)
    assert CHOSEN not in printed
    assert not TOKEN.search(printed)
    assert login(app, CHOSEN).status_code == 201


def test_it_counts_for_the_first_user_alone(make_new):
    set_up(make_new(FIRST_PASSWORD=CHOSEN))
    app = make_new(FIRST_PASSWORD="another password")
    assert set_up(app) == ""
    assert login(app, CHOSEN).status_code == 201


def test_a_terminal_is_shown_password_and_token(make_new, new_url):
    printed = on_a_terminal(new_url, GUNICORN_CMD_ARGS="--bind 127.0.0.1:8123")
    app = make_new()
    assert login(app, re.search(r"password  (\S+)\n", printed)[1]).status_code == 201
    token = re.search(rf"token     ({TOKEN.pattern})\n", printed)[1]
    assert ApiClient(app, Authorization=f"Bearer {token}").get("/leads").status_code == 200
    assert "http://127.0.0.1:8123/crm/api/v2/leads" in printed
    assert "8000" not in printed


def test_in_teams_mode_the_first_user_has_a_team(make_new):
    app = make_new(TEAMS="true", FIRST_PASSWORD=CHOSEN)
    set_up(app)
    api = ApiClient(app, Authorization=f"Bearer {login(app, CHOSEN).json['token']}")
    assert api.get("/leads").status_code == 200
