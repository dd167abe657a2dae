"""Line items that are refused, in all three documents: each fault is named, and nothing at all has changed."""

from typing import Any
from uuid import uuid4

import pytest
from flask import Flask

from crm.schemas.collections.line_items import LineItems
from tests.support.client import ApiClient
from tests.support.factories import create_team, create_user
from tests.support.sales import DOCUMENTS, Json, as_sent, contents, line, put, quantities, refused

pytestmark = pytest.mark.parametrize("kind", DOCUMENTS)


@pytest.mark.parametrize("name", ["product_id", "quantity", "unit_price", "amount"])
def test_a_line_is_given_whole_beside_an_id_too(api: ApiClient, kind: str, document: Json, name: str) -> None:
    sent = [as_sent(item) for item in document["line_items"]]
    del sent[1][name]
    fault = f"line_items.1.{name}"
    assert refused(api, kind, document, line_items=sent) == {fault: [f"The {fault} field is required."]}
    assert refused(api, kind, document, line_items=[{**sent[1], name: None}]).keys() == {f"line_items.0.{name}"}


def test_every_fault_is_keyed_by_its_place(api: ApiClient, app: Flask, kind: str, document: Json) -> None:
    product_id = document["line_items"][0]["product_id"]
    bad = line(str(uuid4()), quantity=0, unit_price=-0.01, amount="ten", comments=5)
    lines = [{}, line(product_id), bad, line("an anvil", quantity=1.23456, unit_price=True, amount=-1), "a line", None]
    expected = {
        **{f"line_items.0.{name}": "field is required." for name in ("product_id", "quantity", "unit_price", "amount")},
        "line_items.2.quantity": "field must be greater than 0.",
        "line_items.2.unit_price": "field must be at least 0.",
        "line_items.2.amount": "field must be a number.",
        "line_items.2.comments": "field must be a string.",
        "line_items.3.product_id": "field must be a valid UUID.",
        "line_items.3.quantity": "field must not have more than 4 decimals.",
        "line_items.3.unit_price": "field must be a number.",
        "line_items.3.amount": "field must be at least 0.",
        "person_id": "field must be a valid UUID.",
    }
    sentences = {key: [f"The {key} {sentence}"] for key, sentence in expected.items()}
    sentences["line_items.2.product_id"] = ["The selected line_items.2.product_id is invalid."]
    before = contents(app)
    created = api.errors(api.post(f"/{kind}", {"title": "New", "line_items": lines, "person_id": "Bob"}))
    assert contents(app) == before
    updated = refused(api, kind, document, reference="New", line_items=lines, person_id="Bob")
    for faults in (created, updated):
        assert faults.keys() == {*sentences, "line_items.4", "line_items.5"}
        assert sentences.items() <= faults.items()


@pytest.mark.parametrize(
    "lines", [{"first": {}}, {"0": {}, "1.0": {}}, {" 1": {}}, {"": {}}, {"1" * 20: {}}, "x", 5, True]
)
def test_lines_must_be_an_array(api: ApiClient, kind: str, document: Json, lines: Any) -> None:
    sentence = "The line_items field must be an array."
    assert refused(api, kind, document, line_items=lines) == {"line_items": [sentence]}


@pytest.mark.parametrize("other_kind", DOCUMENTS)
def test_the_line_of_another_document_is_refused(
    api: ApiClient, kind: str, other_kind: str, document: Json, product: Json
) -> None:
    other = api.create(other_kind, line_items=[line(product)])
    foreign = as_sent(other["line_items"][0])
    faults = refused(api, kind, document, reference="New", line_items=[as_sent(document["line_items"][0]), foreign])
    assert faults == {"line_items.1.id": ["The selected line_items.1.id is invalid."]}


@pytest.mark.parametrize(("own_id", "sentence"), [("x", "must be a valid UUID."), (7, "must be a valid UUID.")])
def test_an_id_that_is_no_uuid_is_refused(
    api: ApiClient, kind: str, document: Json, product: Json, own_id: Any, sentence: str
) -> None:
    faults = refused(api, kind, document, line_items=[line(product, id=own_id)])
    assert faults == {"line_items.0.id": [f"The line_items.0.id field {sentence}"]}


def test_an_id_that_stands_twice_is_refused(api: ApiClient, kind: str, document: Json) -> None:
    once = as_sent(document["line_items"][0])
    faults = refused(api, kind, document, line_items=[once, {**once, "id": once["id"].upper()}])
    assert faults == {"line_items.1.id": ["The selected line_items.1.id is invalid."]}


def test_labels_and_lines_change_together_or_not_at_all(
    api: ApiClient, kind: str, document: Json, product: Json
) -> None:
    label = api.get("/labels").json["data"][0]
    refused(api, kind, document, labels=[label["id"]], line_items=[line(product), line(product, quantity=0)])
    refused(api, kind, document, labels=[label["id"], str(uuid4())], line_items=[line(product)])
    shown = put(api, kind, document, labels=[label["id"]], line_items=[line(product, quantity=5)])
    assert (shown["labels"], quantities(shown)) == ([label], [5])


def test_a_failure_half_way_leaves_nothing_behind(
    api: ApiClient, app: Flask, kind: str, document: Json, product: Json, monkeypatch: pytest.MonkeyPatch
) -> None:
    written = LineItems.write

    def write_and_fail(*args: Any, **kwargs: Any) -> None:
        written(*args, **kwargs)
        raise ZeroDivisionError

    before = contents(app)
    monkeypatch.setattr(LineItems, "write", write_and_fail)
    with pytest.raises(ZeroDivisionError):
        api.put(f"/{kind}/{document['id']}", {"reference": "New", "line_items": [line(product)]})
    with pytest.raises(ZeroDivisionError):
        api.post(f"/{kind}", {"title": "New", "line_items": [line(product)]})
    assert contents(app) == before


def test_nothing_of_another_team_gets_into_a_line(team_app: Flask, kind: str) -> None:
    ours, theirs = create_user(team_app), create_user(team_app)
    for owner in (ours, theirs):
        create_team(team_app, owner)
    api, other = ApiClient(team_app, ours), ApiClient(team_app, theirs)
    product, foreign = api.create("products"), other.create("products")
    document = api.create(kind, line_items=[line(product)])
    foreign_document = other.create(kind, line_items=[line(foreign)])
    assert refused(api, kind, document, line_items=[line(foreign)]).keys() == {"line_items.0.product_id"}
    faults = refused(api, kind, document, line_items=[line(product, id=foreign_document["line_items"][0]["id"])])
    assert faults.keys() == {"line_items.0.id"}
    assert api.post(f"/{kind}", {"title": "New", "line_items": [line(foreign)]}).status_code == 422
    assert other.get(f"/{kind}/{foreign_document['id']}").json["data"] == foreign_document
