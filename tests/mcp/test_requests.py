"""A message is one request, whatever a tool asks for it: one id and one address, wherever it is noted."""

import logging
from collections.abc import Callable

import pytest
from flask import Flask

from tests.support.agents import Agent
from tests.support.client import ApiClient
from tests.support.factories import create_user

ID = "an-id.of_the-client"


def test_a_message_has_the_id_that_its_client_gives_it(api: ApiClient, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "crm.requests")
    arguments = {"resource": "leads", "values": {"title": "Made"}, "fields": ["title"]}
    agent = Agent(api.app, **api.headers)
    answer = agent.send("tools/call", {"name": "create", "arguments": arguments}, headers={"X-Request-Id": ID})
    assert answer.headers["X-Request-Id"] == ID
    lead = agent.result(answer)["structuredContent"]["record"]["id"]
    [change] = api.get(f"/leads/{lead}/changes").json["data"]
    assert change["request_id"] == ID
    [line] = [each.crm_facts for each in caplog.records if each.crm_facts["request_id"] == ID]
    assert (line["route"], line["status"]) == ("/crm/mcp", 200)


def test_without_one_it_has_the_same_everywhere(api: ApiClient) -> None:
    agent = Agent(api.app, **api.headers)
    for sent in ({}, {"X-Request-Id": "no id"}):
        arguments = {"resource": "leads", "values": {"title": "Made"}}
        answer = agent.send("tools/call", {"name": "create", "arguments": arguments}, headers=sent)
        lead = agent.result(answer)["structuredContent"]["record"]["id"]
        [change] = api.get(f"/leads/{lead}/changes").json["data"]
        assert change["request_id"] == answer.headers["X-Request-Id"]


@pytest.mark.parametrize(("forwarded", "address"), [("192.0.2.7", "192.0.2.7"), ("unknown", "127.0.0.1")])
def test_a_refused_tool_is_noted_with_the_address_of_its_client(
    make_app: Callable[..., Flask], caplog: pytest.LogCaptureFixture, forwarded: str, address: str
) -> None:
    app = make_app(TRUSTED_PROXIES="1")
    caplog.set_level(logging.INFO, "crm.security")
    agent = Agent(app, create_user(app, "Viewer"), **{"X-Forwarded-For": forwarded})
    assert agent.fault("create", resource="leads", values={"title": "Made"})["status"] == 403
    [refused] = [each.crm_facts for each in caplog.records if each.getMessage() == "access.refused"]
    assert refused["address"] == address
