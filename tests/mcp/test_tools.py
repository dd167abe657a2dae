"""What tools tell, and what they tell of that which does not go: enough to send a better call at once."""

import json

import pytest
from flask import Flask

from crm.blueprints import RESOURCES
from crm.blueprints.resource import Resource
from crm.schemas.fields import Text
from tests.support.agents import Agent
from tests.support.client import ApiClient

LINE = {"quantity": 2, "unit_price": 10, "amount": 20}


@pytest.fixture
def agent(app: Flask, api: ApiClient) -> Agent:
    return Agent(app, api.user_id)


@pytest.mark.parametrize("kind", RESOURCES, ids=lambda kind: kind.__name__)
def test_a_record_of_every_resource_is_called_by_texts_that_are_shown(kind: type[Resource]) -> None:
    shown = kind.schema().dump_fields
    assert kind.schema.called_by
    assert all(isinstance(shown[name], Text) for name in kind.schema.called_by)


def test_a_search_takes_turns_of_the_resources_and_begins_with_names_that_begin_so(
    api: ApiClient, agent: Agent
) -> None:
    for name in ("Maria", "Emma", "Ann"):
        api.create("people", first_name=name, last_name="Anders")
    for title in ("Mama", "Gamma", "Market"):
        api.create("leads", title=title)
    told = agent.told("search", q="ma")
    assert [record.get("title") or record["name"] for record in told["records"]] == [
        *("Market", "Maria Anders"),
        *("Mama", "Emma Anders"),
        "Gamma",
    ]
    assert not told["has_more"]
    assert agent.told("search", q="MA anders", limit=1) == {"records": [told["records"][1]], "has_more": True}
    [found] = agent.told("search", q="maria", resources=["people"], fields="emails")["records"]
    assert found == {**told["records"][1], "emails": []}


def test_a_list_tells_the_total_and_goes_on(api: ApiClient, agent: Agent) -> None:
    for amount in range(12):
        api.create("leads", title=f"Lead {amount}", amount=amount)
    asked = {"resource": "leads", "filter": {"amount": {"gte": 1}}, "sort": "-amount", "fields": ["amount"]}
    first = agent.told("list", **asked)
    assert [record["amount"] for record in first["records"]] == [*range(11, 1, -1)]
    assert {*first["records"][0]} == {"id", "lead_id", "title", "version", "amount"}
    assert first["total"] == 11
    rest = agent.told("list", resource="leads", fields="amount", after=first["after"])
    assert ([record["amount"] for record in rest["records"]], rest["total"], rest["after"]) == ([1], 11, None)
    assert agent.fault("list", resource="deals", after=first["after"])["errors"].keys() == {"after"}


@pytest.mark.parametrize(
    ("condition", "title"),
    [
        ({"description": None}, "blank"),
        ({"amount": [5, 7]}, "seven"),
        ({"lead_id": "l1001"}, "blank"),
        ({"external_keys.erp": "42"}, "seven"),
        ({"person_id": {"in": ["erp:9"]}}, "seven"),
        ({"deleted": "only"}, "gone"),
    ],
    ids=str,
)
def test_conditions_are_written_as_json(api: ApiClient, agent: Agent, condition: dict, title: str) -> None:
    person = api.create("people", external_keys={"erp": "9"})["id"]
    api.create("leads", title="blank", amount=1)
    api.create("leads", title="seven", amount=7, description="x", external_keys={"erp": "42"}, person_id=person)
    api.delete(f"/leads/{api.create('leads', title='gone', description='x')['id']}")
    told = agent.told("list", resource="leads", filter=condition)
    assert ([record["title"] for record in told["records"]], told["total"]) == ([title], 1)


@pytest.mark.parametrize(
    ("arguments", "path", "allowed"),
    [
        (
            {"filter": {"amount": {"like": 1}}},
            "filter.amount.like",
            ["eq", "ne", "gt", "gte", "lt", "lte", "in", "null"],
        ),
        ({"filter": {"status": "opened"}}, "filter.status", ["open", "won", "lost"]),
        ({"filter": {"deleted": True}}, "filter.deleted", ["with", "only"]),
        ({"filter": {"expected": 1}}, "filter.expected", ["expected_close"]),
        ({"filter": {"expected_close": {"gt": "2026-12-15"}}}, "filter.expected_close.gt", ["2026-12-15T00:00:00Z"]),
        ({"sort": "-stage"}, "sort", None),
        ({"limit": 101}, "limit", None),
        ({"page": 2}, "page", ["fields", "resource", "filter", "q", "sort", "limit", "after"]),
        ({"resource": "deal"}, "resource", ["deals"]),
    ],
    ids=str,
)
def test_what_a_list_cannot_be_asked_is_a_fault_with_what_it_can(
    agent: Agent, arguments: dict, path: str, allowed: list | None
) -> None:
    fault = agent.fault("list", **{"resource": "deals", **arguments})
    assert (fault["status"], [*fault["errors"]]) == (422, [path])
    if allowed is not None:
        assert fault["allowed"] == {path: allowed}


def test_one_record_is_shown_whole_and_several_by_name(api: ApiClient, agent: Agent) -> None:
    lead = api.create("leads", title="Stand", external_keys={"erp": "1"})
    shown = agent.told("get", resource="leads", id="erp:1")["record"]
    assert shown["external_keys"] == {"erp": "1"}
    assert None not in shown.values()
    several = agent.told("get", resource="leads", ids=[lead["lead_id"].lower(), "Z1", "sta"])
    assert [record["id"] for record in several["records"]] == [lead["id"]]
    assert [missing["name"] for missing in several["missing"]] == ["Z1", "sta"]
    assert several["missing"][1]["near"] == several["records"]
    assert [*agent.fault("get", resource="leads", id="L1", ids=["L1"])["errors"]] == ["id"]


def test_a_reference_takes_a_number_and_an_own_key_and_tells_what_comes_near_a_name(
    api: ApiClient, agent: Agent
) -> None:
    deal, person = api.create("deals", title="Big"), api.create("people", first_name="Ada", external_keys={"erp": "7"})
    values = {"title": "Offer", "deal_id": deal["deal_id"], "person_id": "erp:7"}
    made = agent.told("create", resource="quotes", values=values, fields=["deal", "person"])["record"]
    assert (made["deal"]["id"], made["person"]["id"]) == (deal["id"], person["id"])
    fault = agent.fault("create", resource="quotes", values={**values, "person_id": "ad"})
    assert [near["id"] for near in fault["allowed"]["person_id"]] == [person["id"]]


def test_what_a_body_ignores_is_told(api: ApiClient, agent: Agent) -> None:
    product = api.create("products")["id"]
    values = {"titel": "x", "title": "y", "line_items": [{"product_id": product, **LINE, "tax_rate": 5}]}
    told = agent.told("create", resource="quotes", values=values)
    assert told["ignored"].keys() == {"titel", "line_items.0.tax_rate"}
    assert "tax_rate" not in told["ignored"]["line_items.0.tax_rate"]
    lines = agent.told("get", resource="quotes", id=told["record"]["id"])["record"]["line_items"]
    values = json.loads(json.dumps({"line_items": lines}, default=float))
    again = agent.told("update", resource="quotes", id=told["record"]["id"], values=values)
    assert again == {"record": told["record"]}
    assert agent.fault("create", resource="quotes", values={"titel": "x"})["ignored"].keys() == {"titel"}


@pytest.mark.parametrize("values", [{"status": "won"}, {"version": 1, "title": "x"}], ids=str)
def test_a_change_of_nothing_that_can_be_written_is_a_fault(api: ApiClient, agent: Agent, values: dict) -> None:
    deal = api.create("deals")
    assert agent.fault("update", resource="deals", id=deal["id"], values=values)["status"] == 422
    assert api.get(f"/deals/{deal['id']}").json["data"]["version"] == 1


def test_a_change_of_another_version_tells_what_the_record_holds_now(api: ApiClient, agent: Agent) -> None:
    deal = api.create("deals", title="Roof", amount=1)
    api.patch(f"/deals/{deal['id']}", {"amount": 2})
    fault = agent.fault("update", resource="deals", id=deal["deal_id"], values={"amount": 3}, version=1)
    assert (fault["status"], fault["version"]) == (412, 2)
    names = {"id": deal["id"], "deal_id": deal["deal_id"], "title": "Roof", "version": 2}
    assert fault["record"] == {**names, "amount": 2}


def test_a_deletion_names_the_record(api: ApiClient, agent: Agent) -> None:
    person = api.create("people", first_name="Ada", last_name="Byron")
    fault = agent.fault("delete", resource="people", id=person["id"], confirm="Ada")
    assert [*fault["errors"]] == ["confirm"]
    assert fault["record"]["name"] == "Ada Byron"
    call = {"resource": "people", "id": person["id"], "confirm": " ada BYRON "}
    assert agent.fault("delete", **call, version=2)["status"] == 412
    assert agent.told("delete", **call) == {"deleted": {"id": person["id"], "name": "Ada Byron"}}
    assert api.get(f"/people/{person['id']}").status_code == 404


def test_a_document_that_was_written_tells_its_total(api: ApiClient, agent: Agent) -> None:
    lines = [{"product_id": api.create("products")["id"], "quantity": 2, "unit_price": 10}]
    values = {"title": "Offer", "compute_totals": True, "line_items": lines}
    assert agent.told("create", resource="quotes", values=values)["record"]["total"] == 22


def test_changes_go_on_and_those_of_a_record_have_pages(api: ApiClient, agent: Agent) -> None:
    start = agent.told("changes", after="latest")
    assert start["changes"] == []
    lead = agent.told("create", resource="leads", values={"title": "a"})["record"]
    for title in "bc":
        agent.told("update", resource="leads", id=lead["id"], values={"title": title})
    told = agent.told("changes", after=start["after"], limit=2)
    assert [change["type"] for change in told["changes"]] == ["lead.created", "lead.updated"]
    assert {change["record"]["title"] for change in told["changes"]} == {"c"}
    assert told["has_more"]
    rest = agent.told("changes", after=told["after"], resource="leads")
    assert (len(rest["changes"]), rest["has_more"]) == (1, False)
    history = {"resource": "leads", "id": lead["lead_id"], "limit": 2}
    newest = agent.told("changes", **history)
    assert [change["version"] for change in newest["changes"]] == [3, 2]
    oldest = agent.told("changes", **history, after=newest["after"])
    assert ([change["version"] for change in oldest["changes"]], oldest["after"]) == ([1], None)
    assert [*agent.fault("changes", **history, after="x")["errors"]] == ["after"]
    assert [*agent.fault("changes", id=lead["id"])["errors"]] == ["resource"]


def test_what_there_is_is_described(api: ApiClient, agent: Agent) -> None:
    overview = agent.told("describe")
    assert overview["you"]["id"] == api.user_id
    assert overview["resources"]["deals"]["called_by"] == ["deal_id", "title"]
    deals = agent.told("describe", resource="deals")
    assert deals["values"]["title"] == {"type": "string", "required": True}
    assert deals["filters"]["status"].endswith(": open, won, lost")
    stages = deals["lookups"]["pipeline_stage_id"]["rows"]
    assert {stage["pipeline"] for stage in stages} == {"Deal Pipeline"}
    [berlin] = agent.told("describe", resource="timezones", q="BERLIN")["rows"]
    assert berlin["name"] == "Europe/Berlin"
