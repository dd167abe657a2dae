"""Row-level security of PostgreSQL: a statement that forgets the team finds nothing of other teams."""

from collections.abc import Iterator
from threading import Lock
from typing import Any

import psycopg
import pytest
from flask import Flask
from sqlalchemy import insert, make_url, text

from crm.access import acting
from crm.config import SettingError, load_settings
from crm.database.connections import see_every_team
from crm.database.query import Query
from crm.database.row_security import guarded
from crm.extensions import db
from crm.models import PrunedChanges
from crm.models.types import new_external_id
from crm.operate.metrics_server import DeliveriesCollector
from tests.conftest import MakeApp
from tests.support.agents import Agent
from tests.support.client import CommandLine, Teams, make_teams
from tests.support.databases import clean, guarded_database, seeded_database
from tests.support.factories import DETAILS
from tests.support.lookups import WRITTEN, create_row
from tests.support.personal import everywhere
from tests.support.stores import ON_POSTGRESQL
from tests.support.tools import CASES

OPEN = {"users", "tokens", "teams", "memberships"}
"""The tables that are read to find out who asks, and in which team."""
SHARED = {
    *("labels", "lead_sources", "pipelines", "pipeline_stages", "product_categories", "tax_rates"),
    *("organization_types", "industries", "timezones"),
}
"""The tables that also have rows for all teams."""
SHARED_LABEL = "INSERT INTO labels (external_id, name, folded_name, hex) VALUES (gen_random_uuid(), 'x', 'x', '000000')"
LEADS_OF = Query(text("SELECT DISTINCT team_id FROM leads ORDER BY team_id"))

pytestmark = pytest.mark.usefixtures("on_postgresql")


@pytest.fixture(scope="module", params=["postgresql"])
def on_postgresql() -> None:
    """Leaves these tests out where there is no PostgreSQL."""


@pytest.fixture(scope="module")
def guarded_url(on_postgresql: None) -> str:
    return guarded_database()


@pytest.fixture
def walled(apps: MakeApp, guarded_url: str) -> Iterator[Teams]:
    """Two teams, on a database that keeps their rows apart."""
    app = apps(DATABASE_URL=guarded_url, TEAMS="true", ROW_SECURITY="true")
    clean(app)
    yield make_teams(app)
    clean(app)


def fill(teams: Teams) -> None:
    """Give each team rows in every table."""
    with teams.app.app_context(), db.engine.begin() as connection:
        for team in (teams.a, teams.b):
            pruned = {"team_id": team, "sequence": 0, "id": new_external_id()}
            connection.execute(insert(PrunedChanges.__table__).values(pruned))
    for client in (teams.ours, teams.theirs):
        everywhere(client)
        client.create("organizations", **DETAILS, external_keys={"erp": "1"})
        product = client.create("products", unit_price=1, currency="EUR")
        line = {"product_id": product["id"], "quantity": 1, "unit_price": 1, "amount": 1}
        labels = [create_row(client, "labels")["id"]]
        for table in WRITTEN:
            create_row(client, table, **({"stages": [{"name": "First"}]} if table == "pipelines" else {}))
        for kind in ("quotes", "orders", "invoices"):
            record = client.create(kind, line_items=[line], labels=labels, total=1)
        client.post(f"/invoices/{record['id']}/payments", {"amount": 1})
        for kind in ("leads", "deals", "people", "organizations"):
            client.create(kind, labels=labels)


def counts(url: str, seen: str | None) -> dict[str, int]:
    """Return how many rows of each guarded table a connection sees that says whose it may see, or says nothing."""
    with psycopg.connect(url, autocommit=True) as connection:
        if seen is not None:
            connection.execute("SELECT set_config('crm.team', %s, false)", [seen])
        return {name: connection.execute(f"SELECT count(*) FROM {name}").fetchone()[0] for name in guarded()}  # type: ignore[index]


def test_every_table_is_guarded_or_known_to_be_open() -> None:
    assert {*db.metadata.tables} == {*guarded()} | OPEN


def test_each_team_sees_its_own_rows_in_every_table(walled: Teams, guarded_url: str) -> None:
    fill(walled)
    nothing, a, b, everything = (counts(guarded_url, seen) for seen in ("", str(walled.a), str(walled.b), "all"))
    assert counts(guarded_url, None) == nothing
    assert {name for name, count in nothing.items() if count} == SHARED
    assert [name for name, count in everything.items() if count == nothing[name]] == [
        "timezones"
    ]  # which nobody writes
    for name, count in everything.items():
        assert a[name] + b[name] - nothing[name] == count, name
        assert name == "timezones" or min(a[name], b[name]) > nothing[name], name


def test_no_row_of_another_team_can_be_written(walled: Teams, guarded_url: str) -> None:
    ours = walled.ours.create("leads")
    theirs = walled.theirs.create("leads")
    with psycopg.connect(guarded_url, autocommit=True) as connection:
        connection.execute("SELECT set_config('crm.team', %s, false)", [str(walled.a)])
        changed = connection.execute("UPDATE leads SET title = 'New' WHERE external_id = %s", [theirs["id"]])
        assert changed.rowcount == 0
        for statement in ("UPDATE leads SET team_id = %(b)s", "UPDATE counters SET team_id = %(b)s"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(statement, {"b": walled.b})  # type: ignore[call-overload]
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute(
                "INSERT INTO labels (external_id, name, folded_name, hex) SELECT gen_random_uuid(), 'x', 'x', '000000'"
            )
    assert walled.ours.get(f"/leads/{ours['id']}").json["data"] == ours
    assert walled.theirs.get(f"/leads/{theirs['id']}").json["data"] == theirs


def test_a_statement_of_a_request_that_forgets_the_team_finds_its_own_alone(walled: Teams) -> None:
    for client in (walled.ours, walled.theirs):
        client.create("leads")
    both = [(walled.a,), (walled.b,)]
    with walled.app.test_request_context():
        assert LEADS_OF.rows() == []
        acting.enter_team(walled.b)
        assert LEADS_OF.rows() == [(walled.b,)]
        acting.enter_team(walled.a)
        assert LEADS_OF.rows() == [(walled.a,)]
    with walled.app.test_request_context():  # on the same connection
        assert LEADS_OF.rows() == []
        see_every_team()
        assert LEADS_OF.rows() == both
    with walled.app.app_context():  # as commands and the deliverer
        assert LEADS_OF.rows() == both


def test_all_that_users_do_works_as_without(walled: Teams) -> None:
    fill(walled)
    assert walled.both.get("/leads").json["meta"]["total"] == 2
    assert walled.in_b.get("/leads").json["meta"]["total"] == 2
    assert walled.theirs.get(f"/leads/{walled.ours.get('/leads').json['data'][0]['id']}").status_code == 404
    shell = CommandLine(walled.app)
    assert shell.done("recount") == "0 counters mended.\n"
    assert shell.run("demo", "--leads", "2", "--team", walled.a).exit_code == 0
    person = walled.ours.get("/people?search=zqada2").json["data"][0]
    assert shell.done("erase-person", person["id"], "--yes").startswith("Overwritten: 1 record, ")
    assert walled.ours.get("/people?search=zqada2").json["data"] == []
    assert walled.theirs.get("/people?search=zqada2").json["meta"]["total"] == 1


def test_tools_enter_their_team(walled: Teams) -> None:
    """Each tool does what it does on the connection of its message, which sees one team alone."""
    clients = ((walled.ours, {}), (walled.theirs, {}), (walled.in_b, {"X-Team-ID": str(walled.b)}))
    for client, headers in clients:
        agent = Agent(walled.app, client.user_id, **headers)
        for tool, case in CASES.items():
            assert agent.told(tool, **case.arguments(client))
    theirs = {record["id"] for record in walled.theirs.get("/leads?per_page=100").json["data"]}
    ours = Agent(walled.app, walled.ours.user_id)
    listed = ours.told("list", resource="leads", limit=100)
    assert listed["total"] == walled.ours.get("/leads").json["meta"]["total"] > 0
    assert not {record["id"] for record in listed["records"]} & theirs
    assert {ours.fault("get", resource="leads", id=key)["status"] for key in theirs} == {404}


def test_metrics_are_told_of_all_teams(walled: Teams) -> None:
    for client in (walled.ours, walled.theirs):
        webhook = client.post("/webhooks", {"url": "https://example.com/told", "types": ["*"]}).json["data"]
        client.post(f"/webhooks/{webhook['id']}/test")
    counts, _ = DeliveriesCollector(walled.app, Lock()).collect()
    assert {sample.labels["status"]: sample.value for sample in counts.samples}["pending"] == 2


def fault(apps: MakeApp, url: str, **settings: str) -> str:
    """Return why a command does not work on a database."""
    return CommandLine(apps(DATABASE_URL=url, TEAMS="true", **settings)).refused("lookups")


def upgrade(apps: MakeApp, url: str, **settings: str) -> None:
    app: Flask = apps(DATABASE_URL=url, TEAMS="true", **settings)
    assert CommandLine(app).runner.invoke(args=["db", "upgrade"]).exit_code == 0


def test_a_superuser_passes_it_by_and_is_refused(apps: MakeApp, guarded_url: str) -> None:
    url = make_url(guarded_url).set(username="postgres").render_as_string(hide_password=False)
    assert fault(apps, url, ROW_SECURITY="true") == (
        "Error: CRM_ROW_SECURITY=true is nothing to the database's user, who is a superuser or has BYPASSRLS:"
        " connect as one who has neither, and owns the tables.\n"
    )


def test_the_doctor_says_so(apps: MakeApp, guarded_url: str) -> None:
    superuser = make_url(guarded_url).set(username="postgres").render_as_string(hide_password=False)
    for url, setting, named in ((superuser, "true", "superuser"), (guarded_url, "false", "set CRM_ROW_SECURITY=true")):
        result = CommandLine(apps(DATABASE_URL=url, TEAMS="true", ROW_SECURITY=setting)).run("doctor")
        assert result.exit_code == 1
        assert named in next(line for line in result.stdout.splitlines() if line.startswith("to do settings"))


def test_it_begins_and_ends_with_an_upgrade(apps: MakeApp) -> None:
    url = guarded_database()
    assert fault(apps, url) == (
        "Error: The database keeps the teams' rows apart: set CRM_ROW_SECURITY=true,"
        " or run `flask --app wsgi db upgrade` without it, which ends that.\n"
    )
    upgrade(apps, url)
    CommandLine(apps(DATABASE_URL=url, TEAMS="true")).done("lookups")
    assert counts(url, None)["timezones"] > 0
    assert fault(apps, url, ROW_SECURITY="true") == (
        "Error: The database does not keep the teams' rows apart yet: run `flask --app wsgi db upgrade`.\n"
    )
    upgrade(apps, url, ROW_SECURITY="true")
    CommandLine(apps(DATABASE_URL=url, TEAMS="true", ROW_SECURITY="true")).done("lookups")


def test_sqlite_has_none(tmp_path: Any) -> None:
    with pytest.raises(SettingError, match=r"^CRM_ROW_SECURITY cannot be used: it needs PostgreSQL\.$"):
        load_settings({"CRM_ROW_SECURITY": "true"}, str(tmp_path))


@ON_POSTGRESQL
def test_without_the_setting_there_is_none(database_url: str) -> None:
    with psycopg.connect(seeded_database("postgresql")) as connection:
        assert connection.execute("SELECT count(*) FROM pg_policies").fetchone() == (0,)
        assert connection.execute("SELECT count(*) FROM pg_class WHERE relforcerowsecurity").fetchone() == (0,)
