"""Long pages: what is too large to be in memory whole comes as it would in short ones."""

import pytest

from crm.database.projection import Projection
from crm.lists.writing import AT_ONCE
from tests.support.sales import DOCUMENTS, line

COUNT = 2 * AT_ONCE + 3

each_document = pytest.mark.parametrize("kind", DOCUMENTS)


@pytest.fixture
def filled(api, kind):
    """Documents with up to three lines each, one of them with two hundred large ones; a client that sees them."""
    products = [api.create("products", name=name)["id"] for name in ("Anvil", "Zoë's rope")]
    large = {"quantity": 1.5, "comments": "😀" + "x" * 4000}
    for place in range(COUNT):
        lines = [line(products[0], comments=f"No. {place}")] * (place % 4)
        api.create(kind, line_items=[line(products[1], **large)] * 200 if place == 40 else lines)
    return api


@each_document
def test_a_long_page_holds_the_same_records_as_short_ones(filled, kind):
    whole = filled.get(f"/{kind}?per_page=100")
    short = [filled.get(f"/{kind}?per_page=25&page={page}") for page in (1, 2, 3)]
    assert whole.json["data"] == [record for page in short for record in page.json["data"]]
    assert len(whole.json["data"]) == whole.json["meta"]["total"] == whole.json["meta"]["to"] == COUNT
    assert list(whole.json) == list(short[0].json) == ["data", "links", "meta"]
    assert int(whole.headers["Content-Length"]) == len(whole.data)
    head = filled.request("HEAD", f"/{kind}?per_page=100")
    assert (head.data, head.headers["Content-Length"]) == (b"", whole.headers["Content-Length"])


@each_document
def test_a_long_page_is_read_in_parts_that_are_as_many_as_it_is_heavy(filled, kind, monkeypatch):
    read, parts = Projection.records, []

    def count(projection, rows, **options):
        if projection.of_documents:
            parts.append(len(rows))
        return read(projection, rows, **options)

    monkeypatch.setattr(Projection, "records", count)
    filled.get(f"/{kind}?per_page=25")
    filled.get(f"/{kind}?per_page=100")
    assert parts == [25, 25, COUNT - 25]
    monkeypatch.setattr("crm.lists.writing._LIGHT", 100_000)
    parts.clear()
    filled.get(f"/{kind}?per_page=100")
    assert sum(parts) == COUNT
    assert len(parts) > 2
