"""What all resources have in common: the five verbs and the shape of records (contract, sections 1 and 5)."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from marshmallow import missing

from crm.schemas.references import StageReference
from crm.schemas.relations import Related
from tests.support.client import UNKNOWN, ApiClient
from tests.support.factories import (
    KINDS,
    NAMES,
    alter,
    create_stage,
    create_user,
    fields_of,
    full,
    sample,
    schema_of,
    stored,
)

KEYS = {
    "leads": "id lead_id title description amount currency expected_close converted_at lead_source pipeline_stage"
    " person organization labels",
    "products": "id name code barcode description unit tax_rate tax_rate_id product_category_id purchase_account"
    " sales_account active prices",
    "organizations": "id name description vat_number linkedin number_of_employees annual_revenue total_money_raised"
    " organization_type_id industry_id timezone_id emails phones addresses labels",
    "people": "id title first_name middle_name last_name name gender birthday description organization emails phones"
    " addresses labels",
    "deals": "id deal_id title description amount currency expected_close closed_at status closed_reason"
    " pipeline_stage person organization lead labels",
    "quotes": "id quote_id title description reference currency issue_at expire_at terms subtotal discount tax"
    " adjustments total compute_totals accepted_at rejected_at pipeline_stage person organization lead deal labels"
    " line_items tax_breakdown",
    "orders": "id order_id reference description currency terms subtotal discount tax adjustments total compute_totals"
    " person organization lead deal quote labels line_items tax_breakdown",
    "invoices": "id invoice_id reference issue_date due_date currency terms subtotal discount tax adjustments total"
    " compute_totals amount_due amount_paid fully_paid_at person organization order labels line_items tax_breakdown",
}
SHAPES = {
    "owner": {"id", "name", "email"},
    "person": {"id", "name", "first_name", "last_name"},
    "organization": {"id", "name"},
    "lead": {"id", "lead_id", "title"},
    "deal": {"id", "deal_id", "title"},
    "quote": {"id", "quote_id", "title"},
    "order": {"id", "order_id"},
    "pipeline_stage": {"id", "name"},
    "lead_source": {"id", "name"},
}
NOT_SHOWN = {
    "products": {"unit_price", "currency", "default_price"},  # but as one of the prices
}
"""What is sent and not shown under its own name or that of a relation."""
STAGED = [resource for resource, _ in fields_of(StageReference)]
RELATED = [
    (resource, name)
    for resource in NAMES
    for name, field in schema_of(resource).dump_fields.items()
    if isinstance(field, Related) and hasattr(field.model, "deleted_at")
]
UNIQUE = {"id", "created_at", "updated_at", *(kind.model.number[0] for kind in KINDS.values() if kind.model.number)}

each_resource = pytest.mark.parametrize("resource", NAMES)
both_updates = pytest.mark.parametrize("method", ["PUT", "PATCH"])


def without(record, *names):
    return {name: value for name, value in record.items() if name not in names}


def ids(labels):
    return [label["id"] for label in labels]


@each_resource
def test_a_record_shows_exactly_the_fields_of_the_contract(api, resource):
    shown = {*KEYS[resource].split(), "version", "created_at", "updated_at", "deleted_at", "owner"}
    assert set(api.create(resource)) == shown


@each_resource
def test_create_show_and_list_answer_the_very_same_object(api, resource):
    created = api.post(f"/{resource}", full(api, resource))
    record = created.json["data"]
    shown = api.get(f"/{resource}/{record['id']}")
    assert (created.status_code, shown.status_code) == (201, 200)
    assert set(created.json) == set(shown.json) == {"data"}
    assert shown.json["data"] == record
    assert record in api.get(f"/{resource}").json["data"]


@each_resource
def test_a_record_shows_what_was_sent(api, resource):
    body = full(api, resource)
    record = api.create(resource, **body)
    assert record["owner"]["id"] == body["user_owner_id"]
    not_shown = set()
    for name, value in body.items():
        if name == "labels":
            assert set(ids(record["labels"])) == set(value)
        elif name == "line_items":
            assert all(sent.items() <= shown.items() for sent, shown in zip(value, record[name], strict=True))
        elif name in record:
            assert record[name] == value
        elif (relation := name.removesuffix("_id")) in record:
            assert record[relation]["id"] == value
        else:
            not_shown.add(name)
    assert not_shown == {"user_owner_id", *NOT_SHOWN.get(resource, ())}


@each_resource
def test_related_rows_have_their_shapes(api, resource):
    record = api.create(resource, **full(api, resource))
    for name in SHAPES.keys() & record.keys():
        assert set(record[name]) == SHAPES[name]


@each_resource
def test_what_is_not_sent_is_null(api, resource):
    record = api.create(resource)
    fields = schema_of(resource).load_fields.items()
    optional = {name for name, field in fields if not field.required and field.load_default is missing}
    expected = optional & record.keys() | SHAPES.keys() & record.keys() - {"owner"}
    assert expected
    assert {name for name in expected if record[name] in (None, [])} == expected


@each_resource
@both_updates
def test_an_update_changes_only_what_it_names(api, resource, method):
    name = "description" if resource != "invoices" else "terms"
    record = api.create(resource, **full(api, resource))
    answer = api.request(method, f"/{resource}/{record['id']}", json={name: "New"})
    assert answer.status_code == 200
    stamped = {"version": 2, "updated_at": answer.json["data"]["updated_at"]}
    assert answer.json["data"] == {**record, name: "New", **stamped}
    assert api.get(f"/{resource}/{record['id']}").json == answer.json


@each_resource
@both_updates
def test_an_update_takes_every_field_that_create_takes(api, resource, method):
    body = full(api, resource)
    created = api.create(resource, **body)
    record = api.create(resource)
    answer = api.request(method, f"/{resource}/{record['id']}", json=body)
    own = {"line_items", "prices", "version"}  # which have ids or a history of their own
    kept = {name.removesuffix("_id") for name, field in schema_of(resource).load_fields.items() if field.create_only}
    assert answer.json["data"]["version"] == 2
    assert without(answer.json["data"], *UNIQUE, *own, *kept) == without(created, *UNIQUE, *own, *kept)
    assert {name: answer.json["data"][name] for name in kept} == dict.fromkeys(kept)


@each_resource
@both_updates
def test_null_clears_a_field(api, resource, method):
    record = api.create(resource, **full(api, resource))
    load, columns = schema_of(resource).load_fields, KINDS[resource].model.__table__.c
    optional = {name for name, field in load.items() if not (field.required or field.keep_on_null or field.create_only)}
    cleared = api.request(method, f"/{resource}/{record['id']}", json=dict.fromkeys(optional)).json["data"]
    assert cleared["owner"] is None
    row = stored(api.app, resource, record["id"])
    for shown, names in ((cleared, optional & cleared.keys()), (row, optional & set(columns.keys()))):
        assert names
        assert {name for name in names if shown[name] is None} == names


@each_resource
@both_updates
@pytest.mark.parametrize("blank", [None, "", " \t\n"])
def test_a_required_field_may_not_be_cleared(api, resource, method, blank):
    record = api.create(resource)
    required = sample(resource)
    answer = api.request(method, f"/{resource}/{record['id']}", json=dict.fromkeys(required, blank))
    if required:
        assert api.errors(answer) == {name: [f"The {name} field is required."] for name in required}
    assert api.get(f"/{resource}/{record['id']}").json["data"] == record


@each_resource
def test_a_body_without_its_required_fields_is_refused(api, resource):
    required = sample(resource)
    for body in ({}, dict.fromkeys(required), dict.fromkeys(required, "  ")):
        answer = api.post(f"/{resource}", body)
        if required:
            assert api.errors(answer) == {name: [f"The {name} field is required."] for name in required}
    assert api.get(f"/{resource}").json["meta"]["total"] == (0 if required else 3)


@each_resource
def test_delete_hides_a_record_from_every_verb_and_keeps_its_row(api, resource):
    kept, record = api.create(resource), api.create(resource)
    path = f"/{resource}/{record['id']}"
    deleted = api.delete(path)
    assert (deleted.status_code, deleted.data) == (204, b"")
    assert [api.request(verb, path, json={}).status_code for verb in ("GET", "HEAD", "PUT", "PATCH", "DELETE")] == (
        [404] * 5
    )
    listed = api.get(f"/{resource}").json
    assert (ids(listed["data"]), listed["meta"]["total"]) == ([kept["id"]], 1)
    assert stored(api.app, resource, record["id"])["deleted_at"] is not None


@each_resource
def test_read_only_and_unknown_fields_are_ignored_on_create(api, resource):
    schema, body = schema_of(resource), sample(resource)
    ignored = dict.fromkeys(schema.dump_fields.keys() - schema.load_fields.keys() | {"team_id", "nonsense"}, 17)
    plain = api.create(resource, **body)
    assert without(api.create(resource, **body, **ignored), *UNIQUE) == without(plain, *UNIQUE)


@each_resource
def test_what_the_server_gives_cannot_be_chosen(api, resource):
    earlier = "2020-01-02T03:04:05+00:00"
    chosen = {"id": UNKNOWN, "created_at": earlier, "updated_at": earlier, "deleted_at": earlier}
    if number := KINDS[resource].model.number:
        chosen[number[0]] = f"{number[1]}2000"
    record = api.create(resource, **chosen)
    assert chosen.keys() - {"deleted_at"} == UNIQUE & record.keys()
    assert {name for name in chosen if record[name] == chosen[name]} == set()


@each_resource
@both_updates
def test_read_only_unknown_and_create_only_fields_are_ignored_on_update(api, resource, method):
    schema, body = schema_of(resource), full(api, resource)
    record = api.create(resource, **body)
    before = stored(api.app, resource, record["id"])
    read_only = schema.dump_fields.keys() - schema.load_fields.keys() | {"team_id", "nonsense"}
    create_only = {name for name, field in schema.load_fields.items() if field.create_only}
    answer = api.request(method, f"/{resource}/{record['id']}", json=dict.fromkeys(read_only | create_only, 17))
    assert answer.json["data"] == record
    assert stored(api.app, resource, record["id"]) == before


@pytest.mark.parametrize(("resource", "name"), RELATED)
def test_a_relation_whose_target_is_deleted_shows_null(api, resource, name):
    record = api.create(resource, **full(api, resource))
    related = schema_of(resource).dump_fields[name]
    alter(api.app, related.model, record[name]["id"], deleted_at=datetime.now(UTC))
    shown = api.get(f"/{resource}/{record['id']}").json["data"]
    assert shown == {**record, name: None}


@each_resource
def test_timestamps_are_whole_seconds_in_utc_and_an_update_moves_updated_at_alone(api, resource):
    record = api.create(resource)
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00", record["created_at"])
    assert record["created_at"] == record["updated_at"]
    assert abs(datetime.now(UTC) - datetime.fromisoformat(record["created_at"])) < timedelta(minutes=1)
    past = datetime(2020, 1, 2, 3, 4, 5, tzinfo=UTC)
    alter(api.app, KINDS[resource].model, record["id"], created_at=past, updated_at=past)
    updated = api.put(f"/{resource}/{record['id']}", sample(resource) or {"reference": "R"}).json["data"]
    assert updated["created_at"] == "2020-01-02T03:04:05+00:00"
    assert updated["updated_at"] >= record["updated_at"]


@pytest.mark.parametrize("resource", [name for name in NAMES if "currency" in schema_of(name).dump_fields])
def test_the_default_currency_is_the_settings(make_app, resource):
    for app, default in ((make_app(), "USD"), (make_app(DEFAULT_CURRENCY="chf"), "CHF")):
        api = ApiClient(app, create_user(app))
        assert api.create(resource)["currency"] == api.create(resource, currency=None)["currency"] == default
        record = api.create(resource, currency="eur")
        assert record["currency"] == "EUR"
        assert api.put(f"/{resource}/{record['id']}", {"currency": None}).json["data"]["currency"] == "EUR"


@each_resource
def test_the_owner_is_null_by_default_and_on_invoices_the_caller(api, resource):
    owner = api.create(resource)["owner"]
    assert owner and owner["id"] == api.user_id if resource == "invoices" else owner is None


@pytest.mark.parametrize("resource", STAGED)
def test_a_stage_of_another_resources_pipeline_is_refused(api, resource):
    other = create_stage(api.app, "quotes" if resource != "quotes" else "leads")
    answer = api.post(f"/{resource}", {**sample(resource), "pipeline_stage_id": other})
    assert api.errors(answer) == {"pipeline_stage_id": ["The selected pipeline_stage_id is invalid."]}
