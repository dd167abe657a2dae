"""A message that is sent again with its `Idempotency-Key` is carried out once, whatever tool it calls."""

import json

import pytest
from flask import Flask

from crm.http.idempotency import REPLAYED
from crm.mcp.tools import TOOLS
from tests.support.agents import Agent
from tests.support.changes import count_changes
from tests.support.client import ApiClient
from tests.support.factories import create_user
from tests.support.sales import contents
from tests.support.tools import CASES

WRITING = [name for name, tool in TOOLS.items() if not tool.reads_only]
KEY = {"Idempotency-Key": "once"}


@pytest.mark.parametrize("tool", WRITING)
def test_a_write_that_is_repeated_is_done_once_and_answered_again(app: Flask, api: ApiClient, tool: str) -> None:
    agent = Agent(app, create_user(app))
    message = {"name": tool, "arguments": CASES[tool].arguments(api)}
    first = agent.send("tools/call", message, KEY)
    written, noted = contents(app), count_changes(app)
    again = agent.send("tools/call", message, KEY)
    assert not agent.result(first)["isError"]
    assert not agent.result(again)["isError"]
    assert REPLAYED not in first.headers
    assert again.headers[REPLAYED] == "true"
    assert (contents(app), count_changes(app)) == (written, noted)
    if tool != "delete":  # the record is gone by then, and so is what it was called
        assert again.json["result"] == first.json["result"]


def test_a_key_that_came_with_another_call_is_a_fault(app: Flask, api: ApiClient) -> None:
    agent = Agent(app, create_user(app))
    calls = [{"name": "create", "arguments": {"resource": "leads", "values": {"title": title}}} for title in "ab"]
    assert not agent.result(agent.send("tools/call", calls[0], KEY))["isError"]
    told = agent.result(agent.send("tools/call", calls[1], KEY))["structuredContent"]
    assert told["status"] == 422
    assert [*told["errors"]] == ["Idempotency-Key"]
    assert api.get("/leads").json["meta"]["total"] == 1


def test_what_was_never_deleted_is_not_deleted_by_a_key_without_its_name(app: Flask, api: ApiClient) -> None:
    agent = Agent(app, create_user(app))
    lead = api.create("leads")
    call = {"name": "delete", "arguments": {"resource": "leads", "id": lead["id"], "confirm": "another"}}
    told = agent.result(agent.send("tools/call", call, KEY))["structuredContent"]
    assert told["status"] == 422
    gone = json.loads(json.dumps(call).replace(lead["id"], lead["id"][::-1][:8] + lead["id"][8:]))
    assert agent.result(agent.send("tools/call", gone, KEY))["structuredContent"]["status"] == 404
    assert api.get("/leads").json["meta"]["total"] == 1
