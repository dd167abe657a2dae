"""The definitions of tools: what is listed for whom, as the same bytes each time, and small enough to be read whole."""

import subprocess
import sys
from typing import Any

import pytest
from flask import Flask

from crm.mcp.endpoint import PATH
from tests.support.agents import Agent
from tests.support.client import ApiClient
from tests.support.factories import NAMES, create_token, create_user
from tests.support.server import ROOT, own_environ
from tests.support.stores import ON_SQLITE

Json = dict[str, Any]

MOST_BYTES = 40_000
LIST = {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}
ALL = " ".join(NAMES)
SOLD = ALL.replace("products ", "")
"""What a member of the staff may write: all but the products."""
LOOKUPS = "labels lead_sources pipelines product_categories tax_rates organization_types industries timezones users"
READING = {"describe": ALL, "search": ALL, "list": ALL, "get": ALL}
SALES = {"convert_lead": "", "close_deal": "", "decide_quote": "", "record_payment": ""}
LEADS = {"describe": "leads", "search": "leads", "list": "leads", "get": "leads"}
BY_ROLE = {
    "Owner": {**READING, "create": ALL, "update": ALL, "delete": ALL, **SALES, "changes": ALL},
    "Employee": {**READING, "create": SOLD, "update": SOLD, "delete": SOLD, **SALES, "changes": ALL},
    "Viewer": {**READING, "changes": ALL},
}
"""Which tools are listed for a role, each with the resources that it may name."""
BY_ABILITIES: dict[str, dict[str, str]] = {
    "*:view": READING,
    "*:view changes:view": {**READING, "changes": ALL},
    "changes:view": {"describe": ""},
    "changes:view leads:view": {**LEADS, "changes": "leads"},
    "leads:view": LEADS,
    "leads:create": {"describe": "leads", "create": "leads"},
    "leads:edit": {"describe": "leads", "update": "leads"},
    "leads:delete": {"describe": "leads"},
    "leads:*": {**LEADS, "create": "leads", "update": "leads", "delete": "leads"},
    "leads:edit deals:create": {"describe": "leads deals", "create": "deals", "update": "leads", "convert_lead": ""},
    "deals:edit": {"describe": "deals", "update": "deals", "close_deal": ""},
    "quotes:edit": {"describe": "quotes", "update": "quotes", "decide_quote": ""},
    "invoices:edit": {"describe": "invoices", "update": "invoices", "record_payment": ""},
    "lookups:*": {"describe": ""},
    "webhooks:*": {"describe": ""},
}
"""The same of an Owner's token, by its abilities."""
IN_A_PROCESS = f"""
import sys
from crm import create_app
client = create_app().test_client()
for token in sys.argv[1:]:
    sys.stdout.buffer.write(client.post("{PATH}", json={LIST}, headers={{"Authorization": f"Bearer {{token}}"}}).data)
"""


def written(app: Flask, token: str) -> bytes:
    """Return the whole answer with the definitions for a token."""
    answer = app.test_client(use_cookies=False).post(PATH, json=LIST, headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == 200, answer.text
    return answer.data


def definitions(app: Flask, role: str, *abilities: str) -> dict[str, Json]:
    """Return the arguments that are listed for a user with a role, by the names of the tools."""
    listed = Agent(app, create_user(app, role), *abilities).send("tools/list").json["result"]["tools"]
    return {tool["name"]: tool["inputSchema"]["properties"] for tool in listed}


def named(tool: str, arguments: Json) -> str:
    """Return the resources that a tool may be told, wherever it takes some."""
    singular = arguments.get("resource", {}).get("enum")
    plural = arguments.get("resources", {}).get("items", {}).get("enum")
    assert singular is None or plural is None or singular == plural
    found = " ".join(singular or plural or [])
    if tool == "describe":
        assert found.endswith(LOOKUPS)
    return found.removesuffix(LOOKUPS).strip()


@pytest.mark.parametrize(("role", "listed"), BY_ROLE.items(), ids=BY_ROLE)
def test_a_role_is_shown_what_it_may_do(app: Flask, role: str, listed: dict[str, str]) -> None:
    shown = definitions(app, role)
    assert [*shown] == [*listed]
    assert {tool: named(tool, arguments) for tool, arguments in shown.items()} == listed


@pytest.mark.parametrize(("abilities", "listed"), BY_ABILITIES.items(), ids=BY_ABILITIES)
def test_a_token_is_shown_what_it_is_able_to(app: Flask, abilities: str, listed: dict[str, str]) -> None:
    shown = definitions(app, "Owner", *abilities.split())
    assert [*shown] == [*listed]
    assert {tool: named(tool, arguments) for tool, arguments in shown.items()} == listed


def test_a_token_is_shown_what_both_it_and_its_user_may(app: Flask) -> None:
    shown = definitions(app, "Employee", "products:*", "leads:edit")
    assert {tool: named(tool, arguments) for tool, arguments in shown.items()} == {
        **dict.fromkeys(READING, "products"),
        "describe": "leads products",
        "update": "leads",
    }


def test_what_needs_two_permissions_names_only_where_both_are(app: Flask) -> None:
    assert "delete" not in definitions(app, "Owner", "leads:view", "deals:delete")
    shown = definitions(app, "Owner", "leads:view", "leads:delete", "deals:delete")
    assert named("delete", shown["delete"]) == "leads"


def test_values_are_those_of_the_resources_that_may_be_named(app: Flask) -> None:
    values = definitions(app, "Owner", "leads:create", "organizations:create")["create"]["values"]["properties"]
    assert "unit_price" not in values
    assert values["title"]["description"] == "Of leads. Required of leads."
    assert values["name"]["description"].startswith("Of organizations.")
    assert not values["labels"].get("description", "").startswith("Of ")
    alone = definitions(app, "Owner", "leads:create")["create"]["values"]["properties"]
    assert alone.keys() < values.keys()
    assert alone["title"]["description"] == "Required of leads."


def test_all_of_an_owner_s_are_small(api: ApiClient) -> None:
    answer = Agent(api.app, **api.headers).send("tools/list")
    assert len(answer.data) < MOST_BYTES
    assert [tool["name"] for tool in answer.json["result"]["tools"]] == [*BY_ROLE["Owner"]]


@ON_SQLITE  # what is listed depends on no store
def test_they_are_the_same_bytes_each_time_and_in_any_process(app: Flask, database_url: str) -> None:
    user = create_user(app)
    tokens = [create_token(app, user, "agent", *abilities.split()) for abilities in ("*", *BY_ABILITIES)]
    answers = [written(app, token) for token in tokens]
    assert [written(app, token) for token in tokens] == answers
    settings = {"CRM_DATABASE_URL": database_url, "CRM_SECRET_KEY": app.config["SECRET_KEY"]}
    environ = {**own_environ(settings), "PYTHONHASHSEED": "1"}
    command = [sys.executable, "-c", IN_A_PROCESS, *tokens]
    printed = subprocess.run(command, cwd=ROOT, env=environ, capture_output=True, check=True).stdout
    assert printed == b"".join(answers)
