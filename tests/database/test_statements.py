"""A write takes few SQL statements, and of a document as many for 200 lines as for five."""

from typing import Any

import pytest

from tests.support.client import ApiClient, statements
from tests.support.factories import full
from tests.support.sales import DOCUMENTS, Json, as_sent, line

MOST_TO_CREATE = 12
MOST_TO_UPDATE = 17
"""An update also finds the record and its lines, reads both before and after, and removes lines."""

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
    assert any(isinstance(values, list) and len(values) == 200 for _, values in many)


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
