"""A start: what it says, and that it ends where the database does not fit the code or the settings (contract, 4, 9)."""

import contextlib
import subprocess
import sys

import click
import pytest
from sqlalchemy import make_url

from crm import create_app
from crm.commands.group import crm
from crm.database.migrations import known_revisions
from crm.extensions import db
from crm.operate.start import VERSION, require_check, start
from crm.operate.urls import without_secrets
from tests.support.client import ApiClient, CommandLine
from tests.support.databases import SECRET_KEY
from tests.support.factories import create_team, create_user
from tests.support.relay import relay_to
from tests.support.server import ROOT, own_environ
from tests.support.stores import ON_POSTGRESQL

FIRST, HEAD = known_revisions()[0], known_revisions()[-1]
NEWER = "9999"
MENDED_BY = {FIRST: "flask --app wsgi db upgrade", NEWER: "newer code"}


@pytest.fixture
def environ(app, database_url):
    """The settings of a server on the test's database."""
    return {"CRM_DATABASE_URL": database_url, "CRM_SECRET_KEY": app.config["SECRET_KEY"]}


@contextlib.contextmanager
def migrated_to(app, revision):
    """Within the block, the database says that it is at another migration."""

    def note(number):
        with app.app_context(), db.engine.begin() as connection:
            connection.execute(db.text("UPDATE alembic_version SET version_num = :number"), {"number": number})

    note(revision)
    try:
        yield
    finally:
        note(HEAD)


def failed_start(environ):
    """Start gunicorn, which ends by itself, and return what it wrote to stderr."""
    command = [sys.executable, "-m", "gunicorn", "--bind", "127.0.0.1:0", "wsgi:app"]
    done = subprocess.run(
        command, cwd=ROOT, env=own_environ(environ), capture_output=True, text=True, timeout=60, check=False
    )
    assert (done.returncode, done.stdout) == (1, "")
    return done.stderr


def arguments_of(command):
    """Return arguments that a command's parser takes, enough to run it."""
    given = []
    for parameter in command.params:
        if parameter.required:
            value = value_for(parameter.type)
            given += [parameter.opts[0], value] if isinstance(parameter, click.Option) else [value]
    return given


def value_for(kind):
    """Return a text that a kind of parameter takes."""
    if isinstance(kind, click.Choice):
        return kind.choices[0]
    if isinstance(kind, click.DateTime):
        return "2026-01-01"
    return __file__ if isinstance(kind, click.Path) and kind.exists else "1"


COMMANDS = {name: [name, *arguments_of(command)] for name, command in crm.commands.items()}


def refused(app, names):
    """Return what each of the commands, which are not few, says as it is refused."""
    assert len(names) > 5
    shell = CommandLine(app)
    return {name: shell.refused(*COMMANDS[name]) for name in sorted(names)}


# The migration


@pytest.mark.usefixtures("serving")
@pytest.mark.parametrize("revision", MENDED_BY)
def test_a_server_on_another_migration_ends_with_one_line_that_mends_it(app, environ, revision):
    with migrated_to(app, revision):
        line = failed_start(environ)
    assert line.count("\n") == 1
    assert revision in line
    assert MENDED_BY[revision] in line


@pytest.mark.parametrize("revision", MENDED_BY)
def test_commands_on_another_migration_end_with_one_line_that_mends_it(app, revision):
    with migrated_to(app, revision):
        lines = refused(app, COMMANDS.keys() - {"setup", "doctor", "backup", "openapi"})
    for line in lines.values():
        assert line.count("\n") == 1
        assert MENDED_BY[revision] in line


@pytest.mark.parametrize("revision", MENDED_BY)
def test_what_needs_no_migration_works_on_any(app, revision):
    runner = app.test_cli_runner()
    with migrated_to(app, revision):
        assert runner.invoke(args=["crm", "openapi"]).exit_code == 0
        assert runner.invoke(args=["db", "history"]).exit_code == 0
        for name in COMMANDS:
            assert runner.invoke(args=["crm", name, "--help"]).exit_code == 0


def test_setup_does_not_touch_a_database_of_newer_code(app):
    with migrated_to(app, NEWER):
        assert MENDED_BY[NEWER] in CommandLine(app).refused("setup")


@pytest.mark.usefixtures("serving")
def test_a_new_database_is_not_served_but_told_how_to_set_it_up(tmp_path):
    environ = {"CRM_DATABASE_URL": f"sqlite:///{tmp_path / 'new.sqlite3'}", "CRM_SECRET_KEY": SECRET_KEY}
    line = failed_start(environ)
    assert line.count("\n") == 1
    assert "flask --app wsgi crm setup" in line


def test_a_command_without_its_environment_names_the_database_that_it_found_instead(tmp_path):
    app = create_app({}, str(tmp_path))
    line = CommandLine(app).refused("api-token", "jane@example.com")
    assert f"sqlite:///{tmp_path}/crm.sqlite3" in line
    assert "CRM_DATABASE_URL" in line
    with app.app_context():
        db.engine.dispose()


# Teams


@pytest.mark.usefixtures("serving")
def test_a_server_without_teams_on_a_database_that_holds_one_ends_with_one_line(app, environ):
    create_team(app, create_user(app))
    line = failed_start(environ)
    assert line.count("\n") == 1
    assert "CRM_TEAMS=true" in line


def test_no_command_without_teams_works_on_a_database_that_holds_one(app):
    create_team(app, create_user(app))
    for line in refused(app, COMMANDS.keys() - {"doctor"}).values():
        assert line.count("\n") == 1
        assert "CRM_TEAMS=true" in line


def test_migrations_go_on_whatever_teams_there_are(app):
    create_team(app, create_user(app))
    assert app.test_cli_runner().invoke(args=["db", "upgrade"]).exit_code == 0


def test_with_teams_both_work(app, team_app, environ, serving):
    create_team(app, create_user(app))
    assert "labels" in CommandLine(team_app).done("lookups")
    with serving({**environ, "CRM_TEAMS": "true"}) as server:
        assert server.request("GET", "/leads").status == 401


def test_the_first_team_is_made_before_teams_are_on(app):
    create_user(app, email="jane@example.com")
    assert CommandLine(app).done("create-team", "Sales", "--owner", "jane@example.com").strip().isdigit()


# The line


def test_a_server_says_what_it_works_with(environ, database_url, serving):
    settings = {**environ, "CRM_TRUSTED_PROXIES": "1", "CRM_TEAMS": "true"}
    with serving(settings) as server:
        line, *others = [line["message"] for line in server.log()]
    assert line == (
        f"CRM {VERSION}: database {without_secrets(database_url)}, migration {HEAD}, limits in memory://,"
        " teams on, 1 trusted proxy"
    )
    assert not [other for other in others if other.startswith("CRM ")]


@pytest.mark.parametrize("command", [["db", "upgrade"], ["crm", "setup"]])
def test_what_prepares_a_database_says_which(app, capfd, command):
    create_user(app)
    result = app.test_cli_runner().invoke(args=command)
    assert result.exit_code == 0
    lines = [line for line in result.stderr.splitlines() if line.startswith(f"CRM {VERSION}: database ")]
    assert len(lines) == 1
    assert f"migration {HEAD}, limits in memory://, teams off, 0 trusted proxies" in lines[0]


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("postgresql://crm:secret@db:5432/crm", "postgresql://crm@db:5432/crm"),
        ("postgresql://crm:s%40cret@db/crm?password=secret&host=/run/pg", "postgresql://crm@db/crm?host=/run/pg"),
        ("redis://:secret@redis:6379/0?password=secret", "redis://redis:6379/0"),
        ("rediss://user:secret@[::1]:6379/0", "rediss://user@[::1]:6379/0"),
        ("sqlite:////srv/crm.sqlite3", "sqlite:////srv/crm.sqlite3"),
        ("memory://", "memory://"),
    ],
)
def test_no_password_is_shown(url, shown):
    assert without_secrets(url) == shown


# A database that is away


@pytest.fixture
def relay(database_url):
    url = make_url(database_url)
    with relay_to(url.host, url.port or 5432) as relay:
        yield relay


def through(relay, url):
    return make_url(url).set(host="127.0.0.1", port=relay.port).render_as_string(hide_password=False)


@ON_POSTGRESQL
def test_a_database_that_is_away_does_not_stop_the_start(app, environ, relay, database_url, serving):
    relay.close_way()
    with serving({**environ, "CRM_DATABASE_URL": through(relay, database_url)}) as server:
        assert f"migration unknown (the database is away; this code: {HEAD})" in server.log()[0]["message"]
        for path in ("/leads", "/auth/me", "/openapi.json"):
            answer = server.request("GET", path)
            assert answer.status == 503
            assert int(answer.headers["Retry-After"]) >= 1
        relay.open_way()
        assert server.request("GET", "/openapi.json").status == 200
        assert server.request("GET", "/leads").status == 401


@ON_POSTGRESQL
@pytest.mark.parametrize("fault", [*MENDED_BY, "teams"])
def test_what_the_start_could_not_check_is_checked_at_first_contact(make_app, relay, database_url, caplog, fault):
    app = make_app(DATABASE_URL=through(relay, database_url))
    user = create_user(app)
    api = ApiClient(app, user)
    with app.app_context():
        db.engine.dispose()
    relay.close_way()
    start(app)
    assert api.get("/leads").status_code == 503
    relay.open_way()

    with unfit(app, user, fault):
        for answer in (api.get("/leads"), api.post("/leads", {"title": "x"}), ApiClient(app).get("/openapi.json")):
            assert answer.status_code == 503
            assert answer.json["message"] == "The service is temporarily unavailable. Please try again shortly."
            assert int(answer.headers["Retry-After"]) >= 1
        assert api.get("/no-such-path").status_code == 404
        assert MENDED_BY.get(fault, "CRM_TEAMS=true") in caplog.text
    assert api.get("/leads").status_code == 200


@contextlib.contextmanager
def unfit(app, user, fault):
    """Within the block the database is not one that may be served."""
    if fault != "teams":
        with migrated_to(app, fault):
            yield
        return
    team = create_team(app, user)
    yield
    with app.app_context(), db.engine.begin() as connection:
        connection.execute(db.text("UPDATE users SET current_team_id = NULL"))
        connection.execute(db.text("DELETE FROM memberships"))
        connection.execute(db.text("DELETE FROM teams WHERE id = :id"), {"id": team})


@pytest.mark.parametrize("revision", MENDED_BY)
def test_an_application_that_is_served_by_another_server_checks_at_first_contact(make_app, revision):
    app = make_app(DEFAULT_CURRENCY="CAD")
    api = ApiClient(app, create_user(app))
    require_check(app)
    with migrated_to(app, revision):
        assert api.get("/leads").status_code == 503
    assert api.get("/leads").status_code == 200


@ON_POSTGRESQL
def test_a_command_says_in_one_line_that_the_database_is_away(tmp_path, make_app):
    shell = CommandLine(make_app(DATABASE_URL="postgresql://nobody:secret@127.0.0.1:1/nothing"))
    line = shell.refused("tokens", "jane@example.com")
    assert line.count("\n") == 1
    assert "CRM_DATABASE_URL" in line
    assert "secret" not in line
    assert shell.done("openapi").startswith("{")


def test_importing_the_application_asks_nothing_of_a_database(tmp_path):
    file = tmp_path / "crm.sqlite3"
    environ = {"CRM_DATABASE_URL": f"sqlite:///{file}", "CRM_SECRET_KEY": SECRET_KEY}
    subprocess.run([sys.executable, "-c", "import wsgi"], cwd=ROOT, env=own_environ(environ), check=True)
    assert not file.exists()


def test_a_start_holds_no_connection_that_workers_would_share(app):
    with app.app_context():
        start(app)
        assert db.engine.pool.checkedin() == db.engine.pool.checkedout() == 0
