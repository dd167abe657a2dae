"""What counts as an array, and how long it may be (contract, sections 1 and 5)."""

import time

import pytest

from crm.models import Label
from crm.schemas.collections.labels import Labels
from tests.support.client import UNKNOWN
from tests.support.factories import create_lookup, fields_of, sample
from tests.support.sales import DOCUMENTS, as_sent, line, put, quantities, refused

JSON = {"content_type": "application/json"}
HUGE = 300_000

each_document = pytest.mark.parametrize("kind", DOCUMENTS)
each_labelled = pytest.mark.parametrize("resource", [resource for resource, _ in fields_of(Labels)])


def too_many(name, most):
    return {name: [f"The {name} field must not have more than {most} items."]}


@each_labelled
def test_labels_with_gaps_are_the_values(api, resource):
    one, two = (create_lookup(api.app, Label, name=name) for name in ("one", "two"))
    record = api.create(resource, labels={"3": one, "-1": two, "20": one})
    assert [label["id"] for label in record["labels"]] == [one, two]
    path = f"/{resource}/{record['id']}"
    assert api.put(path, {"labels": {"0": two}}).json["data"]["labels"][0]["id"] == two
    assert api.put(path, {"labels": {}}).json["data"]["labels"] == []
    assert api.create(resource, labels={})["labels"] == []


@each_labelled
def test_a_wrong_label_among_gaps_is_named_by_its_key(api, resource):
    body = {**sample(resource), "labels": {"10": UNKNOWN, "9": "x"}}
    assert api.errors(api.post(f"/{resource}", body)) == {
        "labels.9": ["The labels.9 field must be a valid UUID."],
        "labels.10": ["The selected labels.10 is invalid."],
    }


@each_document
def test_lines_with_gaps_come_in_the_order_of_their_keys(api, kind):
    product = api.create("products")
    lines = {key: line(product, quantity=int(key) + 4) for key in ("10", "9", "-3", "0")}
    document = api.create(kind, line_items=lines)
    assert quantities(document) == [1, 4, 13, 14]
    assert [item["order"] for item in document["line_items"]] == [1, 2, 3, 4]
    first, second, *_ = map(as_sent, document["line_items"])
    changed = put(api, kind, document, line_items={"7": first, "2": second, "100": line(product, quantity=50)})
    assert quantities(changed) == [4, 1, 50]
    assert [item["id"] for item in changed["line_items"]][:2] == [second["id"], first["id"]]
    assert put(api, kind, document, line_items={})["line_items"] == []


@each_document
def test_faults_among_gaps_are_named_by_the_keys_as_sent(api, kind):
    product = api.create("products")
    document = api.create(kind, line_items=[line(product)])
    lines = {"007": line(product, quantity=0), "12": line(UNKNOWN), "5": line(product, id=UNKNOWN), "3": None}
    assert refused(api, kind, document, line_items=lines) == {
        "line_items.3": ["The line_items.3 field must be an array."],
        "line_items.007.quantity": ["The line_items.007.quantity field must be greater than 0."],
        "line_items.5.id": ["The selected line_items.5.id is invalid."],
        "line_items.12.product_id": ["The selected line_items.12.product_id is invalid."],
    }


@each_document
def test_a_document_has_at_most_500_lines(api, kind):
    product = api.create("products")
    document = api.create(kind, line_items=[line(product, quantity=place) for place in range(1, 501)])
    assert quantities(document) == [*range(1, 501)]
    for lines in ([line(product)] * 501, [{}] * HUGE, {str(place): {} for place in range(501)}):
        assert refused(api, kind, document, line_items=lines) == too_many("line_items", 500)
    assert api.errors(api.post(f"/{kind}", {"title": "New", "line_items": [0] * 501})) == too_many("line_items", 500)
    assert len(put(api, kind, document, line_items=[as_sent(item) for item in document["line_items"]])["line_items"])


@each_labelled
def test_a_record_is_sent_at_most_100_labels(api, resource):
    label = api.get("/labels").json["data"][0]["id"]
    record = api.create(resource, labels=[label] * 100)
    assert [shown["id"] for shown in record["labels"]] == [label]
    for labels in ([label] * 101, [0] * HUGE, {str(place): label for place in range(101)}):
        assert api.errors(api.put(f"/{resource}/{record['id']}", {"labels": labels})) == too_many("labels", 100)
        assert api.errors(api.post(f"/{resource}", {**sample(resource), "labels": labels})) == too_many("labels", 100)


@each_document
def test_too_many_lines_are_one_fault_beside_the_others(api, kind):
    body = {"title": "x" * 256, "reference": "x" * 256, "line_items": [{}] * 501, "labels": ["x"] * 101}
    faults = api.errors(api.post(f"/{kind}", body))
    assert {**too_many("line_items", 500), **too_many("labels", 100)}.items() <= faults.items()
    assert "reference" in faults
    assert not [path for path in faults if "." in path]


def test_a_mebibyte_of_nothing_is_refused_at_once(api):
    body = f'{{"title": "x", "line_items": [{"{},"[:3] * HUGE}{{}}]}}'
    started = time.perf_counter()
    answer = api.request("POST", "/quotes", data=body, **JSON)
    assert api.errors(answer) == too_many("line_items", 500)
    assert (time.perf_counter() - started < 5, len(answer.data) < 200) == (True, True)


@each_document
def test_the_first_hundred_faults_are_told_in_their_order(api, kind, monkeypatch):
    body = {"title": "x", "terms": 1, "person_id": UNKNOWN, "line_items": [{"comments": 5}] * 500}
    told = list(api.errors(api.post(f"/{kind}", body)).items())
    monkeypatch.setattr("crm.http.errors.MAX_FAULTS", 1_000_000)
    everything = list(api.errors(api.post(f"/{kind}", body)).items())
    assert (len(told), len(everything)) == (100, 2502)
    assert told == everything[:100]


@each_document
def test_a_hundred_faults_are_told_whole(api, kind):
    faults = api.errors(api.post(f"/{kind}", {"title": "x", "line_items": [{"comments": 5}] * 20}))
    names = ("product_id", "quantity", "unit_price", "amount", "comments")
    assert list(faults) == [f"line_items.{place}.{name}" for place in range(20) for name in names]
