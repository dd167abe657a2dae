"""An agent of the official SDK works with the tools, in both revisions, against a real server."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

import jsonschema_rs
import pytest
from flask import Flask

from crm import create_app
from crm.extensions import db
from tests.conftest import UNLIMITED, Connecting, Serving
from tests.support.databases import SECRET_KEY, clean, seeded_database
from tests.support.factories import create_token, create_user
from tests.support.server import Server
from tests.support.stores import STORES

if TYPE_CHECKING:
    from tests.support.sdk import Agent

pytestmark = pytest.mark.xdist_group("agents")  # one process starts each server, once

Json = dict[str, Any]

TOOLS = "describe search list get create update delete convert_lead close_deal decide_quote record_payment changes"
REVISIONS = {"auto": "2026-07-28", "legacy": "2025-06-18"}
"""By the mode of the SDK, what it agrees upon with the server."""
TOKEN = "Agent of the office"


class Served(NamedTuple):
    """A server, and the application with which tests write into its database."""

    app: Flask
    server: Server


@pytest.fixture(scope="module", params=STORES)
def served(
    request: pytest.FixtureRequest, serving: Serving, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Served]:
    """A server on a database of its own on each store."""
    environ = {"CRM_DATABASE_URL": seeded_database(request.param), "CRM_SECRET_KEY": SECRET_KEY, **UNLIMITED}
    app = create_app(environ, instance_path=str(tmp_path_factory.mktemp("served")))
    with serving(environ) as server:
        yield Served(app, server)
    with app.app_context():
        db.engine.dispose()


@pytest.fixture(params=REVISIONS)
def agent(request: pytest.FixtureRequest, connect: Connecting, served: Served) -> Iterator["Agent"]:
    """An agent of an Owner, in each revision, where there is nothing yet."""
    clean(served.app)
    token = create_token(served.app, create_user(served.app), TOKEN)
    served.server.token = token
    with connect(served.server, token, request.param) as connected:
        assert connected.client.protocol_version == REVISIONS[request.param]
        yield connected


def made(agent: "Agent", resource: str, **values: Any) -> Json:
    """Have an agent make a record of all these values, and return what it is told of it."""
    told = agent.call("create", resource=resource, values=values)
    assert told.keys() == {"record"}
    record: Json = told["record"]
    return record


def allowed(fault: Json, field: str, name: str) -> str:
    """Return the id of what is called so, of what a fault tells that a field takes."""
    [found] = [choice["id"] for choice in fault["allowed"][field] if choice["name"] == name]
    return str(found)


def journal(server: Server) -> list[Json]:
    """Return all changes, as the feed of the API tells them."""
    answer = server.request("GET", "/changes?limit=100")
    assert (answer.status, answer.data["meta"]["has_more"]) == (200, False)
    changes: list[Json] = answer.data["data"]
    return changes


def test_it_is_told_what_the_server_is(agent: "Agent") -> None:
    assert agent.client.server_info.name == "crm"
    assert agent.client.server_capabilities.tools is not None
    assert "Begin with `describe`" in agent.client.instructions


def test_it_lists_twelve_tools_whose_schemas_are_valid(agent: "Agent") -> None:
    assert [*agent.tools] == TOOLS.split()
    for tool in agent.tools.values():
        jsonschema_rs.meta.validate({"$schema": "https://json-schema.org/draft/2020-12/schema", **tool.input_schema})
        assert (tool.input_schema["type"], tool.description[-1]) == ("object", ".")


def test_an_unknown_tool_is_an_error_of_the_protocol(agent: "Agent") -> None:
    from mcp import MCPError

    with pytest.raises(MCPError) as raised:
        agent.fault("sell", id="L1001")
    assert (raised.value.error.code, raised.value.error.data) == (-32602, {"tools": TOOLS.split()})


def test_it_finds_a_person_by_half_a_name(agent: "Agent") -> None:
    made(agent, "people", first_name="Grace", last_name="Hopper")
    person = made(agent, "people", first_name="Ada", last_name="Lovelace")
    found = agent.call("search", q="ovela", resources=["people"])
    assert found == {"records": [{"resource": "people", **person}], "has_more": False}
    assert agent.fault("get", resource="people", id="lovel")["near"] == [person]
    assert agent.call("get", resource="people", id=person["id"])["record"]["last_name"] == "Lovelace"


def test_it_mends_what_it_has_sent_by_what_the_fault_says(agent: "Agent") -> None:
    sent = {"title": "Forty chairs", "pipeline_stage_id": "Negotiation", "labels": ["hot", "warm"]}
    fault = agent.fault("create", resource="deals", values=sent)
    assert fault["status"] == 422
    assert fault["errors"].keys() == fault["allowed"].keys() == {"pipeline_stage_id", "labels.0", "labels.1"}
    stage = allowed(fault, "pipeline_stage_id", "Negotiation")
    labels = [allowed(fault, "labels.0", "Hot"), allowed(fault, "labels.1", "Warm")]
    deal = made(agent, "deals", **{**sent, "pipeline_stage_id": stage, "labels": labels})
    shown = agent.call("get", resource="deals", id=deal["deal_id"], fields=["pipeline_stage", "labels"])["record"]
    assert shown["pipeline_stage"]["name"] == "Negotiation"
    assert [label["name"] for label in shown["labels"]] == ["Hot", "Warm"]


def test_it_does_not_overwrite_what_others_have_written(agent: "Agent") -> None:
    lead = made(agent, "leads", title="Forty chairs")
    update = {"resource": "leads", "id": lead["lead_id"], "version": lead["version"]}
    agent.call("update", values={"title": "Fifty chairs"}, **update)
    assert agent.fault("update", values={"title": "Sixty chairs"}, **update)["status"] == 412
    assert agent.fault("convert_lead", id=lead["lead_id"], version=lead["version"])["status"] == 412
    [listed] = agent.call("list", resource="leads")["records"]
    assert (listed["title"], listed["version"]) == ("Fifty chairs", 2)


def sell(agent: "Agent") -> None:
    """Take a lead from nothing to a deal that is won, a quote that is accepted and an invoice that is paid."""
    person = made(agent, "people", first_name="Grace", last_name="Hopper")["id"]
    lead = made(agent, "leads", title="Forty chairs", person_id=person, amount=1999.6)
    until = {"expected_close": "2027-01-31T17:00:00+01:00"}
    deal = agent.call("convert_lead", id=lead["lead_id"], values=until)["record"]
    chair = made(agent, "products", name="Chair", unit_price=49.99, tax_rate=20)["id"]
    lines = [{"product_id": chair, "quantity": 40, "unit_price": 49.99, "amount": 1999.6}]
    about = {"person_id": person, "line_items": lines, "compute_totals": True}
    quote = made(agent, "quotes", title="Forty chairs", deal_id=deal["id"], **about)
    decided = agent.call("decide_quote", id=quote["quote_id"], decision="accept", version=quote["version"])["record"]
    assert (decided["accepted_at"] is None, decided["rejected_at"]) == (False, None)
    closed = agent.call("close_deal", id=deal["deal_id"], outcome="won", closed_reason="At once")["record"]
    assert (closed["status"], closed["closed_reason"]) == ("won", "At once")
    order = made(agent, "orders", deal_id=deal["id"], quote_id=quote["id"], **about)
    invoice = made(agent, "invoices", order_id=order["id"], **about)["invoice_id"]
    paid = agent.call("record_payment", invoice_id=invoice, amount=1000, method="Bank transfer")["invoice"]
    assert (paid["total"], paid["amount_due"], paid["fully_paid_at"]) == (2399.52, 1399.52, None)
    refused = agent.fault("record_payment", invoice_id=invoice, amount=1399.53)
    assert refused["errors"].keys() == {"amount"}
    paid = agent.call("record_payment", invoice_id=invoice, amount=1399.52, version=paid["version"])["invoice"]
    assert (paid["amount_due"], paid["fully_paid_at"] is None) == (0, False)


def test_it_takes_a_lead_to_a_paid_invoice_and_the_journal_names_its_token(agent: "Agent", served: Served) -> None:
    start = agent.call("changes", after="latest")["after"]
    sell(agent)
    told = agent.call("changes", after=start, limit=100)
    assert [change["type"] for change in told["changes"]] == [
        "person.created",
        "lead.created",
        "lead.converted",
        "deal.created",
        "product.created",
        "quote.created",
        "quote.accepted",
        "deal.won",
        "order.created",
        "invoice.created",
        "invoice.updated",
        "invoice.paid",
    ]
    assert {change["token"]["name"] for change in told["changes"]} == {TOKEN}
    assert [change["sequence"] for change in told["changes"]] == [*range(1, 13)]
    assert {change["token"]["name"] for change in journal(served.server)} == {TOKEN}
    of_deal = agent.call("changes", resource="deals", id="D1001")
    assert [change["type"] for change in of_deal["changes"]] == ["deal.won", "deal.created"]
