"""`fields`: only what is asked for, wherever records are answered (beyond, section 15)."""

from collections.abc import Callable
from uuid import uuid4

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from tests.support.client import SOURCE, UNKNOWN, ApiClient, statements
from tests.support.factories import NAMES, full, sample, schema_of
from tests.support.record_parts import part_of
from tests.support.retries import check_replayed, keyed
from tests.support.walks import Json
from tests.support.writes import KEYED_WRITES, ONE_OF_EACH_KIND, is_of_records, makes, ready_request, resource_of

NONSENSE = "nonsense"


def shows(method: str, path: str) -> bool:
    """Tell whether a write answers records."""
    return is_of_records(path) and method != "DELETE" and not path.endswith("/batch/delete") and not part_of(path)


each_resource = pytest.mark.parametrize("resource", NAMES)
each_write = pytest.mark.parametrize(("method", "path"), [write for write in KEYED_WRITES if shows(*write)])
each_kind = pytest.mark.parametrize(("method", "path"), [write for write in ONE_OF_EACH_KIND if shows(*write)])


def shown_by(answer: TestResponse) -> list[Json]:
    """Return the records that an answer shows."""
    data = answer.json["data"]
    if not isinstance(data, list):
        return [data]
    return [part["data"] if isinstance(part.get("status"), int) else part.get("record", part) for part in data]


@each_resource
def test_any_field_can_be_asked_for_and_the_id_is_always_there(api: ApiClient, resource: str) -> None:
    record = api.create(resource, **full(api, resource), external_keys={"erp": "1"})
    path = f"/{resource}/{record['id']}"
    whole = api.get(f"{path}?include=external_keys").json["data"]
    assert whole == {**record, "external_keys": {"erp": "1"}}
    for name, value in whole.items():
        for shown in (shown_by(api.get(f"{each}?fields={name}")) for each in (path, f"/{resource}")):
            assert shown[0] == {"id": record["id"], name: value}
    names = [*whole][::-2]
    shown = api.get(f"/{resource}?fields={','.join(names)}").json["data"][0]
    assert shown == {name: whole[name] for name in whole if name in {"id", *names}}
    assert [*shown] == [name for name in whole if name in shown]  # in the order of the record


@each_write
def test_every_write_shows_only_what_is_asked_for(api: ApiClient, method: str, path: str) -> None:
    target, body = ready_request(api, method, path)
    answer = api.request(method, f"{target}?fields=created_at", json=body)
    assert answer.status_code < 300, answer.text
    (record,) = shown_by(answer)
    assert record.keys() == {"id", "created_at"}
    resource = makes(method, path) or resource_of(path)
    assert api.get(f"/{resource}/{record['id']}").json["data"]["created_at"] == record["created_at"]


@each_kind
def test_every_write_shows_what_is_included_besides(api: ApiClient, method: str, path: str) -> None:
    target, body = ready_request(api, method, path)
    answer = api.request(method, f"{target}?fields=created_at&include=external_keys", json=body)
    (record,) = shown_by(answer)
    assert record.keys() == {"id", "created_at", "external_keys"}


@each_kind
def test_every_write_refuses_an_unknown_field_and_writes_nothing(api: ApiClient, method: str, path: str) -> None:
    target, body = ready_request(api, method, path)
    before = api.get("/changes?after=latest").json["meta"]["cursor"]
    for query in (f"fields={NONSENSE}", f"fields=id,{NONSENSE}", "fields=id,,created_at", "fields=team_id"):
        assert api.errors(api.request(method, f"{target}?{query}", json=body)).keys() == {"fields"}
    assert api.get(f"/changes?after={before}").json["data"] == []
    assert api.request(method, target, json=body).status_code < 300


def test_a_read_refuses_an_unknown_field_and_names_those_that_there_are(api: ApiClient) -> None:
    record = api.create("people", external_keys={SOURCE: "1"})
    names = ", ".join(sorted(schema_of("people").dump_fields))
    for path in ("/people", f"/people/{record['id']}", f"/people/by/{SOURCE}/1", "/people?cursor="):
        errors = api.errors(api.get(f"{path}{'&' if '?' in path else '?'}fields={NONSENSE}"))
        assert errors == {"fields": [f"The selected fields is invalid. Fields are: {names}."]}
    for path in (f"/people/{UNKNOWN}", f"/people/by/{SOURCE}/2"):
        assert api.get(f"{path}?fields={NONSENSE}").status_code == 404


@pytest.mark.parametrize("query", ["fields=", "fields=nonsense&fields=", ""])
def test_a_blank_one_is_as_none(api: ApiClient, query: str) -> None:
    record = api.create("leads")
    assert api.get(f"/leads/{record['id']}?{query}").json["data"] == record
    assert api.get(f"/leads?{query}").json["data"] == [record]


# Several resources at once


@pytest.mark.parametrize("path", ["/changes?records=true", "/search?q=findable"])
def test_of_several_resources_each_shows_what_it_has(api: ApiClient, path: str) -> None:
    lead = api.create("leads", title="Findable", external_keys={"erp": "1"})
    person = api.create("people", first_name="Findable")
    records = shown_by(api.get(f"{path}&fields=title,first_name&include=external_keys"))
    lead_shown, person_shown = ({"id": record["id"], "title": record["title"]} for record in (lead, person))
    lead_shown["external_keys"] = {"erp": "1"}
    assert records == [lead_shown, {**person_shown, "first_name": "Findable", "external_keys": {}}]
    assert shown_by(api.get(f"{path}&fields=lead_id")) == [
        {"id": lead["id"], "lead_id": lead["lead_id"]},
        {"id": person["id"]},
    ]
    assert api.errors(api.get(f"{path}&fields={NONSENSE}")).keys() == {"fields"}


# Entity tags


def test_other_fields_are_another_answer_of_the_same_version(api: ApiClient) -> None:
    record = api.create("leads", external_keys={"erp": "1"})
    for path in (f"/leads/{record['id']}", "/leads/by/erp/1", f"/leads/{record['lead_id']}"):
        queries = ("", "fields=id", "fields=title", "fields=title,version", "fields=title&include=external_keys")
        tags = {query: api.get(f"{path}?{query}").headers["ETag"] for query in queries}
        assert len({*tags.values()}) == len(queries)
        assert all(tag.startswith('"1-') for tag in tags.values())
        for query in queries:
            for asked, tag in tags.items():
                answer = api.get(f"{path}?{query}", headers={"If-None-Match": tag})
                assert answer.status_code == (304 if asked == query else 200)
        assert api.put(path, headers={"If-Match": tags["fields=id"]}).status_code == 200


def test_what_is_not_shown_changes_the_tag_of_a_record_and_not_of_a_list(api: ApiClient) -> None:
    path = f"/leads/{api.create('leads')['id']}"
    record, page = (api.get(f"{each}?fields=id").headers["ETag"] for each in (path, "/leads"))
    api.put(path, {"title": "Changed"})
    assert api.get(f"{path}?fields=id", headers={"If-None-Match": record}).status_code == 200
    assert api.get("/leads?fields=id", headers={"If-None-Match": page}).status_code == 304
    refused = api.put(f"{path}?fields=id", {"title": "No"}, headers={"If-Match": record})
    assert (refused.status_code, refused.json["version"]) == (412, 2)
    assert refused.headers["ETag"] == api.get(f"{path}?fields=id").headers["ETag"]


def test_a_write_carries_the_tag_that_a_read_of_the_same_fields_carries(api: ApiClient) -> None:
    created = api.post("/leads?fields=title", sample("leads"))
    path = created.headers["Location"].rpartition("/v2")[2]
    assert created.headers["ETag"] == api.get(f"{path}?fields=title").headers["ETag"]
    for body in ({"title": "New"}, {"amount": 1}):
        answer = api.put(f"{path}?fields=title", body)
        assert answer.headers["ETag"] == api.get(f"{path}?fields=title").headers["ETag"]


# Safe retries, and what is not read


@each_kind
def test_a_retry_gets_the_kept_fields(api: ApiClient, method: str, path: str) -> None:
    target, body = ready_request(api, method, path)
    key = str(uuid4())
    first = api.request(method, f"{target}?fields=created_at", json=body, headers=keyed(key))
    check_replayed(first, api.request(method, f"{target}?fields=created_at", json=body, headers=keyed(key)))
    other = api.request(method, f"{target}?fields=id", json=body, headers=keyed(key))
    assert api.errors(other).keys() == {"Idempotency-Key"}


@pytest.mark.parametrize(("fields", "spared"), [("id", 3), ("labels", 2), ("line_items,title", 2)])
def test_collections_that_are_not_shown_are_not_read(api: ApiClient, app: Flask, fields: str, spared: int) -> None:
    api.create("quotes", **full(api, "quotes"))
    whole, some = (count(app, lambda query=query: api.get(f"/quotes{query}")) for query in ("", f"?fields={fields}"))
    assert whole - some == spared


def count(app: Flask, ask: Callable[[], TestResponse]) -> int:
    """Return how many statements answering takes."""
    ask()
    with statements(app) as sent:
        ask()
    return len(sent)
