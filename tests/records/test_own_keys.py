"""Records by the keys of other systems: kept with them, found, put and deleted by them, referred to by them."""

from typing import Any
from urllib.parse import quote, unquote_to_bytes

import pytest
from flask import Flask
from sqlalchemy import func, select

from crm.blueprints import PREFIX
from crm.database.query import Query
from crm.extensions import db
from crm.models import ExternalKey
from crm.schemas.references import Reference
from tests.support.client import UNKNOWN, ApiClient, Teams, statements
from tests.support.factories import KINDS, NAMES, create_user, fields_of, sample
from tests.support.stores import ON_SQLITE

each_resource = pytest.mark.parametrize("resource", NAMES)
SHOWN = "include=external_keys"
REPLACEMENT = "M\N{REPLACEMENT CHARACTER}ller"
"""What text in Latin-1 becomes where it is taken for UTF-8 and what is none is replaced."""
RECORD_REFERENCES = [
    (resource, name) for resource, name in fields_of(Reference) if KINDS[resource].schema().fields[name].to_record
]


def keys_of(api: ApiClient, resource: str, record: dict[str, Any]) -> dict[str, str]:
    """Return the keys that a record shows when it is asked for them."""
    return api.get(f"/{resource}/{record['id']}?{SHOWN}").json["data"]["external_keys"]


def count_keys(app: Flask) -> int:
    with app.app_context(), db.engine.connect() as connection:
        return connection.scalar(select(func.count()).select_from(ExternalKey)) or 0


# With the record


@each_resource
def test_keys_are_kept_with_a_record_and_shown_when_asked_for(api: ApiClient, resource: str) -> None:
    keys = {"hubspot": "42", "sap": "A/7 ü", "a-b_c": "x" * 255}
    made = api.post(f"/{resource}?{SHOWN}", {**sample(resource), "external_keys": {**keys, "none": None, "blank": " "}})
    assert made.json["data"]["external_keys"] == keys
    path = f"/{resource}/{made.json['data']['id']}"
    assert "external_keys" not in api.get(path).json["data"]
    assert api.get(f"{path}?{SHOWN}").json == made.json
    assert api.get(f"/{resource}?{SHOWN}").json["data"] == [made.json["data"]]
    assert "external_keys" not in api.get(f"/{resource}").json["data"][0]
    assert api.post(f"{path}/restore?{SHOWN}").json == made.json
    feed = api.get(f"/changes?records=true&{SHOWN}").json["data"]
    assert [change["record"] for change in feed] == [made.json["data"]]


def test_the_sources_that_are_named_are_set_and_null_removes_one(api: ApiClient) -> None:
    lead = api.create("leads", external_keys={"a": "1", "b": "2"})
    path = f"/leads/{lead['id']}?{SHOWN}"
    for sent, kept in [
        ({"a": "3"}, {"a": "3", "b": "2"}),
        ({"b": None, "c": " 4 "}, {"a": "3", "c": "4"}),
        (None, {"a": "3", "c": "4"}),
        ({}, {"a": "3", "c": "4"}),
        ([], {"a": "3", "c": "4"}),
        ({"a": "", "c": "5", "x": None}, {"c": "5"}),
        ({"c": None}, {}),
    ]:
        assert api.put(path, {"external_keys": sent}).json["data"]["external_keys"] == kept


def test_a_change_of_keys_is_a_change_of_the_record(api: ApiClient) -> None:
    lead = api.create("leads", external_keys={"a": "1"})
    path = f"/leads/{lead['id']}"
    same = api.put(path, {"external_keys": {"a": "1", "b": None}}).json["data"]
    assert (same["version"], same["updated_at"]) == (1, lead["updated_at"])
    changed = api.put(path, {"external_keys": {"a": "2", "b": "3"}}).json["data"]
    assert (changed["version"], "external_keys" in changed) == (2, False)
    (change, _) = api.get(f"{path}/changes").json["data"]
    assert change["changed"] == {"external_keys": {"from": {"a": "1"}, "to": {"a": "2", "b": "3"}}}
    tags = [api.get(f"{path}{query}").headers["ETag"] for query in ("", f"?{SHOWN}")]
    assert [tag.partition("-")[0] for tag in tags] == ['"2', '"2']
    assert tags[0] != tags[1]


@pytest.mark.parametrize(
    ("sent", "errors"),
    [
        ("x", {"external_keys": "must be an array."}),
        ([1], {"external_keys": "must be an array."}),
        ({str(n): "1" for n in range(21)}, {"external_keys": "must not have more than 20 items."}),
        ({"a": "x" * 256}, {"external_keys.a": "must not be greater than 255 characters."}),
        ({"a": 1, "b": True, "c": [], "d": "\0"}, {f"external_keys.{name}": "must be a string." for name in "abcd"}),
    ],
)
def test_what_are_no_keys_is_refused(api: ApiClient, sent: Any, errors: dict[str, str]) -> None:
    expected = {path: [f"The {path} field {sentence}"] for path, sentence in errors.items()}
    assert api.errors(api.post("/leads", {"title": "x", "external_keys": sent})) == expected


@pytest.mark.parametrize(("source", "key"), [("Hub", "1"), ("a b", "1"), ("", "1"), ("x" * 41, "1"), ("a", "b/")])
def test_what_can_be_no_source_or_key_is_refused(api: ApiClient, source: str, key: str) -> None:
    errors = api.errors(api.post("/leads", {"title": "x", "external_keys": {source: key}}))
    assert errors == {f"external_keys.{source}": [f"The selected external_keys.{source} is invalid."]}


def test_a_name_that_cannot_be_written_is_named_as_far_as_it_can(api: ApiClient) -> None:
    body = b'{"title": "x", "external_keys": {"\\ud800' + b"y" * 500 + b'": "1"}}'
    (path,) = api.errors(api.request("POST", "/leads", data=body, headers={"Content-Type": "application/json"}))
    assert path == "external_keys.?" + "y" * 79


def test_a_record_has_keys_of_twenty_sources_at_most(api: ApiClient) -> None:
    lead = api.create("leads", external_keys={f"s{n}": "1" for n in range(20)})
    path = f"/leads/{lead['id']}"
    sentence = {"external_keys": ["The external_keys field must not have more than 20 items."]}
    assert api.errors(api.put(path, {"external_keys": {"one-more": "1"}})) == sentence
    assert api.put(path, {"external_keys": {"one-more": "1", "s0": None}}).status_code == 200
    many = {"title": "x", "external_keys": {f"s{n}": "2" for n in range(20)}}
    assert api.errors(api.put("/leads/by/one-more/2", many)) == sentence


@ON_SQLITE
def test_no_statement_reads_the_keys_of_all_records(api: ApiClient) -> None:
    items = [{"key": {"source": "a", "key": str(key)}, "title": "x"} for key in range(3)]
    with statements(api.app) as sent:
        for keys in ({"b": "1"}, {"b": "2"}, {"b": None}):
            changed = [{**item, "external_keys": keys if item is items[0] else {}} for item in items]
            assert api.post(f"/leads/batch/upsert?{SHOWN}", {"items": changed}).status_code == 200
            assert api.put(f"/leads/by/a/0?{SHOWN}", {"external_keys": {"c": keys["b"]}}).status_code == 200
        assert api.get(f"/leads?{SHOWN}").json["meta"]["total"] == 3
        assert api.delete("/leads/by/a/0").status_code == 204
        deleted = api.post("/leads/batch/delete", {"items": [{"id": item["key"]} for item in items[1:]]})
        assert deleted.status_code == 200
    with api.app.app_context(), db.engine.connect() as connection:
        plans = {
            sql: connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}", (None,) * sql.count("?")).all()
            for query, _ in sent
            if isinstance(query, Query) and "external_keys" in (sql := query._compiled().sql)
        }
    assert len(plans) >= 5
    assert [sql for sql, plan in plans.items() if any("SCAN external_keys" in step[3] for step in plan)] == []


def test_a_key_names_one_live_record_of_its_resource(api: ApiClient) -> None:
    first, second = api.create("leads", external_keys={"a": "1"}), api.create("leads")
    taken = {"external_keys.a": ["The external_keys.a has already been taken."]}
    assert api.errors(api.post("/leads", {"title": "x", "external_keys": {"a": "1", "b": "1"}})) == taken
    assert api.errors(api.put(f"/leads/{second['id']}", {"external_keys": {"a": "1"}})) == taken
    for other in ({"a": "1 1"}, {"b": "1"}, {"a": "É"}, {"a": "é"}):
        assert api.post("/leads", {"title": "x", "external_keys": other}).status_code == 201
    assert api.post("/people", {"first_name": "x", "external_keys": {"a": "1"}}).status_code == 201
    assert api.put(f"/leads/{first['id']}", {"external_keys": {"a": "1"}}).json["data"]["version"] == 1


def test_a_deleted_record_has_lost_its_keys_and_a_restored_one_does_not_take_them_back(
    api: ApiClient, app: Flask
) -> None:
    lead = api.create("leads", external_keys={"a": "1", "b": "2"})
    api.delete(f"/leads/{lead['id']}")
    assert count_keys(app) == 0
    again = api.put("/leads/by/a/1", {"title": "Again"})
    assert (again.status_code, again.json["data"]["id"] != lead["id"]) == (201, True)
    api.post(f"/leads/{lead['id']}/restore")
    assert keys_of(api, "leads", lead) == {}


def test_what_cannot_be_included_is_refused(api: ApiClient) -> None:
    path = f"/leads/{api.create('leads')['id']}"
    errors = {"include": ["The selected include is invalid. It takes: external_keys."]}
    for name in ("owner", "external_keys,x", "external_keys ", ","):
        answers = [api.get(f"/leads?include={name}"), api.get(f"{path}?include={name}")]
        answers += [api.put(f"{path}?include={name}", {"amount": 5}), api.post(f"{path}/restore?include={name}")]
        assert [api.errors(answer) for answer in answers] == [errors] * 4
        assert "include" in api.errors(api.get(f"/changes?records=true&include={name}"))
    assert api.get(f"/leads/{UNKNOWN}?include=x").status_code == 404
    assert api.get(path).json["data"]["version"] == 1


# By the path


@each_resource
def test_a_record_is_put_shown_changed_and_deleted_by_its_key(api: ApiClient, resource: str) -> None:
    path = f"/{resource}/by/hubspot/A%2Fb%20%C3%BC"
    assert api.get(path).status_code == api.delete(path).status_code == 404
    made = api.put(path, sample(resource))
    assert made.status_code == 201
    record = made.json["data"]
    assert made.headers["Location"] == f"http://localhost/crm/api/v2/{resource}/{record['id']}"
    assert keys_of(api, resource, record) == {"hubspot": "A/b ü"}
    assert api.get(path).json == api.get(f"/{resource}/{record['id']}").json == made.json
    assert api.get(path).headers["ETag"] == made.headers["ETag"]
    field = next(iter(sample(resource)), "reference")
    for method, version in (("PUT", 2), ("PATCH", 3)):
        changed = api.request(method, f"{path}/", json={field: f"By {method}"})
        assert (changed.status_code, changed.json["data"]["version"]) == (200, version)
        assert "Location" not in changed.headers
    assert api.put(path, {}).json["data"]["version"] == 3
    gone = api.delete(path)
    assert (gone.status_code, gone.headers["ETag"]) == (204, '"4"')
    assert api.get(path).status_code == 404


def test_a_new_record_takes_all_that_a_new_one_must_have(api: ApiClient) -> None:
    assert api.errors(api.put("/leads/by/a/1", {"amount": "x"})) == {
        "title": ["The title field is required."],
        "amount": ["The amount field must be a number."],
    }
    assert api.put("/leads/by/a/1", {"title": "x"}).status_code == 201
    assert api.put("/leads/by/a/1", {"amount": 1}).status_code == 200


@pytest.mark.parametrize(
    "key", ["/x", "//x", "x//y", "a?b", "%2541", "..", "by", "1/changes", "x\ny", "\N{GRINNING FACE}"]
)
def test_any_key_has_a_path(api: ApiClient, key: str) -> None:
    made = api.put(f"/leads/by/a/{quote(key, safe='')}", {"title": "x"})
    assert made.status_code == 201
    assert keys_of(api, "leads", made.json["data"]) == {"a": key}


@pytest.mark.parametrize(
    ("path", "field"),
    [("Hub/1", "source"), ("x" * 41 + "/1", "source"), ("a/" + "x" * 256, "key"), ("a/%00", "key"), ("a/%20", "key")],
)
def test_a_key_that_cannot_be_is_not_found_and_cannot_be_put(api: ApiClient, path: str, field: str) -> None:
    path = f"/leads/by/{path}"
    assert api.get(path).status_code == api.delete(path).status_code == 404
    for method in ("PUT", "PATCH"):
        errors = api.errors(api.request(method, path, json={"title": "x"}))
        assert errors == {field: [f"The selected {field} is invalid."]}


@pytest.mark.parametrize("octets", ["M%FCller", "%FF", "%C3", "%ED%A0%80", "%C0%AF", "%EF%BF%BD%FF"])
def test_a_key_that_is_no_utf_8_is_none_and_not_the_same_as_others(api: ApiClient, octets: str) -> None:
    shown = api.put(f"/leads/by/a/{quote(REPLACEMENT)}", {"title": "x"})
    assert shown.status_code == 201
    for source, field in (("a", "key"), ("a%FF", "source")):
        path = f"/leads/by/{source}/{octets}"
        sent = {"environ_overrides": {"PATH_INFO": unquote_to_bytes(PREFIX + path).decode("latin-1")}}
        assert api.get(path, **sent).status_code == api.delete(path, **sent).status_code == 404
        assert api.errors(api.put(path, {"title": "y"}, **sent)) == {field: [f"The selected {field} is invalid."]}
    assert api.get(f"/leads/by/a/{quote(REPLACEMENT)}").json == shown.json


def test_a_body_that_gives_the_source_another_key_is_refused(api: ApiClient) -> None:
    wrong = {"external_keys.a": ["The selected external_keys.a is invalid."]}
    for _ in range(2):
        for key in ("2", None, ""):
            assert api.errors(api.put("/leads/by/a/1", {"title": "x", "external_keys": {"a": key}})) == wrong
        right = api.put(f"/leads/by/a/1?{SHOWN}", {"title": "x", "external_keys": {"a": "1", "b": "2"}})
        assert right.json["data"]["external_keys"] == {"a": "1", "b": "2"}


def test_a_put_says_whether_the_record_must_be_there(api: ApiClient) -> None:
    path, new = "/leads/by/a/1", {"If-None-Match": "*"}
    for expected in ('"1"', "*", '"x"'):
        answer = api.put(path, {"title": "x"}, headers={"If-Match": expected})
        assert (answer.status_code, answer.json) == (412, {"message": "There is no record with this key."})
    assert api.put(path, {}, headers={"If-Match": "*"}).status_code == 422
    assert api.put(path, {"title": "x"}, headers=new).status_code == 201
    there = api.put(path, {"title": "y"}, headers=new)
    assert (there.status_code, there.json["version"]) == (412, 1)
    assert there.headers["ETag"] == api.get(path).headers["ETag"]
    assert api.put(path, {"amount": "x"}, headers=new).status_code == 422
    assert api.put(path, {"title": "y"}, headers={"If-Match": '"2"'}).status_code == 412
    assert api.put(path, {"title": "y"}, headers={"If-Match": '"1"'}).json["data"]["version"] == 2
    assert api.delete(path, headers={"If-Match": '"1"'}).status_code == 412
    assert api.put(path, {"title": "z"}, headers={"If-Match": "1"}).status_code == 400


def test_who_puts_by_a_key_has_to_be_allowed_both(app: Flask) -> None:
    viewer = ApiClient(app, create_user(app, "Viewer"))
    for method in ("PUT", "PATCH", "DELETE"):
        assert viewer.request(method, "/leads/by/a/1", json={"title": "x"}).status_code == 403
    employee = ApiClient(app, create_user(app, "Employee"))
    assert employee.put("/products/by/a/1", {"name": "x"}).status_code == 403
    assert employee.put("/leads/by/a/1", {"title": "x"}).status_code == 201


# In references


@pytest.mark.parametrize(("resource", "name"), RECORD_REFERENCES)
def test_a_reference_may_be_an_own_key(api: ApiClient, resource: str, name: str) -> None:
    target = KINDS[resource].schema().fields[name].model.__tablename__
    record = api.create(target, external_keys={"hubspot": "55"})
    by_key, by_id = (
        api.create(resource, **{name: value}) for value in ({"source": "hubspot", "key": " 55 "}, record["id"])
    )
    shown = name.removesuffix("_id")
    assert by_key.get(shown) == by_id.get(shown)
    for value in ({"source": "hubspot", "key": "56"}, {"source": "Hub", "key": "55"}, {"key": "55"}, {}):
        errors = api.errors(api.post(f"/{resource}", {**sample(resource), name: value}))
        assert errors == {name: [f"The selected {name} is invalid."]}
    api.delete(f"/{target}/{record['id']}")
    errors = api.errors(api.post(f"/{resource}", {**sample(resource), name: {"source": "hubspot", "key": "55"}}))
    assert errors == {name: [f"The selected {name} is invalid."]}


def test_a_line_may_name_its_product_by_an_own_key(api: ApiClient) -> None:
    products = [api.create("products", tax_rate=rate, external_keys={"erp": str(rate)}) for rate in (7, 19)]
    line = {"quantity": 1, "unit_price": 100, "amount": 100}
    lines = [{**line, "product_id": {"source": "erp", "key": key}} for key in ("19", "7")]
    lines.append({**line, "product_id": products[0]["id"]})
    quote = api.create("quotes", line_items=lines)
    assert [item["product_id"] for item in quote["line_items"]] == [products[n]["id"] for n in (1, 0, 0)]
    assert [item["tax_amount"] for item in quote["line_items"]] == [19, 7, 7]
    lines[1]["product_id"] = {"source": "erp", "key": "x"}
    errors = api.errors(api.post("/quotes", {"title": "x", "line_items": lines}))
    assert errors == {"line_items.1.product_id": ["The selected line_items.1.product_id is invalid."]}


# By number


def test_a_number_names_its_record_in_every_path(api: ApiClient) -> None:
    lead = api.create("leads")
    assert lead["lead_id"] == "L1001"
    for number in ("L1001", "l1001"):
        assert api.get(f"/leads/{number}").json["data"] == lead
        assert api.get(f"/leads/{number}/changes").json["data"][0]["record_id"] == lead["id"]
    assert api.put("/leads/l1001", {"amount": 5}).json["data"]["version"] == 2
    assert api.delete("/leads/L1001").status_code == 204
    assert api.get("/leads/L1001/changes").json["meta"]["total"] == 3
    assert api.get("/leads/L1001").status_code == 404
    assert api.post("/leads/L1001/restore").json["data"]["version"] == 4
    for other in ("D1001", "1001", "L01001", "L1001 ", "L\u0661001", "L" + "9" * 30, "LL1001", "L"):
        assert api.get(f"/leads/{other}").status_code == 404
    assert api.get("/people/L1001").status_code == 404


# Teams


def test_keys_and_numbers_never_cross_a_border(teams: Teams) -> None:
    ours = teams.ours.create("leads", external_keys={"erp": "1"})
    assert teams.theirs.get("/leads/by/erp/1").status_code == 404
    assert teams.theirs.get(f"/leads/{ours['lead_id']}").status_code == 404
    theirs = teams.theirs.put("/leads/by/erp/1", {"title": "Theirs"})
    assert theirs.status_code == 201
    assert theirs.json["data"]["lead_id"] == ours["lead_id"]
    assert teams.theirs.delete("/leads/by/erp/1").status_code == 204
    assert teams.ours.get("/leads/by/erp/1").json["data"] == ours
    organization = teams.ours.create("organizations", external_keys={"erp": "7"})
    answer = teams.theirs.post("/leads", {"title": "x", "organization_id": {"source": "erp", "key": "7"}})
    assert answer.status_code == 422
    assert teams.ours.get(f"/organizations/{organization['id']}").status_code == 200


def test_a_show_by_number_or_key_follows_the_header(teams: Teams) -> None:
    ours = teams.ours.create("leads", external_keys={"erp": "1"})
    theirs = teams.theirs.create("leads", external_keys={"erp": "1"})
    for path in ("/leads/L1001", "/leads/by/erp/1"):
        assert teams.both.get(path).json["data"] == ours
        assert teams.in_b.get(path).json["data"] == theirs
    assert teams.in_b.get(f"/leads/{theirs['id']}").status_code == 404  # the odd rule, for UUIDs alone
