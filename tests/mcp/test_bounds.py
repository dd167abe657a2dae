"""What a message may take of the server, which the limits count as one request; and what is told past that."""

from typing import Any

import pytest

from crm.mcp import calls
from tests.support.agents import Agent
from tests.support.client import ApiClient

Json = dict[str, Any]

LONG = "x" * 50_000
TOO_LARGE = {"status": 422, "message": "The answer is too large: ask for fewer records at once, or for fewer fields."}


@pytest.fixture
def agent(api: ApiClient) -> Agent:
    """An agent that may do all."""
    return Agent(api.app, **api.headers)


def test_a_message_reads_so_much_at_most(api: ApiClient, agent: Agent, monkeypatch: pytest.MonkeyPatch) -> None:
    quotes = [api.create("quotes", title="An offer", terms=LONG)["id"] for _ in range(5)]
    monkeypatch.setattr(calls, "MOST_READ", 4 * len(LONG))
    for tool, asked in (
        ("list", {"resource": "quotes"}),
        ("get", {"resource": "quotes", "ids": quotes}),
        ("search", {"q": "offer"}),
    ):
        assert agent.fault(tool, **asked, fields=["terms"]) == TOO_LARGE
        assert len(agent.told(tool, **asked)["records"]) == 5
    few = agent.told("list", resource="quotes", fields=["terms"], limit=3)["records"]
    assert [record["terms"] for record in few] == [LONG] * 3


def test_what_is_written_is_told_however_long(api: ApiClient, agent: Agent, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calls, "MOST_READ", 0)
    values = {"title": "An offer", "terms": LONG}
    made = agent.told("create", resource="quotes", values=values, fields=["terms"])["record"]
    assert made["terms"] == LONG
    assert api.get("/quotes").json["meta"]["total"] == 1


def test_a_payment_is_no_fault_once_it_is_made(api: ApiClient, agent: Agent, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who is told that it failed pays again, though all that failed was to read the invoice."""
    invoice = api.create("invoices", total=10)["id"]
    monkeypatch.setattr(calls, "MOST", 1)
    told = agent.told("record_payment", invoice_id=invoice, amount=4)
    assert (told.keys(), told["payment"]["amount"]) == ({"payment"}, 4)
    assert api.get(f"/invoices/{invoice}").json["data"]["amount_paid"] == 4


def test_a_fault_stands_where_what_would_do_cannot_be_asked_for(
    api: ApiClient, agent: Agent, monkeypatch: pytest.MonkeyPatch
) -> None:
    values = {"title": "", "labels": ["Warm and cold"]}
    refused = api.post("/leads", values)
    assert "allowed" in agent.fault("create", resource="leads", values=values)
    monkeypatch.setattr(calls, "MOST", 1)
    assert agent.fault("create", resource="leads", values=values) == {"status": 422, **refused.json}


def test_rows_of_a_look_up_are_asked_for_once(api: ApiClient, agent: Agent, monkeypatch: pytest.MonkeyPatch) -> None:
    labels = [f"No label {place}" for place in range(10)]
    monkeypatch.setattr(calls, "MOST", 2)
    fault = agent.fault("create", resource="leads", values={"title": "x", "labels": labels})
    assert [*fault["allowed"]] == [f"labels.{place}" for place in range(10)]
    assert all(fault["allowed"].values())
