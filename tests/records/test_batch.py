"""Batches: what they do to many records, what they refuse, and that they are all or nothing where they shall be."""

from typing import Any

import pytest
from flask import Flask

from tests.support.client import UNKNOWN, ApiClient, Teams
from tests.support.factories import NAMES, create_user, full, sample
from tests.support.faults import failing
from tests.support.retries import contents, keyed
from tests.support.stores import ON_POSTGRESQL

Json = dict[str, Any]
INVALID = "The given data was invalid."
each_resource = pytest.mark.parametrize("resource", NAMES)
each_verb = pytest.mark.parametrize("verb", ["create", "update", "upsert", "delete"])


def run(api: ApiClient, path: str, *items: Any, **more: Any) -> Any:
    """Send a batch and return its answer."""
    return api.post(f"/{path}", {"items": [*items], **more})


def done(api: ApiClient, path: str, *items: Any, **more: Any) -> list[Json]:
    """Send a batch that succeeds and return what has come of its items."""
    answer = run(api, path, *items, **more)
    assert answer.status_code == 200, answer.text
    assert answer.json["meta"] == {"succeeded": len(items), "failed": 0}
    return answer.json["data"]


def named(key: str, source: str = "erp") -> Json:
    return {"source": source, "key": key}


# What they do


@each_resource
def test_items_are_written_as_single_requests_would(api: ApiClient, resource: str) -> None:
    bodies = [full(api, resource) for _ in range(3)]
    single = [api.create(resource, **body) for body in bodies]
    made = done(api, f"{resource}/batch/create", *bodies)
    assert [item["status"] for item in made] == [201] * 3
    records = [item["data"] for item in made]
    assert [comparable(record) for record in records] == [comparable(record) for record in single]
    assert [api.get(f"/{resource}/{record['id']}").json["data"] for record in records] == records
    assert api.get(f"/{resource}").json["meta"]["total"] == 6

    field = next(iter(sample(resource)), "reference")
    changed = done(api, f"{resource}/batch/update", *({"id": record["id"], field: "New"} for record in records))
    assert [(item["status"], item["data"]["version"], item["data"][field]) for item in changed] == [(200, 2, "New")] * 3
    assert [item["data"]["id"] for item in changed] == [record["id"] for record in records]
    gone = done(api, f"{resource}/batch/delete", *({"id": record["id"]} for record in reversed(records)))
    assert gone == [{"status": 204, "data": None}] * 3
    assert api.get(f"/{resource}").json["meta"]["total"] == 3


def comparable(record: Json) -> Json:
    """Return a record without what differs between two that are made alike, its lines' ids included."""
    own = {"id", "lead_id", "deal_id", "quote_id", "order_id", "invoice_id", "created_at", "updated_at"}
    shown = {name: value for name, value in record.items() if name not in own or isinstance(value, dict)}
    return {
        **shown,
        "line_items": [{**line, "id": None} for line in record.get("line_items", ())],
        "lead_id": record.get("lead_id") if isinstance(record.get("lead_id"), dict) else None,
    }


def test_records_get_numbers_and_changes_in_the_order_of_the_items(api: ApiClient) -> None:
    made = done(api, "leads/batch/create", *({"title": f"Lead {n}"} for n in range(100)))
    assert [item["data"]["lead_id"] for item in made] == [f"L{1001 + n}" for n in range(100)]
    listed = api.get("/leads?per_page=100").json["data"]
    assert [lead["title"] for lead in listed] == [f"Lead {n}" for n in reversed(range(100))]
    noted = api.get("/changes?limit=500").json["data"]
    assert [change["record_id"] for change in noted] == [item["data"]["id"] for item in made]
    assert {(change["type"], change["version"]) for change in noted} == {("lead.created", 1)}


@each_resource
def test_an_upsert_changes_what_is_there_and_makes_what_is_not(api: ApiClient, resource: str) -> None:
    there = api.create(resource, external_keys={"erp": "1"})
    field = next(iter(sample(resource)), "reference")
    items = [{"key": named(key), **sample(resource), field: f"Upserted {key}"} for key in ("2", "1", "a/b")]
    answers = done(api, f"{resource}/batch/upsert?include=external_keys", *items)
    assert [item["status"] for item in answers] == [201, 200, 201]
    assert [item["data"]["external_keys"] for item in answers] == [{"erp": key} for key in ("2", "1", "a/b")]
    assert [item["data"][field] for item in answers] == [item[field] for item in items]
    assert answers[1]["data"]["id"] == there["id"]
    again = done(api, f"{resource}/batch/upsert", *items)
    assert [(item["status"], item["data"]["version"]) for item in again] == [(200, 1), (200, 2), (200, 1)]


def test_records_are_named_by_own_keys_and_versions(api: ApiClient) -> None:
    leads = [api.create("leads", external_keys={"erp": str(n)}) for n in range(2)]
    items = [{"id": named("0"), "version": 1, "amount": 5}, {"id": leads[1]["id"].upper(), "version": "1", "amount": 6}]
    assert [item["data"]["amount"] for item in done(api, "leads/batch/update", *items)] == [5, 6]
    stale = run(api, "leads/batch/update", *items)
    sentence = "The items.{}.version is not the record's version."
    assert api.errors(stale) == {f"items.{n}.version": [sentence.format(n)] for n in range(2)}
    assert done(api, "leads/batch/delete", {"id": named("0"), "version": 2}, {"id": leads[1]["id"], "version": None})


def test_what_changes_nothing_is_no_change(api: ApiClient) -> None:
    leads = [api.create("leads", title=f"Lead {n}") for n in range(3)]
    answers = done(api, "leads/batch/update", *({"id": lead["id"], "title": "Lead 1"} for lead in leads))
    assert [item["data"]["version"] for item in answers] == [2, 1, 2]
    assert [change["type"] for change in api.get("/changes").json["data"]] == ["lead.created"] * 3 + [
        "lead.updated"
    ] * 2


def test_lines_are_changed_in_place_in_many_documents(api: ApiClient) -> None:
    product = api.create("products", tax_rate=10)["id"]
    line = {"product_id": product, "quantity": 1, "unit_price": 10, "amount": 10}
    made = done(api, "quotes/batch/create", *({"title": "x", "line_items": [line] * 2} for _ in range(3)))
    quotes = [item["data"] for item in made]
    items: list[Json] = [
        {"id": quote["id"], "line_items": [{**line, "id": quote["line_items"][1]["id"], "amount": 20}, line]}
        for quote in quotes
    ]
    changed = [item["data"] for item in done(api, "quotes/batch/update", *items)]
    for quote, after in zip(quotes, changed, strict=True):
        assert after["line_items"][0]["id"] == quote["line_items"][1]["id"]
        assert [line["amount"] for line in after["line_items"]] == [20, 10]
        assert after["line_items"][0]["tax_amount"] == 2
    items[0]["line_items"][0]["id"], items[1]["line_items"][0]["id"] = (
        changed[1]["line_items"][0]["id"],
        changed[0]["line_items"][0]["id"],
    )
    errors = api.errors(run(api, "quotes/batch/update", *items))
    assert errors == {
        f"items.{n}.line_items.0.id": [f"The selected items.{n}.line_items.0.id is invalid."] for n in range(2)
    }


# What they refuse


@each_verb
@pytest.mark.parametrize("atomic", [True, False])
@pytest.mark.parametrize(
    ("body", "errors"),
    [
        ({}, {"items": "The items field is required."}),
        ({"items": []}, {"items": "The items field is required."}),
        ({"items": {}}, {"items": "The items field is required."}),
        ({"items": None}, {"items": "The items field is required."}),
        ({"items": "x"}, {"items": "The items field must be an array."}),
        ({"items": {"a": {}}}, {"items": "The items field must be an array."}),
        ({"items": [{}] * 101}, {"items": "The items field must not have more than 100 items."}),
        ({"items": [{}, 1, "x", None]}, {f"items.{n}": f"The items.{n} field must be an array." for n in (1, 2, 3)}),
        ({"items": {"7": 1}}, {"items.7": "The items.7 field must be an array."}),
        ({"items": [{}], "item": 1}, {"item": "The selected item is invalid."}),
    ],
)
def test_a_batch_that_is_none_is_refused_as_a_whole(
    api: ApiClient, app: Flask, verb: str, atomic: bool, body: Json, errors: dict[str, str]
) -> None:
    before = contents(app)
    answer = api.post(f"/leads/batch/{verb}", {**body, "atomic": atomic})
    assert api.errors(answer) == {path: [sentence] for path, sentence in errors.items()}
    assert contents(app) == before


def test_atomic_is_a_truth_value(api: ApiClient) -> None:
    bad = {"title": ""}
    for atomic, status in [(True, 422), ("1", 422), (None, 422), (False, 207), (0, 207), ("0", 207)]:
        assert run(api, "leads/batch/create", bad, atomic=atomic).status_code == status
    errors = api.errors(run(api, "leads/batch/create", bad, atomic="yes"))
    assert errors == {"atomic": ["The atomic field must be true or false."]}


def test_arrays_may_come_as_php_sends_them(api: ApiClient) -> None:
    answer = api.post("/orders/batch/create", {"items": {"3": {"reference": "b"}, "1": []}})
    assert [item["data"]["reference"] for item in answer.json["data"]] == [None, "b"]
    errors = api.errors(api.post("/leads/batch/create", {"items": {"5": {"title": "x"}, "9": []}}))
    assert errors == {"items.9.title": ["The items.9.title field is required."]}


def test_every_fault_of_every_item_is_named_by_its_place(api: ApiClient, app: Flask) -> None:
    api.create("leads", external_keys={"erp": "taken"})
    line = {"product_id": UNKNOWN, "quantity": 0, "unit_price": 1, "amount": 1}
    before = contents(app)
    assert api.errors(
        run(api, "quotes/batch/create", {"title": "fine"}, {"line_items": [line]}, {"title": "x", "labels": ["x"]})
    ) == {
        "items.1.title": ["The items.1.title field is required."],
        "items.1.line_items.0.quantity": ["The items.1.line_items.0.quantity field must be greater than 0."],
        "items.1.line_items.0.product_id": ["The selected items.1.line_items.0.product_id is invalid."],
        "items.2.labels.0": ["The items.2.labels.0 field must be a valid UUID."],
    }
    assert api.errors(
        run(
            api,
            "leads/batch/update",
            {"id": UNKNOWN, "amount": -1},
            {"id": "x"},
            {"title": "y"},
            {"id": named("none")},
            {"id": {"source": "erp"}},
            {"id": named("taken"), "version": 0, "person_id": UNKNOWN},
        )
    ) == {
        "items.0.id": ["The selected items.0.id is invalid."],
        "items.0.amount": ["The items.0.amount field must be at least 0."],
        "items.1.id": ["The items.1.id field must be a valid UUID."],
        "items.2.id": ["The items.2.id field is required."],
        "items.3.id": ["The selected items.3.id is invalid."],
        "items.4.id": ["The selected items.4.id is invalid."],
        "items.5.version": ["The items.5.version field must be at least 1."],
        "items.5.person_id": ["The selected items.5.person_id is invalid."],
    }
    assert api.errors(
        run(
            api,
            "leads/batch/upsert",
            {"title": "x"},
            {"key": named("new")},
            {"key": "x", "title": "x"},
            {"key": named("other"), "title": "x", "external_keys": {"erp": "another"}},
            {"key": named("o", "b"), "title": "x", "external_keys": {"erp": "taken"}},
        )
    ) == {
        "items.0.key": ["The items.0.key field is required."],
        "items.1.title": ["The items.1.title field is required."],
        "items.2.key": ["The selected items.2.key is invalid."],
        "items.3.external_keys.erp": ["The selected items.3.external_keys.erp is invalid."],
        "items.4.external_keys.erp": ["The items.4.external_keys.erp has already been taken."],
    }
    assert contents(app) == before


def test_a_hundred_faults_are_named_at_most(api: ApiClient) -> None:
    errors = api.errors(run(api, "leads/batch/create", *({"amount": "x"} for _ in range(100))))
    assert len(errors) == 100
    assert list(errors)[-1] == "items.49.amount"


def test_what_stands_twice_in_a_batch_is_a_fault_at_the_second(api: ApiClient) -> None:
    leads = [api.create("leads", external_keys={"erp": str(n), "crm": str(n)}) for n in range(2)]
    repeated = "The items.{}.{} is in this batch already."
    for verb in ("update", "delete"):
        items = [{"id": leads[0]["id"]}, {"id": named("0")}, {"id": leads[0]["id"].upper()}, {"id": leads[1]["id"]}]
        errors = api.errors(run(api, f"leads/batch/{verb}", *items))
        assert errors == {f"items.{n}.id": [repeated.format(n, "id")] for n in (1, 2)}
    new = {"key": named("x"), "title": "x"}
    same = [{"key": named("0")}, {"key": named("0", "crm")}, new, new]
    errors = api.errors(run(api, "leads/batch/upsert", *same))
    assert errors == {f"items.{n}.key": [repeated.format(n, "key")] for n in (1, 3)}
    given = [{"title": "x", "external_keys": {"erp": key}} for key in ("7", "8", " 7 ")]
    errors = api.errors(run(api, "leads/batch/create", *given))
    assert errors == {"items.2.external_keys.erp": [repeated.format(2, "external_keys.erp")]}
    mixed = [{"key": named("9"), "title": "x"}, {"key": named("9", "b"), "title": "x", "external_keys": {"erp": "9"}}]
    errors = api.errors(run(api, "leads/batch/upsert", *mixed))
    assert errors == {"items.1.external_keys.erp": [repeated.format(1, "external_keys.erp")]}


@each_resource
def test_a_fault_at_any_of_a_hundred_places_undoes_everything(api: ApiClient, app: Flask, resource: str) -> None:
    there = [api.create(resource, external_keys={"erp": str(n)})["id"] for n in range(3)]
    before = contents(app)
    step = 1 if resource == "leads" else 33
    for place in range(0, 100, step):
        items = [{**sample(resource), "external_keys": {"erp": f"new {n}"}} for n in range(100)]
        items[place]["user_owner_id"] = 0
        errors = api.errors(run(api, f"{resource}/batch/create", *items))
        assert errors == {f"items.{place}.user_owner_id": [f"The selected items.{place}.user_owner_id is invalid."]}
    for verb in ("update", "delete"):
        items = [*({"id": record_id, "description": "x"} for record_id in there), {"id": UNKNOWN}]
        assert [*api.errors(run(api, f"{resource}/batch/{verb}", *items))] == ["items.3.id"]
    assert contents(app) == before


@ON_POSTGRESQL
@pytest.mark.parametrize("table", ["leads", "leads_labels", "external_keys", "changes"])
def test_what_the_database_refuses_undoes_everything(serve: Any, database: str, table: str) -> None:
    app = serve(database)
    api = ApiClient(app, create_user(app))
    body = {**full(api, "leads"), "external_keys": {"erp": "1"}}
    before = contents(app)
    with failing(database, table, "53100"):
        for atomic in (True, False):
            assert run(api, "leads/batch/create", {"title": "first"}, body, atomic=atomic).status_code == 503
    assert contents(app) == before


# What is not atomic


def test_each_item_is_taken_or_left_whole(api: ApiClient) -> None:
    api.create("leads", external_keys={"erp": "1"})
    product = api.create("products")["id"]
    line = {"product_id": product, "quantity": 1, "unit_price": 1, "amount": 1}
    answer = run(
        api,
        "quotes/batch/create",
        {"title": "good", "line_items": [line]},
        {"title": "bad", "line_items": [line, {**line, "quantity": 0}]},
        {"description": "bad"},
        {"title": "good, too"},
        atomic=False,
    )
    assert (answer.status_code, answer.json["meta"]) == (207, {"succeeded": 2, "failed": 2})
    assert [item["status"] for item in answer.json["data"]] == [201, 422, 422, 201]
    assert answer.json["data"][1] == {
        "status": 422,
        "message": INVALID,
        "errors": {"line_items.1.quantity": ["The line_items.1.quantity field must be greater than 0."]},
    }
    assert answer.json["data"][2]["errors"] == {"title": ["The title field is required."]}
    assert [quote["title"] for quote in api.get("/quotes").json["data"]] == ["good, too", "good"]
    assert answer.json["data"][3]["data"]["quote_id"] == "Q1002"


def test_the_same_items_may_be_partly_done_by_every_verb(api: ApiClient) -> None:
    lead = api.create("leads", external_keys={"erp": "1"})
    changed = run(api, "leads/batch/update", {"id": UNKNOWN}, {"id": lead["id"], "amount": 1}, atomic=False)
    assert [item["status"] for item in changed.json["data"]] == [422, 200]
    put = run(api, "leads/batch/upsert", {"key": named("1"), "amount": 2}, {"key": named("2")}, atomic=False)
    assert [item["status"] for item in put.json["data"]] == [200, 422]
    stale = {"id": lead["id"], "version": 1}
    gone = run(api, "leads/batch/delete", stale, {"id": api.create("leads")["id"]}, atomic=False)
    assert [item["status"] for item in gone.json["data"]] == [422, 204]
    assert gone.json["data"][0]["errors"] == {"version": ["The version is not the record's version."]}
    none = run(api, "leads/batch/delete", {}, {"id": "x"}, atomic=False)
    assert (none.status_code, none.json["meta"]) == (207, {"succeeded": 0, "failed": 2})


def test_what_is_partly_done_is_kept_for_its_key(api: ApiClient) -> None:
    body = {"items": [{"title": "good"}, {}], "atomic": False}
    first, again = (api.post("/leads/batch/create", body, headers=keyed("k")) for _ in range(2))
    assert (first.status_code, again.status_code, again.data == first.data) == (207, 207, True)
    assert again.headers["Idempotent-Replayed"] == "true"
    assert api.get("/leads").json["meta"]["total"] == 1


# Who may


@each_verb
def test_a_batch_takes_the_permissions_of_what_it_does(app: Flask, verb: str) -> None:
    viewer, employee = (ApiClient(app, create_user(app, role)) for role in ("Viewer", "Employee"))
    assert viewer.post(f"/leads/batch/{verb}", {}).status_code == 403
    assert employee.post(f"/products/batch/{verb}", {}).status_code == 403
    assert employee.post(f"/leads/batch/{verb}", {}).status_code == 422


def test_a_batch_is_one_request_for_the_limit(api: ApiClient) -> None:
    left = [
        int(run(api, "leads/batch/create", *({"title": "x"} for _ in range(50))).headers["X-RateLimit-Remaining"])
        for _ in range(2)
    ]
    assert left[0] - left[1] == 1


def test_batches_never_cross_a_border(teams: Teams) -> None:
    ours = teams.ours.create("leads", external_keys={"erp": "1"})
    organization = teams.ours.create("organizations", external_keys={"erp": "1"})
    for verb, name in [("update", "id"), ("delete", "id")]:
        for value in (ours["id"], named("1")):
            errors = teams.theirs.errors(run(teams.theirs, f"leads/batch/{verb}", {name: value}))
            assert errors == {"items.0.id": ["The selected items.0.id is invalid."]}
    for value in (organization["id"], named("1")):
        item = {"title": "x", "organization_id": value}
        assert [*teams.theirs.errors(run(teams.theirs, "leads/batch/create", item))] == ["items.0.organization_id"]
    (made,) = done(teams.theirs, "leads/batch/upsert", {"key": named("1"), "title": "Theirs"})
    assert made["status"] == 201
    assert teams.ours.get(f"/leads/{ours['id']}").json["data"] == ours
    (in_b,) = done(teams.in_b, "leads/batch/update", {"id": named("1"), "title": "By both"})
    assert in_b["data"]["id"] == made["data"]["id"]
