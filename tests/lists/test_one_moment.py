"""A document is shown as it was at one moment, wherever it is read: its lines are those that its total is of."""

from threading import Thread
from typing import Any

import pytest

from crm.schemas.collections.line_items import LineItems
from tests.support.client import ApiClient
from tests.support.walks import Json

PATHS = [
    "/quotes/by/erp/1",
    "/quotes/Q1001",
    "/quotes",
    "/quotes?count=false",
    "/quotes?cursor=",
    "/quotes?cursor=&search=offer&filter[title]=offer",
    "/search?q=offer",
    "/search?q=Q1001",
    "/changes?records=true&resources=quotes",
]


def one_document(data: Any) -> Json:
    """Return the last document that the data of an answer shows."""
    found = data[-1] if isinstance(data, list) else data
    document: Json = found.get("record", found)
    return document


@pytest.mark.parametrize("path", PATHS)
def test_lines_fit_their_document(api: ApiClient, monkeypatch: pytest.MonkeyPatch, path: str) -> None:
    product = api.create("products")["id"]
    line = {"product_id": product, "quantity": 1, "unit_price": 1, "amount": 1}
    whole = {"title": "Offer", "total": 1, "line_items": [line], "external_keys": {"erp": "1"}}
    api.create("quotes", **whole)
    read_lines = LineItems.of
    changes: list[int] = []

    def change() -> None:
        changes.append(0)
        changes[0] = api.put("/quotes/Q1001", {"total": 2, "line_items": [{**line, "amount": 2}]}).status_code

    def write_before_reading(field: LineItems, record_ids: list[int]) -> dict[int, Any]:
        if not changes:
            writer = Thread(target=change)
            writer.start()
            writer.join()
        return read_lines(field, record_ids)

    monkeypatch.setattr(LineItems, "of", write_before_reading)
    document = one_document(api.get(path).json["data"])
    assert changes == [200]
    assert document["total"] == document["line_items"][0]["amount"]
