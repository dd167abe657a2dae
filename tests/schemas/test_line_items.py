"""The line items of quotes, orders and invoices: what can be done with them, in all three documents."""

from decimal import Decimal
from typing import Any

import pytest
from flask import Flask

from tests.support.client import ApiClient
from tests.support.sales import DOCUMENTS, Json, as_sent, contents, ids, line, put, quantities, refused

pytestmark = pytest.mark.parametrize("kind", DOCUMENTS)


def test_lines_are_shown_in_the_order_sent_with_all_that_they_hold(api: ApiClient, kind: str, product: Json) -> None:
    other = api.create("products", name="Rope")
    second = line(
        other, quantity="2", unit_price="0.5", amount=200, comments=" Rush ", order=7, tax_rate=3, currency="X"
    )
    document = api.create(kind, currency="EUR", line_items=[line(product), second])
    first, second = document["line_items"]
    assert second == {
        "id": second["id"],
        "product_id": other["id"],
        "product": {"id": other["id"], "name": "Rope", "code": None},
        "quantity": 2,
        "unit_price": Decimal("0.5"),
        "amount": 200,
        "tax_rate": 10,
        "tax_amount": 20,
        "currency": "EUR",
        "comments": "Rush",
        "order": 2,
    }
    assert first["product"] == {"id": product["id"], "name": "Anvil", "code": "A-1"}
    assert (first["order"], first["comments"]) == (1, None)
    assert api.get(f"/{kind}/{document['id']}").json["data"] == document
    assert api.get(f"/{kind}").json["data"] == [document]


@pytest.mark.parametrize("fields", [{}, {"line_items": None}, {"line_items": []}])
def test_a_document_may_have_no_lines(api: ApiClient, kind: str, fields: Json) -> None:
    assert api.create(kind, **fields)["line_items"] == []


@pytest.mark.parametrize("own_id", ["nonsense", 5, None, "2f1d5ad3-6f0c-4f0c-9a55-0d8a0a1f7c11"])
def test_an_id_is_ignored_in_a_new_document(api: ApiClient, kind: str, product: Json, own_id: Any) -> None:
    document = api.create(kind, line_items=[line(product, id=own_id), line(product, id=own_id)])
    assert len({*ids(document), own_id}) == 3


def test_a_line_of_another_document_stays_there_when_its_id_comes_in_a_new_one(
    api: ApiClient, kind: str, document: Json
) -> None:
    copy = api.create(kind, line_items=[as_sent(item) for item in document["line_items"]])
    assert not {*ids(copy)} & {*ids(document)}
    assert api.get(f"/{kind}/{document['id']}").json["data"] == document


@pytest.mark.parametrize("fields", [{}, {"line_items": None}, {"line_items": ""}])
def test_lines_that_are_absent_or_null_stay_as_they_are(
    api: ApiClient, kind: str, document: Json, fields: Json
) -> None:
    shown = put(api, kind, document, reference="New", **fields)
    assert (shown["reference"], shown["line_items"]) == ("New", document["line_items"])


def test_an_empty_list_removes_all_lines(api: ApiClient, kind: str, document: Json, app: Flask) -> None:
    other = api.create(kind, line_items=[line(document["line_items"][0]["product_id"])])
    assert put(api, kind, document, line_items=[])["line_items"] == []
    assert api.get(f"/{kind}/{other['id']}").json["data"] == other
    assert len(contents(app)[f"{kind[:-1]}_line_items"]) == 1


def test_a_line_with_an_id_is_updated_in_place(api: ApiClient, kind: str, document: Json) -> None:
    sent = [as_sent(item) for item in document["line_items"]]
    sent[1] |= {"id": sent[1]["id"].upper(), "quantity": 9, "unit_price": 2.5, "amount": 22.5, "comments": "Nine"}
    shown = put(api, kind, document, line_items=sent)
    changes = {"quantity": 9, "unit_price": Decimal("2.5"), "amount": Decimal("22.5"), "comments": "Nine"}
    changed = {**document["line_items"][1], **changes, "tax_amount": Decimal("2.25")}
    assert shown["line_items"] == [document["line_items"][0], changed, document["line_items"][2]]


def test_the_order_of_the_payload_becomes_the_order_of_the_lines(api: ApiClient, kind: str, document: Json) -> None:
    shown = put(api, kind, document, line_items=[as_sent(document["line_items"][place]) for place in (2, 0, 1)])
    assert ids(shown) == [ids(document)[place] for place in (2, 0, 1)]
    assert [item["order"] for item in shown["line_items"]] == [1, 2, 3]
    assert quantities(shown) == [3, 1, 2]


def test_a_line_without_an_id_is_added_and_one_that_is_not_named_removed(
    api: ApiClient, kind: str, document: Json, product: Json
) -> None:
    first, _, third = (as_sent(item) for item in document["line_items"])
    sent = [line(product, quantity=7), third, line(product, quantity=8, id=None), first]
    shown = put(api, kind, document, line_items=sent)
    assert quantities(shown) == [7, 3, 8, 1]
    assert (ids(shown)[1], ids(shown)[3]) == (third["id"], first["id"])
    assert not {ids(shown)[0], ids(shown)[2]} & {*ids(document)}
    assert [item["order"] for item in shown["line_items"]] == [1, 2, 3, 4]
    assert refused(api, kind, shown, line_items=[as_sent(document["line_items"][1])]).keys() == {"line_items.0.id"}


def test_comments_that_are_absent_become_null(api: ApiClient, kind: str, product: Json) -> None:
    document = api.create(kind, line_items=[line(product, comments="Rush")])
    sent = as_sent(document["line_items"][0])
    del sent["comments"]
    assert put(api, kind, document, line_items=[sent])["line_items"] == [
        {**document["line_items"][0], "comments": None}
    ]


def test_a_deleted_product_is_still_shown_and_kept_but_not_taken_anew(
    api: ApiClient, kind: str, document: Json, product: Json
) -> None:
    assert api.delete(f"/products/{product['id']}").status_code == 204
    assert api.get(f"/{kind}/{document['id']}").json["data"] == document
    first, second, _ = (as_sent(item) for item in document["line_items"])
    assert refused(api, kind, document, line_items=[first, line(product)]).keys() == {"line_items.1.product_id"}
    faults = api.errors(api.post(f"/{kind}", {"title": "New", "line_items": [line(product)]}))
    assert faults == {"line_items.0.product_id": ["The selected line_items.0.product_id is invalid."]}
    shown = put(api, kind, document, line_items=[{**second, "quantity": 5}, first])
    assert [item["product"]["name"] for item in shown["line_items"]] == ["Anvil", "Anvil"]
    assert quantities(shown) == [5, 1]


def test_a_deleted_product_that_a_line_has_given_up_is_not_taken_again(
    api: ApiClient, kind: str, document: Json, product: Json
) -> None:
    api.delete(f"/products/{product['id']}")
    other = api.create("products")
    first = as_sent(document["line_items"][0])
    shown = put(api, kind, document, line_items=[{**first, "product_id": other["id"]}])
    assert shown["line_items"][0]["product"]["id"] == other["id"]
    assert refused(api, kind, document, line_items=[first]).keys() == {"line_items.0.product_id"}
