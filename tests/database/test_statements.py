"""A write takes few SQL statements, and of a document as many for 200 lines as for five."""

from typing import Any

import pytest

from tests.support.client import ApiClient, statements
from tests.support.factories import full
from tests.support.sales import DOCUMENTS, Json, as_sent, line

MOST_TO_CREATE = 12
MOST_TO_UPDATE = 17
"""An update also finds the record and its lines, reads both before and after, and removes lines."""

MOST_IN_A_BATCH_OF_LEADS = 20
MOST_IN_A_BATCH_OF_QUOTES = 24
MOST_TO_UPDATE_A_LEAD = 11
MOST_TO_UPDATE_ALL_OF_A_LEAD = 15
"""With references and labels: they are found, and the labels compared, and read again."""

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
