"""Contact details of people and organizations: how they are taken and shown (beyond, section 17)."""

from typing import Any

import pytest

from tests.support.changes import changes_of
from tests.support.client import SOURCE, ApiClient
from tests.support.factories import DETAILS, sample

Json = dict[str, Any]

MOST = 20
VALUES = {"emails": "address", "phones": "number", "addresses": "line1"}
"""The field by which each kind is told apart here."""
PARTS = ("line1", "line2", "line3", "city", "state", "code", "country")

each_resource = pytest.mark.parametrize("resource", ["people", "organizations"])
each_kind = pytest.mark.parametrize("kind", DETAILS)
both_updates = pytest.mark.parametrize("method", ["PUT", "PATCH"])


def value_of(kind: str, place: int) -> str:
    return f"user{place}@example.com" if kind == "emails" else f"+1 202 555 {place:04}"


def some(kind: str, count: int, **fields: Any) -> list[Json]:
    """Return so many details, each other than the others."""
    return [{VALUES[kind]: value_of(kind, place), **fields} for place in range(count)]


def values(kind: str, record: Json) -> list[str]:
    return [detail[VALUES[kind]] for detail in record[kind]]


def refused(api: ApiClient, resource: str, **body: Any) -> dict[str, list[str]]:
    """Return the faults of a body, which are those of a new record and of a change that changes nothing."""
    record = api.create(resource, **DETAILS)
    path = f"/{resource}/{record['id']}"
    faults = api.errors(api.put(path, body))
    assert api.errors(api.post(f"/{resource}", {**sample(resource), **body})) == faults
    assert api.get(path).json["data"] == record
    return faults


@each_resource
@each_kind
def test_they_are_shown_in_the_order_sent_with_all_their_fields(api: ApiClient, resource: str, kind: str) -> None:
    sent = [*reversed(some(kind, MOST))]
    record = api.create(resource, **{kind: sent})
    assert values(kind, record) == [value_of(kind, place) for place in reversed(range(MOST))]
    others = dict.fromkeys(PARTS[1:]) if kind == "addresses" else {}
    assert record[kind][0] == {VALUES[kind]: value_of(kind, MOST - 1), **others, "type": None, "primary": True}
    assert api.get(f"/{resource}/{record['id']}").json["data"][kind] == record[kind]
    assert api.get(f"/{resource}").json["data"][0][kind] == record[kind]


@each_resource
def test_the_order_of_their_fields_is_that_of_the_specification(api: ApiClient, resource: str) -> None:
    record = api.create(resource, **DETAILS)
    assert list(record["emails"][0]) == ["address", "type", "primary"]
    assert list(record["phones"][0]) == ["number", "type", "primary"]
    assert list(record["addresses"][0]) == ["type", *PARTS, "primary"]
    bare = api.create(resource)
    assert [bare[kind] for kind in DETAILS] == [[], [], []]


@each_resource
@each_kind
@both_updates
def test_absent_or_null_keeps_them_an_empty_list_clears_them_and_a_list_is_all(
    api: ApiClient, resource: str, kind: str, method: str
) -> None:
    one, two = some(kind, 2)
    record = api.create(resource, **{kind: [one]})
    steps: list[tuple[Json, list[Json]]] = [({}, [one]), ({kind: None}, [one]), ({kind: ""}, [one])]
    steps += [({kind: [two, one]}, [two, one]), ({kind: [one]}, [one]), ({kind: {"7": two, "-1": one}}, [one, two])]
    steps += [({kind: []}, []), ({kind: [two]}, [two]), ({kind: {}}, [])]
    for body, expected in steps:
        shown = api.request(method, f"/{resource}/{record['id']}", json=body).json["data"]
        assert values(kind, shown) == [detail[VALUES[kind]] for detail in expected]
    assert api.create(resource, **{kind: None})[kind] == api.create(resource, **{kind: {}})[kind] == []


@each_resource
@each_kind
def test_a_detail_is_given_whole(api: ApiClient, resource: str, kind: str) -> None:
    record = api.create(resource, **{kind: some(kind, 2, type=" work ", primary=False)})
    assert [(detail["type"], detail["primary"]) for detail in record[kind]] == [("work", True), ("work", False)]
    for absent in ({}, {"type": None, "primary": None}, {"type": " ", "primary": ""}):
        shown = api.put(f"/{resource}/{record['id']}", {kind: some(kind, 2, **absent)}).json["data"]
        assert [(detail["type"], detail["primary"]) for detail in shown[kind]] == [(None, True), (None, False)]


@each_resource
@each_kind
def test_the_first_is_primary_unless_another_is(api: ApiClient, resource: str, kind: str) -> None:
    one, two, three = some(kind, 3)
    for sent, expected in (
        ([one, two, three], [True, False, False]),
        ([one, {**two, "primary": True}, three], [False, True, False]),
        ([{**one, "primary": "0"}, two, {**three, "primary": 1}], [False, False, True]),
    ):
        assert [detail["primary"] for detail in api.create(resource, **{kind: sent})[kind]] == expected


@each_resource
@each_kind
def test_two_are_not_primary(api: ApiClient, resource: str, kind: str) -> None:
    details = some(kind, 4)
    for place in (1, 3, 2):
        details[place]["primary"] = True
    only = ["Only one may be primary."]
    assert refused(api, resource, **{kind: details}) == {f"{kind}.2.primary": only, f"{kind}.3.primary": only}
    gaps = {"9": details[1], "4": details[2], "0": details[0]}
    assert refused(api, resource, **{kind: gaps}) == {f"{kind}.9.primary": only}


@each_resource
@each_kind
def test_there_are_twenty_at_most(api: ApiClient, resource: str, kind: str) -> None:
    sentence = [f"The {kind} field must not have more than 20 items."]
    for many in (some(kind, MOST + 1), [0] * 5000, {str(place): {} for place in range(MOST + 1)}):
        assert refused(api, resource, **{kind: many}) == {kind: sentence}


@each_resource
@each_kind
@pytest.mark.parametrize("wrong", ["x", 5, True, {"first": {}}])
def test_they_are_an_array_of_objects(api: ApiClient, resource: str, kind: str, wrong: Any) -> None:
    assert refused(api, resource, **{kind: wrong}) == {kind: [f"The {kind} field must be an array."]}
    sentence = [f"The {kind}.1 field must be an array."]
    if not isinstance(wrong, dict):
        assert refused(api, resource, **{kind: [*some(kind, 1), wrong]}) == {f"{kind}.1": sentence}


@each_resource
def test_every_field_has_its_sentence(api: ApiClient, resource: str) -> None:
    emails = [{}, {"address": "jane"}, {"address": f"{'x' * 250}@a.example", "type": 1, "primary": "yes"}]
    phones = [{"number": " "}, {"number": 5}, {"number": "1" * 51, "type": "x" * 51}]
    wrong = {"line1": "x" * 256, "city": 1, "country": "DEU", "primary": 2}
    addresses = [wrong, {"country": "D1"}, {"country": "Ä1", "state": "x" * 256, "code": [], "line2": {}}]
    assert refused(api, resource, emails=emails, phones=phones, addresses=addresses) == {
        key: [f"The {key} field {sentence}" if sentence else f"The selected {key} is invalid."]
        for key, sentence in {
            "emails.0.address": "is required.",
            "emails.1.address": "must be a valid email address.",
            "emails.2.address": "must not be greater than 255 characters.",
            "emails.2.type": "must be a string.",
            "emails.2.primary": "must be true or false.",
            "phones.0.number": "is required.",
            "phones.1.number": "must be a string.",
            "phones.2.number": "must not be greater than 50 characters.",
            "phones.2.type": "must not be greater than 50 characters.",
            "addresses.0.line1": "must not be greater than 255 characters.",
            "addresses.0.city": "must be a string.",
            "addresses.0.country": "must be 2 characters.",
            "addresses.0.primary": "must be true or false.",
            "addresses.1.country": "",
            "addresses.2.line2": "must be a string.",
            "addresses.2.state": "must not be greater than 255 characters.",
            "addresses.2.code": "must be a string.",
            "addresses.2.country": "",
        }.items()
    }


@each_resource
def test_values_are_as_long_as_they_may_be_and_kept_exactly(api: ApiClient, resource: str) -> None:
    address = f"{'x' * 64}@{'y' * 63}.{'y' * 63}.{'Z' * 54}.example"
    emails = [{"address": f" {address}\n", "type": "😀" * 50}, {"address": "Émile.x@Exämple.de"[1:]}]
    parts = dict.fromkeys(PARTS[:-1], "ß" * 255)
    record = api.create(resource, emails=emails, phones=[{"number": "٣" * 50}], addresses=[parts, {"country": " de "}])
    assert values("emails", record) == [address, "mile.x@Exämple.de"]
    assert len(address) == 255
    assert record["emails"][0]["type"] == "😀" * 50
    assert values("phones", record) == ["٣" * 50]
    assert {part: record["addresses"][0][part] for part in parts} == parts
    assert record["addresses"][1]["country"] == "DE"


@each_resource
def test_an_address_needs_a_part_beside_its_type(api: ApiClient, resource: str) -> None:
    empty = [{}, {"type": "home", "primary": True}, {**dict.fromkeys(PARTS, " "), "type": "x" * 51}, {"street": "x"}]
    faults = refused(api, resource, addresses=[{"city": "Berlin"}, *empty, {"line1": 1}])
    assert faults == {
        **{f"addresses.{place}": [f"The addresses.{place} needs at least one field."] for place in (1, 2, 3, 4)},
        "addresses.3.type": ["The addresses.3.type field must not be greater than 50 characters."],
        "addresses.5.line1": ["The addresses.5.line1 field must be a string."],
    }
    for part in PARTS:
        assert api.create(resource, addresses=[{part: "DE"}])["addresses"][0][part] == "DE"


@each_resource
def test_the_same_email_without_case_is_given_once(api: ApiClient, resource: str) -> None:
    addresses = ["Jane@Example.com", "jane@example.org", " jane@EXAMPLE.com ", "JANE@example.com"]
    faults = refused(api, resource, emails=[{"address": address} for address in addresses])
    assert faults == {
        f"emails.{place}.address": [f"The emails.{place}.address has already been given."] for place in (2, 3)
    }


@each_resource
def test_the_same_number_by_digits_and_plus_alone_is_given_once(api: ApiClient, resource: str) -> None:
    different = ["+49 30 123", "4930123", "0049 30 123", "ext. 5", "Reception", "none"]
    assert values("phones", api.create(resource, phones=[{"number": number} for number in different])) == different
    same = ["+49 (30) 1-23", "+4930123 ", "49 30 12 3", "٤٩30123", "reception", "RECEPTION"]
    faults = refused(api, resource, phones=[{"number": number} for number in same])
    assert faults == {
        f"phones.{place}.number": [f"The phones.{place}.number has already been given."] for place in (1, 3, 5)
    }


@each_resource
def test_the_same_address_may_be_there_twice(api: ApiClient, resource: str) -> None:
    record = api.create(resource, addresses=[{"city": "Berlin"}] * 2)
    assert [address["primary"] for address in record["addresses"]] == [True, False]


@each_resource
def test_all_faults_are_told_at_once_in_their_order_and_beside_each_other(api: ApiClient, resource: str) -> None:
    emails = [{"address": "a@b.example", "type": 1, "primary": True}, "x", {"address": "A@b.example", "primary": True}]
    faults = refused(api, resource, emails=emails, description=5)
    assert [*faults] == [
        "description",
        "emails.0.type",
        "emails.1",
        "emails.2.address",
        "emails.2.primary",
    ]
    gaps = {"8": {"address": "a@b.example"}, "7": {"address": "A@b.example"}, "9": {}}
    assert [*refused(api, resource, emails=gaps)] == ["emails.8.address", "emails.9.address"]


@each_resource
@each_kind
def test_a_change_of_them_is_a_change_of_the_record(api: ApiClient, resource: str, kind: str) -> None:
    details = some(kind, 3)
    before = api.create(resource, **{kind: details})
    path = f"/{resource}/{before['id']}"
    for same in (details, before[kind], [{**detail, "type": " "} for detail in before[kind]]):
        kept = api.put(path, {kind: same})
        assert (kept.json["data"], kept.headers["ETag"][1]) == (before, "1")
    for version, sent in enumerate(
        ([*reversed(details)], [*reversed(details), {"city": "x", **some(kind, 4)[3]}], details[:1], []), 2
    ):
        after = api.put(path, {kind: sent}).json["data"]
        change = changes_of(lambda path: api.get(path).json, path)[-1]
        assert change["changed"] == {kind: {"from": before[kind], "to": after[kind]}}
        assert (change["version"], after["version"]) == (version, version)
        before = after
    assert before[kind] == []


@each_resource
@each_kind
def test_who_is_primary_alone_is_a_change(api: ApiClient, resource: str, kind: str) -> None:
    one, two = some(kind, 2)
    record = api.create(resource, **{kind: [one, two]})
    changed = api.put(f"/{resource}/{record['id']}", {kind: [one, {**two, "primary": True}]}).json["data"]
    assert ([detail["primary"] for detail in changed[kind]], changed["version"]) == ([False, True], 2)


@each_resource
def test_a_refused_precondition_changes_nothing(api: ApiClient, resource: str) -> None:
    record = api.create(resource, **DETAILS)
    path = f"/{resource}/{record['id']}"
    assert api.put(path, {"emails": []}, headers={"If-Match": '"2"'}).status_code == 412
    assert api.get(path).json["data"] == record


@each_resource
def test_batches_take_them(api: ApiClient, resource: str) -> None:
    items = [{**sample(resource), "emails": some("emails", count), "phones": some("phones", 1)} for count in (1, 0, 2)]
    created = [item["data"] for item in api.post(f"/{resource}/batch/create", {"items": items}).json["data"]]
    assert [len(record["emails"]) for record in created] == [1, 0, 2]
    changes = [{"id": record["id"], "emails": some("emails", 1)} for record in created]
    changed = [item["data"] for item in api.post(f"/{resource}/batch/update", {"items": changes}).json["data"]]
    assert [record["version"] for record in changed] == [1, 2, 2]
    assert [values("emails", record) for record in changed] == [["user0@example.com"]] * 3
    assert [values("phones", record) for record in changed] == [[value_of("phones", 0)]] * 3
    faults = api.errors(
        api.post(f"/{resource}/batch/create", {"items": [sample(resource), {**sample(resource), "addresses": [{}]}]})
    )
    assert faults == {"items.1.addresses.0": ["The items.1.addresses.0 needs at least one field."]}


@each_resource
def test_an_upsert_takes_them(api: ApiClient, resource: str) -> None:
    path = f"/{resource}/by/{SOURCE}/1"
    body = {**sample(resource), **DETAILS}
    made, kept = api.put(path, body), api.put(path, body)
    assert (made.status_code, kept.status_code) == (201, 200)
    assert made.json == kept.json
    item = {"key": {"source": SOURCE, "key": "1"}, "emails": []}
    (cleared,) = api.post(f"/{resource}/batch/upsert", {"items": [item]}).json["data"]
    assert (cleared["data"]["emails"], cleared["data"]["phones"]) == ([], made.json["data"]["phones"])
    refused = {"key": item["key"], "emails": [{"address": "x"}]}
    answer = api.post(f"/{resource}/batch/upsert", {"items": [refused], "atomic": False}).json["data"][0]
    assert answer["errors"] == {"emails.0.address": ["The emails.0.address field must be a valid email address."]}


@each_resource
def test_they_outlive_a_delete(api: ApiClient, resource: str) -> None:
    record = api.create(resource, **DETAILS)
    path = f"/{resource}/{record['id']}"
    assert api.delete(path).status_code == 204
    restored = api.post(f"{path}/restore").json["data"]
    assert {kind: restored[kind] for kind in DETAILS} == DETAILS


@each_resource
def test_fields_picks_them(api: ApiClient, resource: str) -> None:
    record = api.create(resource, **DETAILS)
    shown = api.get(f"/{resource}/{record['id']}?fields=phones").json["data"]
    assert shown == {"id": record["id"], "phones": DETAILS["phones"]}
