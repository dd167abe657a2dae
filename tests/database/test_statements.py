"""A write takes few SQL statements, and of a document as many for 200 lines as for five."""

from typing import Any

import pytest

from tests.support.client import ApiClient, statements
from tests.support.factories import full
from tests.support.sales import DOCUMENTS, Json, as_sent, line

MOST_TO_CREATE = 13
MOST_TO_UPDATE = 20
"""An update also finds the record and its lines, reads both and the tax by rate before and after, and removes lines."""

MOST_IN_A_BATCH_OF_LEADS = 20
MOST_IN_A_BATCH_OF_QUOTES = 24
MOST_IN_A_BATCH_OF_PEOPLE = 18
MOST_TO_UPDATE_PEOPLE = 24
"""Three collections: each is compared, removed, added, and read before and after."""
MOST_TO_UPDATE_A_LEAD = 11
MOST_TO_UPDATE_ALL_OF_A_LEAD = 16
"""With references and labels: they are found, look-up rows are held, and the labels compared, and read again."""

every_document = pytest.mark.parametrize("kind", DOCUMENTS)

Statements = list[tuple[Any, Any]]
"""What was executed, a Query or the SQL itself, and its parameters."""


def body(products: list[Json], count: int, **fields: Any) -> Json:
    return {"title": "Big", "line_items": [line(products[place % len(products)]) for place in range(count)], **fields}


def ok(api: ApiClient, method: str, path: str, fields: Json) -> tuple[Json, Statements]:
    """Send a request that must succeed; return what is shown and the statements that it took."""
    with statements(api.app) as sent:
        response = api.request(method, path, json=fields)
    assert response.status_code in (200, 201), response.text
    return response.json["data"], sent


@every_document
def test_creating_a_document_takes_as_few_statements_for_200_lines_as_for_5(api: ApiClient, kind: str) -> None:
    products = [api.create("products") for _ in range(7)]
    _, few = ok(api, "POST", f"/{kind}", body(products, 5))
    document, many = ok(api, "POST", f"/{kind}", body(products, 200))
    assert len(document["line_items"]) == 200
    assert [what for what, _ in many] == [what for what, _ in few]
    assert 0 < len(many) <= MOST_TO_CREATE
    assert [len(values["lines"]) for _, values in many if isinstance(values, dict) and "lines" in values] == [200]


@every_document
def test_updating_a_document_takes_as_few_statements_for_200_lines_as_for_5(api: ApiClient, kind: str) -> None:
    products = [api.create("products") for _ in range(7)]
    taken = []
    for count in (5, 200):
        document, _ = ok(api, "POST", f"/{kind}", body(products, count))
        kept = [as_sent(item) for item in document["line_items"][1:]]
        changes = {"line_items": [*reversed(kept), *body(products, count)["line_items"]]}
        shown, sent = ok(api, "PUT", f"/{kind}/{document['id']}", changes)
        assert len(shown["line_items"]) == 2 * count - 1
        taken.append(len(sent))
    assert 0 < taken[0] == taken[1] <= MOST_TO_UPDATE


@every_document
def test_working_out_prices_and_totals_takes_as_few_statements_for_200_lines_as_for_5(
    api: ApiClient, kind: str
) -> None:
    """One more than without: the prices of all products, or what a document charges that keeps its lines."""
    products = [api.create("products", unit_price=n, tax_rate=n) for n in range(7)]
    taken = []
    for count in (5, 200):
        lines = [{"product_id": products[n % 7]["id"], "quantity": 1} for n in range(count)]
        document, made = ok(api, "POST", f"/{kind}", {"title": "Big", "compute_totals": True, "line_items": lines})
        path = f"/{kind}/{document['id']}"
        _, replaced = ok(api, "PUT", path, {"line_items": lines})
        _, kept = ok(api, "PUT", path, {"discount": 1})
        taken.append([len(sent) for sent in (made, replaced, kept)])
    assert taken[0] == taken[1]
    most = (MOST_TO_CREATE + 1, MOST_TO_UPDATE + 1, MOST_TO_UPDATE - 3)
    assert all(0 < count <= limit for count, limit in zip(taken[0], most, strict=True))


@every_document
def test_all_products_of_a_payload_are_found_in_one_query(api: ApiClient, kind: str) -> None:
    products = [api.create("products") for _ in range(30)]
    _, sent = ok(api, "POST", f"/{kind}", body(products, 60))
    wanted = {product["id"] for product in products}
    naming = [values["keys"] for _, values in sent if isinstance(values, dict) and wanted & {*values.get("keys", ())}]
    assert [{*keys} for keys in naming] == [wanted]


def test_updating_a_lead_takes_few_statements(api: ApiClient) -> None:
    path = f"/leads/{api.create('leads')['id']}"
    everything = full(api, "leads")
    _, sent = ok(api, "PUT", path, {"title": "New", "amount": 5})
    assert 0 < len(sent) <= MOST_TO_UPDATE_A_LEAD
    _, sent = ok(api, "PUT", path, everything)
    assert MOST_TO_UPDATE_A_LEAD < len(sent) <= MOST_TO_UPDATE_ALL_OF_A_LEAD


def batch(api: ApiClient, verb: str, resource: str, items: list[Json]) -> tuple[list[Json], Statements]:
    """Send a batch that must succeed; return its records and the statements that it took."""
    results, sent = ok(api, "POST", f"/{resource}/batch/{verb}", {"items": items})
    assert all(isinstance(values, dict | tuple) for _, values in sent), "one that runs for each of many"
    return [result["data"] for result in results], sent


def test_a_batch_of_leads_takes_as_few_statements_for_100_as_for_2(api: ApiClient) -> None:
    everything = [full(api, "leads") for _ in range(4)]
    for name in ("person_id", "organization_id"):
        everything[3][name] = {"source": "erp", "key": "1"}
    for kind in ("people", "organizations"):
        api.create(kind, external_keys={"erp": "1"})

    def items(count: int, first: int) -> list[Json]:
        keys = ({"erp": f"{first + n}", "crm": f"{first + n}"} for n in range(count))
        return [{**everything[n % 4], "external_keys": own} for n, own in enumerate(keys)]

    _, few = batch(api, "create", "leads", items(4, first=1000))
    leads, many = batch(api, "create", "leads", items(100, first=0))
    assert [what for what, _ in many] == [what for what, _ in few]
    assert 0 < len(many) <= MOST_IN_A_BATCH_OF_LEADS
    keys = [{"key": {"source": "erp", "key": str(n)}, "title": "New"} for n in range(50, 150)]
    answer = api.post("/leads/batch/upsert", {"items": keys})
    assert [item["status"] for item in answer.json["data"]] == [200] * 50 + [201] * 50
    assert len(leads) == 100


def test_a_batch_of_quotes_takes_as_few_statements_for_100_as_for_2(api: ApiClient) -> None:
    products = [api.create("products") for _ in range(7)]
    everything = {**full(api, "quotes"), "line_items": body(products, 5)["line_items"]}
    _, few = batch(api, "create", "quotes", [everything] * 2)
    quotes, many = batch(api, "create", "quotes", [everything] * 100)
    assert [what for what, _ in many] == [what for what, _ in few]
    assert 0 < len(many) <= MOST_IN_A_BATCH_OF_QUOTES
    assert {len(quote["line_items"]) for quote in quotes} == {5}


def details(count: int, word: str) -> Json:
    """Return so many contact details of each kind."""
    return {
        "emails": [{"address": f"{word}{n}@example.com"} for n in range(count)],
        "phones": [{"number": f"{n} {word}"} for n in range(count)],
        "addresses": [{"city": f"{word} {n}"} for n in range(count)],
    }


def updated(api: ApiClient, resource: str, items: list[Json]) -> tuple[list[Json], Statements]:
    """Send a batch of changes; return the records and the exchanges with the database."""
    results, sent = ok(api, "POST", f"/{resource}/batch/update", {"items": items})
    return [result["data"] for result in results], sent


@pytest.mark.parametrize("resource", ["people", "organizations"])
def test_contact_details_take_as_few_statements_for_many(api: ApiClient, resource: str) -> None:
    everything = {**full(api, resource), **details(2, "a")}
    _, few = batch(api, "create", resource, [everything] * 2)
    made, many = batch(api, "create", resource, [{**everything, **details(20, "a")}] * 100)
    assert [what for what, _ in many] == [what for what, _ in few]
    assert 0 < len(many) <= MOST_IN_A_BATCH_OF_PEOPLE
    items = [{"id": record["id"], **details(n % 5, "b")} for n, record in enumerate(made)]
    changed = updated(api, resource, items)[0]
    few = updated(api, resource, [{**item, **details(3, "c")} for item in items[:2]])[1]
    many = updated(api, resource, [{**item, **details(4, "d")} for item in items])[1]
    assert [what for what, _ in many] == [what for what, _ in few]
    assert 0 < len(many) <= MOST_TO_UPDATE_PEOPLE
    assert {len(record["emails"]) for record in changed} == {*range(5)}


@pytest.mark.parametrize("resource", ["people", "organizations"])
def test_a_page_of_records_with_contact_details_takes_as_few_statements_for_many(api: ApiClient, resource: str) -> None:
    taken = []
    for _ in range(2):
        api.post(f"/{resource}/batch/create", {"items": [{**full(api, resource), **details(3, "a")}] * 2})
        if taken:
            api.post(f"/{resource}/batch/create", {"items": [{**full(api, resource), **details(9, "a")}] * 30})
        with statements(api.app) as sent:
            assert api.get(f"/{resource}?filter[email]=A1@example.com").json["data"][0]["phones"] != []
            assert len(api.get(f"/{resource}?per_page=100").json["data"]) >= 2
        taken.append(len(sent))
    assert taken[0] == taken[1]
