"""Look-up rows, tokens and routes at the command line (contract, section 9)."""

import itertools
import json
from datetime import UTC, datetime, timedelta

import pytest
from flask.cli import routes_command
from sqlalchemy import func, select

from crm import create_app
from crm.extensions import db
from crm.models import Label, PipelineStage, TaxRate
from crm.records.lookups import LOOKUPS
from tests.commands.conftest import EMAIL
from tests.support.client import ApiClient, CommandLine
from tests.support.factories import PASSWORD, create_lookup, create_team, create_token, create_user, sample

LOOKUP_KEYS = [
    *("labels", "lead_sources", "pipelines", "product_categories"),
    *("tax_rates", "organization_types", "industries", "timezones"),
]


# The schema and the look-up rows


def test_an_installation_starts_with_upgrade_seed_and_a_user(tmp_path):
    app = create_app({"CRM_DATABASE_URL": f"sqlite:///{tmp_path / 'new.sqlite3'}"}, str(tmp_path))
    shell = CommandLine(app)
    for _ in range(2):
        assert shell.runner.invoke(args=["db", "upgrade"]).exit_code == 0
    shell.done("seed")
    shell.done("create-user", EMAIL, "--name", "Jane", "--password", PASSWORD)
    token = shell.done("api-token", EMAIL).strip()
    response = ApiClient(app, Authorization=f"Bearer {token}").post("/leads", sample("leads"))
    assert response.status_code == 201
    with app.app_context():
        db.engine.dispose()


def test_seeding_again_adds_nothing(app, shell):
    def counts():
        with app.app_context():
            models = (*(lookup.model for lookup in LOOKUPS), PipelineStage)
            return [db.session.scalar(select(func.count()).select_from(model)) for model in models]

    before = counts()
    assert all(before)
    shell.done("seed")
    assert counts() == before


def test_the_seed_holds_the_rows_of_the_contract(shell):
    tables = json.loads(shell.done("lookups", "--json"))
    assert [row["name"] for row in tables["labels"]] == ["Cold", "Hot", "Warm"]
    names = {row["name"] for row in tables["organization_types"]}
    assert names == {"Sole Trader", "Partnership", "Company", "Trust"}
    assert {row["resource"] for row in tables["pipelines"] if row["stages"]} == {"leads", "deals", "quotes"}
    assert {"Europe/London", "Asia/Tokyo", "UTC"} <= {row["name"] for row in tables["timezones"]}
    rates = tables["tax_rates"]
    assert len([row for row in rates if row["default"]]) == 1
    assert len(rates) >= 3
    assert any(row["rate"] == 0 for row in rates)


def test_lookups_as_json_are_what_the_endpoints_answer(app, api, shell):
    create_lookup(app, Label, name="Ämber", hex="ffbf00")
    tables = json.loads(shell.done("lookups", "--json"))
    assert list(tables) == LOOKUP_KEYS
    for key, rows in tables.items():
        assert rows == api.get(f"/{key.replace('_', '-')}").json["data"], key


def test_lookups_that_all_teams_share_are_listed_but_no_deleted_one(team_app):
    team = create_team(team_app, create_user(team_app))
    create_lookup(team_app, TaxRate, name="Shared", rate=1, default=False)
    create_lookup(team_app, TaxRate, name="Of a team", rate=1, default=False, team_id=team)
    create_lookup(team_app, TaxRate, name="Deleted", rate=1, default=False, deleted_at=datetime.now(UTC))
    names = {row["name"] for row in json.loads(CommandLine(team_app).done("lookups", "--json"))["tax_rates"]}
    assert "Shared" in names
    assert not names & {"Of a team", "Deleted"}


def test_lookups_without_json_name_every_row(shell):
    printed = shell.done("lookups")
    for rows in json.loads(shell.done("lookups", "--json")).values():
        for row in itertools.chain(rows, *(row.get("stages", ()) for row in rows)):
            assert f"{row['id']}  {row['name']}\n" in printed


# Tokens


def test_api_token_prints_the_token_alone(app, shell, jane):
    printed = shell.done("api-token", EMAIL.upper())
    assert printed.count("\n") == 1
    response = ApiClient(app, Authorization=f"Bearer {printed.strip()}").get("/auth/me")
    assert response.json["user"]["id"] == jane


@pytest.mark.parametrize(("options", "name"), [([], "api-token"), (["--name", "Nightly sync"], "Nightly sync")])
def test_tokens_list_id_name_creation_and_last_use(app, shell, jane, options, name):
    create_token(app, create_user(app), "of another user")
    token = shell.done("api-token", EMAIL, *options).strip()

    def only_row():
        _, row = shell.done("tokens", EMAIL).splitlines()
        return row.split("\t")

    row_id, shown, created, used = only_row()
    assert (row_id, shown, used) == (token.split("|")[0], name, "never")
    assert datetime.now(UTC) - datetime.fromisoformat(created) < timedelta(minutes=1)
    ApiClient(app, Authorization=f"Bearer {token}").get("/auth/me")
    assert datetime.now(UTC) - datetime.fromisoformat(only_row()[3]) < timedelta(minutes=1)
    assert token.split("|")[1] not in shell.done("tokens", EMAIL)


def test_no_token_without_crm_access(app, shell):
    create_user(app, email=EMAIL, crm_access=False)
    result = shell.run("api-token", EMAIL)
    assert (result.exit_code, result.stdout) == (1, "")
    assert EMAIL in result.stderr
    assert len(shell.done("tokens", EMAIL).splitlines()) == 1


def test_no_token_for_an_unknown_user(shell):
    result = shell.run("api-token", "nobody@example.com")
    assert (result.exit_code, result.stdout) == (1, "")
    assert "nobody@example.com" in result.stderr


def test_revoke_token_ends_that_token_alone(app, shell, jane):
    gone, kept = ApiClient(app, jane), ApiClient(app, jane)
    token_id = gone.headers["Authorization"].removeprefix("Bearer ").split("|")[0]
    shell.done("revoke-token", token_id)
    assert (gone.get("/auth/me").status_code, kept.get("/auth/me").status_code) == (401, 200)
    assert token_id in shell.refused("revoke-token", token_id)


def test_flask_routes_shows_the_routes(app):
    printed = app.test_cli_runner().invoke(routes_command).stdout
    assert "/crm/api/v2/leads/<external_id>" in printed
    assert "/crm/api/v2/auth/token" in printed
