"""`flask crm doctor`: finds what needs doing, says what to do, and finds nothing where all is well (21)."""

from datetime import timedelta

import pytest

from crm.commands import doctor as of_command
from crm.database.migrations import known_revisions
from crm.extensions import db
from crm.models.types import now
from crm.operate import deliveries
from crm.operate.deliveries import Deliveries
from tests.support.client import CommandLine
from tests.support.factories import create_team, create_user
from tests.support.stores import ON_POSTGRESQL

CHECKED = "settings database migrations look-ups counters deliveries limits clock".split()  # noqa: SIM905


def run(app, code):
    """Run it and return its lines by the name of the check, each without it."""
    result = CommandLine(app).run("doctor")
    assert (result.exit_code, result.stderr) == (code, ""), (result.output, result.exc_info)
    return {line[6:18].strip(): (line[:6].strip(), line[18:]) for line in result.stdout.splitlines()}


def found(app, name):
    """Return what it says of the one thing that needs doing."""
    lines = run(app, 1)
    assert [check for check, (word, _) in lines.items() if word == "to do"] == [name]
    return lines[name][1]


def write(app, statement):
    with app.app_context(), db.engine.begin() as connection:
        connection.execute(db.text(statement))


def test_nothing_needs_doing(api):
    api.create("leads")
    lines = run(api.app, 0)
    assert list(lines) == CHECKED
    assert {word for word, _ in lines.values()} == {"ok"}
    assert lines["limits"][1] == "memory://"


def test_teams_that_are_off_where_there_are_some(app):
    create_team(app, create_user(app))
    assert "CRM_TEAMS=true" in found(app, "settings")


def test_a_table_that_is_gone_hides_nothing_else(app):
    write(app, "ALTER TABLE webhooks RENAME TO gone")
    try:
        assert "no such table" in (said := found(app, "deliveries")) or "does not exist" in said
    finally:
        write(app, "ALTER TABLE gone RENAME TO webhooks")


@pytest.mark.parametrize(("revision", "remedy"), [(known_revisions()[0], "db upgrade"), ("9999", "newer code")])
def test_another_migration(app, revision, remedy):
    write(app, f"UPDATE alembic_version SET version_num = '{revision}'")
    try:
        assert remedy in found(app, "migrations")
    finally:
        write(app, f"UPDATE alembic_version SET version_num = '{known_revisions()[-1]}'")


def test_missing_lookups_are_counted_and_not_added(serve, database):
    app = serve(database)
    write(app, "DELETE FROM industries WHERE name IN ('Retail', 'Other')")
    assert found(app, "look-ups") == found(app, "look-ups") == "2 missing Run `flask --app wsgi crm seed`."
    assert CommandLine(app).done("seed") == "2 look-up rows added.\n"
    run(app, 0)


def test_wrong_counters_are_counted_and_not_mended(api):
    api.create("leads")
    write(api.app, "UPDATE counters SET live_records = 99 WHERE resource = 'leads'")
    assert found(api.app, "counters") == found(api.app, "counters") == "1 wrong Run `flask --app wsgi crm recount`."
    CommandLine(api.app).done("recount")
    run(api.app, 0)


def test_late_deliveries(app):
    own = app.extensions["crm_deliveries"]
    try:
        deliveries.init_app(app, Deliveries(lambda: 61, dict))
        assert found(app, "deliveries").startswith("due for 61 seconds See that")
    finally:
        deliveries.init_app(app, own)


def test_limits_that_are_away_without_their_password(make_app):
    app = make_app(RATELIMIT_STORAGE_URL="redis://:secret@127.0.0.1:1/0")
    assert found(app, "limits").startswith("redis://127.0.0.1:1/0 It does not answer")


@ON_POSTGRESQL
def test_a_clock_that_is_wrong(app, monkeypatch):
    monkeypatch.setattr(of_command, "now", lambda: now() - timedelta(seconds=30))
    assert "NTP" in found(app, "clock")


@ON_POSTGRESQL
def test_a_database_that_is_away(make_app):
    app = make_app(DATABASE_URL="postgresql://nobody:secret@127.0.0.1:1/nothing")
    said = found(app, "database")
    assert "CRM_DATABASE_URL" in said
    assert "secret" not in said
