"""The labels of records (contract, sections 1 and 5)."""

from datetime import UTC, datetime

import pytest

from crm.models import Label
from crm.schemas.collections.labels import Labels
from tests.support.factories import alter, create_lookup, fields_of

each_labelled = pytest.mark.parametrize("resource", [resource for resource, _ in fields_of(Labels)])
both_updates = pytest.mark.parametrize("method", ["PUT", "PATCH"])


def ids(labels):
    return [label["id"] for label in labels]


@each_labelled
def test_labels_are_shown_by_name_and_a_repeat_counts_once(api, resource):
    made = {name: create_lookup(api.app, Label, name=name, hex="abcdef") for name in ("b", "C", "a")}
    record = api.create(resource, labels=[made["C"], made["b"], made["a"], made["b"].upper(), made["C"]])
    assert record["labels"] == [{"id": made[name], "name": name, "hex": "abcdef"} for name in ("a", "b", "C")]


def test_the_colours_of_labels_are_bare_hex_digits(api):
    labels = api.get("/labels").json["data"]
    assert {label["name"]: label["hex"] for label in labels} == {"Cold": "2563eb", "Hot": "dc2626", "Warm": "f59e0b"}
    assert api.create("leads", labels=[label["id"] for label in labels])["labels"] == labels


@each_labelled
@both_updates
def test_labels_are_kept_when_absent_or_null_cleared_by_an_empty_list_and_else_replaced(api, resource, method):
    one, two = create_lookup(api.app, Label, name="one"), create_lookup(api.app, Label, name="two")
    record = api.create(resource, labels=[one])
    steps = [({}, [one]), ({"labels": None}, [one]), ({"labels": [two]}, [two]), ({"labels": []}, [])]
    for body, expected in steps:
        answer = api.request(method, f"/{resource}/{record['id']}", json=body)
        assert ids(answer.json["data"]["labels"]) == expected


@each_labelled
def test_null_labels_on_create_are_no_labels(api, resource):
    assert api.create(resource, labels=None)["labels"] == []


@each_labelled
@both_updates
def test_a_record_may_keep_its_deleted_label_but_not_take_another(api, resource, method):
    its_own, other, live = (create_lookup(api.app, Label) for _ in range(3))
    record = api.create(resource, labels=[its_own])
    for label in (its_own, other):
        alter(api.app, Label, label, deleted_at=datetime.now(UTC))
    path = f"/{resource}/{record['id']}"
    refused = api.request(method, path, json={"labels": [its_own, other]})
    assert api.errors(refused) == {"labels.1": ["The selected labels.1 is invalid."]}
    assert ids(api.request(method, path, json={"labels": [its_own, live]}).json["data"]["labels"]) == [live]
    alter(api.app, Label, its_own, deleted_at=None)
    assert set(ids(api.get(path).json["data"]["labels"])) == {its_own, live}
