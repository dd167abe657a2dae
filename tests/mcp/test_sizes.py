"""How large answers get: none is over 20 kB unless it was asked for as much, and what is left of it can be used."""

from typing import Any

import pytest

from crm.models import Label
from tests.support.agents import Agent
from tests.support.client import ApiClient
from tests.support.factories import NAMES, create_lookup, create_token, create_user
from tests.support.sales import line

Json = dict[str, Any]

MOST_BYTES = 20_000
CUT = "…"


def text(length: int) -> str:
    """Return a text of which each character takes many bytes in JSON: in JSON within a text up to seven."""
    return ('"\x01\U0001f600\\\x1f€' * (length // 6 + 1))[: length - 1] + "€"


LONG = text(65_535)
SHORT = text(250)


def answer_to(api: ApiClient, tool: str, **arguments: Any) -> tuple[int, Json]:
    """Call a tool, and return the size of the whole answer and what it tells, also where that is a fault."""
    agent = Agent(api.app, **api.headers)
    answer = agent.send("tools/call", {"name": tool, "arguments": arguments})
    return len(answer.data), agent.result(answer)["structuredContent"]


def told(api: ApiClient, tool: str, **arguments: Any) -> Json:
    """Call a tool whose answer has to be small, and return it."""
    size, answer = answer_to(api, tool, **arguments)
    assert size <= MOST_BYTES, answer
    return answer


def done(api: ApiClient, tool: str, **arguments: Any) -> Json:
    """Call a tool that does what it is asked, and whose answer has to be small; return it."""
    answer = told(api, tool, **arguments)
    assert "message" not in answer, answer
    return answer


def made(api: ApiClient, resource: str, **values: Any) -> Json:
    """Make a record, and return what is told of it."""
    record: Json = done(api, "create", resource=resource, values=values)["record"]
    assert len(record["id"]) == 36
    return record


@pytest.fixture
def labels(api: ApiClient) -> list[str]:
    """A hundred labels with long names."""
    return [create_lookup(api.app, Label, name=f"{place:03} {SHORT}") for place in range(100)]


@pytest.fixture
def person(api: ApiClient, labels: list[str]) -> Json:
    """A person with all that one may have."""
    address = {name: text(200) for name in ("line1", "line2", "line3", "city", "state")}
    return made(
        api,
        "people",
        **dict.fromkeys(("title", "first_name", "last_name"), SHORT),
        description=LONG,
        emails=[{"address": f"{'a' * 60}.{place}@{'b' * 60}.{'c' * 60}.example.com"} for place in range(20)],
        phones=[{"number": f"+44 20 7946 {place:04}", "type": "work"} for place in range(20)],
        addresses=[address] * 20,
        labels=labels,
        external_keys={f"system{place}": "k" * 200 for place in range(20)},
    )


@pytest.fixture
def quote(api: ApiClient, labels: list[str], person: Json) -> Json:
    """A quote with 500 lines."""
    product = api.create("products", name=SHORT, code=text(60), description=LONG)
    lines = [line(product, comments=text(5_000 if place < 3 else 60)) for place in range(500)]
    texts = {"title": SHORT, "description": LONG, "terms": LONG[:40_000], "reference": SHORT}
    return made(api, "quotes", **texts, labels=labels, line_items=lines, person_id=person["id"])


def test_a_record_is_told_in_short_and_says_what_to_ask_for(api: ApiClient, quote: Json) -> None:
    shown = done(api, "get", resource="quotes", id=quote["id"])
    assert {*shown["cut"]} == {"title", "description", "terms", "reference", "person", "labels", "line_items"}
    assert shown["record"]["id"] == quote["id"]
    assert shown["record"]["description"] == LONG[: len(shown["record"]["description"]) - 1] + CUT
    assert 0 < len(shown["record"]["line_items"]) < 500
    whole = api.get(f"/quotes/{quote['id']}").json["data"]
    for field in shown["cut"]:
        size, answer = answer_to(api, "get", resource="quotes", id=quote["id"], fields=[field])
        assert answer["record"][field] == whole[field]
        assert field not in answer.get("cut", [])
        assert size > MOST_BYTES or field in ("title", "reference", "person")
    size, answer = answer_to(api, "get", resource="quotes", ids=[quote["id"]], fields=["terms", "line_items"])
    assert [answer["records"][0][field] for field in ("terms", "line_items")] == [whole["terms"], whole["line_items"]]


def test_contact_details_are_told_in_short(api: ApiClient, person: Json) -> None:
    shown = done(api, "get", resource="people", id=person["id"])
    details = {"emails", "phones", "addresses", "labels", "external_keys"}
    assert {*shown["cut"]} == {"name", "title", "first_name", "last_name", "description", *details}
    assert len(shown["record"]["emails"]) < 20
    size, answer = answer_to(api, "get", resource="people", id=person["id"], fields=["emails", "description"])
    assert len(answer["record"]["emails"]) == 20
    assert (answer["record"]["description"], size > MOST_BYTES) == (LONG, True)


def test_pages_are_small_unless_they_are_asked_to_be_long(api: ApiClient) -> None:
    for _ in range(30):
        api.create("leads", title=f"lead {SHORT[:240]}", description=LONG[:600])
    page = done(api, "list", resource="leads")
    assert (len(page["records"]), page["total"]) == (10, 30)
    sorts = ["title", "-created_at", "description"]
    conditions = {"title": {"contains": SHORT[:80]}, "description": {"starts_with": LONG[:120]}}
    page = done(api, "list", resource="leads", filter=conditions, sort=sorts, q="lead")
    following = done(api, "list", resource="leads", after=page["after"])
    assert [len(answer["records"]) for answer in (page, following)] == [10, 10]
    assert len(done(api, "search", q="lead")["records"]) == 10
    size, page = answer_to(api, "list", resource="leads", limit=30, fields=["description"])
    assert ({record["description"] for record in page["records"]}, len(page["records"])) == ({LONG[:600]}, 30)
    assert size > 3 * MOST_BYTES
    near = done(api, "get", resource="leads", ids=[f"lead {text(280)}{place}" for place in range(20)])
    assert len(near["missing"]) == 20
    assert len(told(api, "get", resource="leads", id="lead")["near"]) == 5


def test_a_page_of_long_changes_loses_none_of_them(api: ApiClient, person: Json) -> None:
    product = api.create("products", name=SHORT)
    quote = made(api, "quotes", title="x", external_keys={f"system{place}": "k" for place in range(10)})
    for turn in range(12):
        texts = dict.fromkeys(("description", "terms"), f"{turn}{LONG[:5_000]}")
        texts |= dict.fromkeys(("title", "reference"), f"{turn}{SHORT}")
        keys = {f"system{place}": f"{turn}{'k' * 200}" for place in range(10)}
        lines = [line(product, comments=f"{turn}{SHORT}") for _ in range(40)]
        values = {**texts, "person_id": None if turn % 2 else person["id"], "external_keys": keys, "line_items": lines}
        done(api, "update", resource="quotes", id=quote["id"], values=values)
    assert len(done(api, "changes", resource="quotes", id=quote["id"])["changes"]) == 10
    first = done(api, "changes", resources=["quotes"])
    rest = done(api, "changes", resources=["quotes"], after=first["after"])
    assert [change["version"] for page in (first, rest) for change in page["changes"]] == [*range(1, 14)]
    fields = {"title", "description", "terms", "reference", "person", "line_items"}
    assert first["changes"][3]["changed"].keys() >= fields
    assert {change["record"]["id"] for change in first["changes"]} == {quote["id"]}
    assert first["cut"] == ["record", "changed"]


def test_long_names_of_those_who_write_are_told_in_short(api: ApiClient, person: Json) -> None:
    user = create_user(api.app, name=SHORT)
    agent = ApiClient(api.app, user, Authorization=f"Bearer {create_token(api.app, user, SHORT)}")
    quote = made(agent, "quotes", title=SHORT)
    for turn in range(10):
        texts = dict.fromkeys(("title", "description", "terms", "reference"), f"{turn}{SHORT}")
        amounts = dict.fromkeys(("subtotal", "tax", "total", "discount"), turn + 1)
        others = {"currency": ("EUR", "CHF")[turn % 2], "person_id": (person["id"], None)[turn % 2]}
        done(agent, "update", resource="quotes", id=quote["id"], values={**texts, **amounts, **others})
    changes = done(api, "changes", resource="quotes", id="Q1001")["changes"]
    assert {change["record_id"] for change in changes} == {quote["id"]}
    changes = done(api, "changes", resources=["quotes"])["changes"]
    assert [change["version"] for change in changes] == [*range(1, 11)]


def test_who_asks_for_more_rows_gets_them_whole(api: ApiClient) -> None:
    title = "An ordinary title, of a length that is cut where there is little room. " * 3
    leads = [api.create("leads", title=f"{title}{place}") for place in range(40)]
    changed = [f"{title}; {place}" for place in range(10)]
    for lead, new in zip(leads, changed, strict=False):
        api.put(f"/leads/{lead['id']}", {"title": new})
    size, page = answer_to(api, "list", resource="leads", limit=50)
    assert (MOST_BYTES < size < 5 * MOST_BYTES, len(page["records"]), "cut" in page) == (True, 40, False)
    size, page = answer_to(api, "changes", resources=["leads"], limit=50)
    assert (MOST_BYTES < size < 5 * MOST_BYTES, len(page["changes"]), "cut" in page) == (True, 50, False)
    assert [change["changed"]["title"]["to"] for change in page["changes"][40:]] == changed


def test_what_there_is_is_told_in_short(api: ApiClient, labels: list[str]) -> None:
    for place in range(30):
        create_user(api.app, name=f"{place:03} {SHORT}")
    done(api, "describe")
    for resource in NAMES:
        assert done(api, "describe", resource=resource).keys() >= {"values", "filters", "sorts", "lookups"}
    rows = done(api, "describe", resource="labels")
    assert ("rows" in rows["cut"], rows["total"]) == (True, 103)
    [found] = done(api, "describe", resource="labels", q="042 ")["rows"]
    assert found["id"] == labels[42]
    assert done(api, "describe", resource="users")["total"] == 31


def test_ordinary_rows_are_told_all(api: ApiClient) -> None:
    for place in range(60):
        create_lookup(api.app, Label, name=f"An ordinary label {place}")
    answer = done(api, "describe", resource="labels")
    assert (len(answer["rows"]), "cut" in answer) == (63, False)


FAULTS: list[tuple[str, Json]] = [
    ("create", {"resource": "quotes", "values": {"title": "x", "labels": [f"{place}{SHORT}" for place in range(100)]}}),
    ("create", {"resource": "quotes", "values": {"title": "x", "line_items": [{"product_id": SHORT}] * 500}}),
    (
        "create",
        {"resource": "quotes", "values": {"title": SHORT + SHORT, "description": f"{LONG}x", "currency": SHORT}},
    ),
    ("create", {"resource": "quotes", "values": dict.fromkeys(("user_owner_id", "person_id", "lead_id"), SHORT)}),
    ("create", {"resource": "people", "values": {"first_name": "x", "emails": [{"address": SHORT}] * 20}}),
    ("create", {"resource": LONG, "values": LONG}),
    ("create", {"resource": "quotes", "values": {}, **{f"{place}{SHORT}": 1 for place in range(200)}}),
    ("create", {"resource": "quotes", "values": {}, LONG: 1}),
    ("update", {"resource": "quotes", "id": text(300), "values": {"title": None}}),
    ("delete", {"resource": "quotes", "id": text(300), "confirm": LONG}),
    ("describe", {"resource": LONG, "q": LONG}),
    ("search", {"q": LONG, "resources": [SHORT], "limit": LONG}),
    ("search", {"q": "x", "fields": [f"{place}{SHORT}" for place in range(100)]}),
    ("list", {"resource": "quotes", "filter": {LONG: 1}}),
    ("list", {"resource": "quotes", "filter": {f"{place}{SHORT}": 1 for place in range(10)}}),
    ("list", {"resource": "quotes", "filter": {"title": {f"{place}{SHORT}": 1 for place in range(10)}}}),
    ("list", {"resource": "quotes", "filter": {"labels": [f"{place}{SHORT}" for place in range(50)]}}),
    ("list", {"resource": "quotes", "filter": {"pipeline_stage_id": LONG[:5_000], "user_owner_id": SHORT}}),
    ("list", {"resource": "quotes", "sort": [SHORT], "q": SHORT}),
    ("list", {"resource": "quotes", "after": LONG}),
    ("get", {"resource": "quotes", "id": text(300)}),
    ("get", {"resource": "quotes", "id": LONG}),
    ("get", {"resource": "quotes", "ids": [SHORT] * 200}),
    ("convert_lead", {"id": text(300), "values": {"title": LONG}}),
    ("close_deal", {"id": text(300), "outcome": LONG}),
    ("decide_quote", {"id": text(300), "decision": LONG}),
    ("record_payment", {"invoice_id": text(300), "amount": LONG, "method": LONG}),
    ("changes", {"after": LONG, "resources": [f"{place}{SHORT}" for place in range(100)]}),
    ("changes", {"resource": "quotes", "id": text(300)}),
]


def test_faults_are_small(api: ApiClient, labels: list[str]) -> None:
    for place in range(30):
        create_user(api.app, name=f"{place:03} {SHORT}")
    for place in range(6):
        api.create("quotes", title=f"{place:03} {SHORT}")
    for tool, arguments in FAULTS:
        fault = told(api, tool, **arguments)
        assert fault["status"] in (404, 422), (tool, fault)
        assert fault["message"].endswith("."), (tool, fault)


def test_a_refusal_that_shows_the_record_is_small(api: ApiClient, quote: Json) -> None:
    refused = told(api, "delete", resource="quotes", id=quote["id"], confirm="x")
    assert (refused["status"], refused["record"]["id"]) == (422, quote["id"])
    values = {"title": "x", "description": "x", "terms": "x", "reference": "x", "line_items": [], "labels": []}
    refused = told(api, "update", resource="quotes", id=quote["id"], values=values, version=17)
    assert (refused["status"], refused["record"]["version"]) == (412, 1)
    assert {*refused["cut"]} == {*values}


def test_what_is_done_is_told_in_short(api: ApiClient, person: Json) -> None:
    ignored = {f"{place}{SHORT}": 1 for place in range(50)}
    lead = made(api, "leads", title=SHORT, description=LONG, person_id=person["id"], **ignored)
    deal = done(api, "convert_lead", id=lead["id"], values={"description": LONG, **ignored})["record"]
    done(api, "close_deal", id=deal["id"], outcome="lost", closed_reason=text(250))
    quote = made(api, "quotes", title=SHORT, terms=LONG)
    done(api, "decide_quote", id=quote["id"], decision="reject")
    invoice = made(api, "invoices", total=10, terms=LONG, reference=SHORT)
    done(api, "record_payment", invoice_id=invoice["id"], amount=10, method=text(50), reference=SHORT)
    size, answer = answer_to(
        api, "update", resource="leads", id=lead["id"], values={"title": f"x{SHORT}"}, fields=["description"]
    )
    assert (answer["record"]["description"], size > MOST_BYTES) == (LONG, True)
    done(api, "delete", resource="leads", id=lead["id"], confirm=lead["lead_id"])
