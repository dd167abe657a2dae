"""What is made of a lead, a quote, an order: what is copied, what the body may say, and when it may be made again."""

from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Flask

from crm.models import Label, Person, Product, TaxRate
from tests.support.actions import CASES, path_of
from tests.support.client import UNKNOWN, ApiClient, make_teams
from tests.support.factories import KINDS, alter, create_lookup, create_stage, full, schema_of, stored
from tests.support.sales import line

Json = dict[str, Any]

COPIED = {
    ("leads", "convert"): "title description amount currency expected_close person organization owner labels",
    ("quotes", "order"): "reference description terms currency subtotal discount tax adjustments total person"
    " organization lead deal owner labels compute_totals tax_breakdown",
    ("orders", "invoice"): "reference terms currency subtotal discount tax adjustments total person organization owner"
    " labels compute_totals tax_breakdown",
}
"""What is shown of what was made as it is shown of its source, beside lines."""
EMPTY = {
    ("leads", "convert"): {"status": "open", "closed_at": None, "closed_reason": None, "pipeline_stage": None},
    ("quotes", "order"): {},
    ("orders", "invoice"): {"issue_date": None, "due_date": None, "amount_paid": 0.0, "fully_paid_at": None},
}
"""What else is shown of it, beside the source and what the server gives each record."""
SERVER_GIVEN = {"id", "version", "created_at", "updated_at", "deleted_at"}
LINE = ("product_id", "product", "quantity", "unit_price", "amount", "tax_rate", "tax_amount", "comments", "order")
IDS = ["-".join(key) for key in COPIED]

each_conversion = pytest.mark.parametrize(("resource", "name"), COPIED, ids=IDS)
of_documents = pytest.mark.parametrize(
    ("resource", "name"), [("quotes", "order"), ("orders", "invoice")], ids=["order", "invoice"]
)


def convert(api: ApiClient, resource: str, name: str, record: Json, body: Json | None = None, status: int = 201) -> Any:
    """Make what an action makes of a record; return it, or the faults where it is refused."""
    answer = api.post(path_of(resource, record, name), body)
    assert answer.status_code == status, answer.text
    return answer.json["data"] if status == 201 else answer.json


def made_of(resource: str, name: str) -> str:
    return CASES[resource, name].makes


def lines(document: Json) -> list[Json]:
    return [{name: each[name] for name in LINE} for each in document["line_items"]]


def test_every_conversion_is_among_these() -> None:
    assert COPIED.keys() == {key for key, case in CASES.items() if case.makes}


@each_conversion
def test_all_that_both_have_is_copied(api: ApiClient, resource: str, name: str) -> None:
    source = api.create(resource, **full(api, resource), external_keys={"erp": "1"})
    answer = api.post(f"{path_of(resource, source, name)}?include=external_keys")
    made = answer.json["data"]
    copied = COPIED[resource, name].split()
    for field in copied:
        assert made[field] == source[field], field
        assert made[field] not in (None, []), field
    rest = made.keys() - copied - SERVER_GIVEN - {f"{made_of(resource, name)[:-1]}_id", "amount_due"}
    assert made["external_keys"] == {}
    number = f"{resource[:-1]}_id"
    summary = {field: source[field] for field in ("id", number, "title") if field in source}
    assert made[resource[:-1]] == summary
    if "line_items" in source:
        assert lines(made) == lines(source)
        assert made["line_items"][0]["id"] != source["line_items"][0]["id"]
    assert rest == {
        "external_keys",
        resource[:-1],
        *EMPTY[resource, name],
        *(["line_items"] if "line_items" in made else []),
    }
    assert {field: made[field] for field in EMPTY[resource, name]} == EMPTY[resource, name]


@each_conversion
def test_an_empty_record_can_be_converted(api: ApiClient, resource: str, name: str) -> None:
    source = api.create(resource, user_owner_id=None)
    made = convert(api, resource, name, source)
    for field in COPIED[resource, name].split():
        assert made[field] == source[field], field


@each_conversion
def test_what_the_body_says_counts(api: ApiClient, resource: str, name: str) -> None:
    source = api.create(resource, **full(api, resource))
    made = made_of(resource, name)
    origin = f"{resource[:-1]}_id"
    body = {**full(api, made), origin: UNKNOWN, "external_keys": {"erp": "7"}, "nonsense": 1}
    record = convert(api, resource, name, source, body)
    expected = api.create(
        made, **{field: value for field, value in body.items() if field not in (origin, "external_keys")}
    )
    number = f"{made[:-1]}_id"
    differing = {field for field in record if record[field] != expected[field]} - {
        "id",
        number,
        "created_at",
        "updated_at",
    }
    assert differing == {resource[:-1], *(["line_items"] if "line_items" in record else [])}
    assert record[resource[:-1]]["id"] == source["id"]
    assert lines(record) == lines(expected) if "line_items" in record else True
    assert api.get(f"/{made}/by/erp/7").json["data"]["id"] == record["id"]


@each_conversion
def test_null_is_as_in_a_put(api: ApiClient, resource: str, name: str) -> None:
    source, made = api.create(resource, **full(api, resource)), made_of(resource, name)
    taken = schema_of(made).load_fields
    required = {field for field in taken if taken[field].required}
    if required:
        faults = api.errors(api.post(path_of(resource, source, name), dict.fromkeys(taken)))
        assert faults == {field: [f"The {field} field is required."] for field in required}
    record = convert(api, resource, name, source, dict.fromkeys(taken.keys() - required))
    for field in {*COPIED[resource, name].split()} - {"tax_breakdown"}:  # that is of the lines, and no discount
        keeps = field in required or field in ("currency", "labels", "compute_totals") or field == resource[:-1]
        assert record[field] == (source[field] if keeps else None), field
    if "line_items" in record:
        assert lines(record) == lines(source)


@each_conversion
def test_lists_that_are_empty_clear(api: ApiClient, resource: str, name: str) -> None:
    source = api.create(resource, **full(api, resource))
    record = convert(api, resource, name, source, {"labels": [], "line_items": []})
    assert record["labels"] == []
    assert record.get("line_items", []) == []


@each_conversion
def test_a_faulty_body_is_refused_whole(api: ApiClient, resource: str, name: str) -> None:
    source, made = api.create(resource), made_of(resource, name)
    api.create(made, external_keys={"erp": "taken"})
    body = {
        "currency": "EURO",
        "person_id": UNKNOWN,
        "labels": [UNKNOWN],
        "line_items": [{"quantity": 0}],
        "external_keys": {"erp": "taken"},
    }
    faults = api.errors(api.post(path_of(resource, source, name), body))
    assert {field.split(".")[0] for field in faults} == {
        field for field in body if field in schema_of(made).load_fields
    }
    assert api.get(f"/{made}").json["meta"]["total"] == 1
    assert api.get(f"/{resource}/{source['id']}").json["data"] == source
    convert(api, resource, name, source)


@each_conversion
def test_what_is_copied_is_not_checked_again(api: ApiClient, app: Flask, resource: str, name: str) -> None:
    source = api.create(resource, **full(api, resource))
    gone = {"deleted_at": datetime.now(UTC)}
    alter(app, Person, source["person"]["id"], **gone)
    alter(app, Label, source["labels"][0]["id"], **gone)
    for item in source.get("line_items", ()):
        alter(app, Product, item["product_id"], **gone)
    record = convert(api, resource, name, source)
    assert record["person"] is None
    assert record["labels"] == source["labels"][1:]
    row, made = (
        stored(app, kind, each["id"]) for kind, each in ((resource, source), (made_of(resource, name), record))
    )
    assert made["person_id"] == row["person_id"] is not None
    if "line_items" in source:
        assert lines(record) == lines(source)


@of_documents
def test_copied_lines_keep_their_tax_and_those_of_the_body_are_taxed_anew(
    api: ApiClient, app: Flask, resource: str, name: str
) -> None:
    rate = create_lookup(app, TaxRate, rate=70_000)
    product = api.create("products", tax_rate_id=rate)
    items = [line(product, amount=200), line(product, amount=100, quantity="1.5", comments="Second")]
    source = api.create(resource, line_items=items)
    alter(app, TaxRate, rate, rate=190_000)
    record = convert(api, resource, name, source)
    assert lines(record) == lines(source)
    assert [(each["tax_rate"], each["tax_amount"]) for each in record["line_items"]] == [(7.0, 14.0), (7.0, 7.0)]
    assert api.delete(f"/{made_of(resource, name)}/{record['id']}").status_code == 204
    sent = [{**items[0], "id": source["line_items"][0]["id"]}]
    (own,) = convert(api, resource, name, source, {"line_items": sent})["line_items"]
    assert (own["tax_rate"], own["tax_amount"], own["order"]) == (19.0, 38.0, 1)
    assert own["id"] != source["line_items"][0]["id"]


@of_documents
def test_lines_of_the_body_leave_out_what_is_worked_out_if_the_source_has_its_totals_worked_out(
    api: ApiClient, resource: str, name: str
) -> None:
    product = api.create("products", unit_price=10, currency="EUR", tax_rate=20)
    source = api.create(resource, currency="EUR", compute_totals=True, line_items=[line(product)])
    short = {"product_id": product["id"], "quantity": "1.5"}
    assert convert(api, resource, name, source, {"currency": "CHF", "line_items": [short]}, 422)["errors"] == {
        "line_items.0.unit_price": ["The product has no price in CHF."]
    }
    record = convert(api, resource, name, source, {"line_items": [short]})
    assert [(each["unit_price"], each["amount"]) for each in record["line_items"]] == [(10.0, 15.0)]
    assert (record["compute_totals"], record["subtotal"], record["tax"], record["total"]) == (True, 15.0, 3.0, 18.0)


@of_documents
@pytest.mark.parametrize("computed", [True, False], ids=["computed", "kept"])
def test_lines_of_the_body_are_whole_where_totals_are_not_worked_out(
    api: ApiClient, resource: str, name: str, *, computed: bool
) -> None:
    source = api.create(resource, compute_totals=computed)
    body: Json = {"line_items": [{"product_id": api.create("products", unit_price=1)["id"], "quantity": 1}]}
    faults = convert(api, resource, name, source, body | ({"compute_totals": False} if computed else {}), 422)
    assert faults["errors"] == {
        f"line_items.0.{field}": [f"The line_items.0.{field} field is required."] for field in ("unit_price", "amount")
    }


def test_a_stage_is_not_taken_over_but_may_be_given(api: ApiClient, app: Flask) -> None:
    stages = {resource: create_stage(app, resource) for resource in ("leads", "deals")}
    lead = api.create("leads", pipeline_stage_id=stages["leads"])
    for _ in range(2):
        refused = api.post(f"/leads/{lead['id']}/convert", {"pipeline_stage_id": stages["leads"]})
        assert set(api.errors(refused)) == {"pipeline_stage_id"}
    deal = convert(api, "leads", "convert", lead, {"pipeline_stage_id": stages["deals"]})
    assert deal["pipeline_stage"]["id"] == stages["deals"]
    assert api.get(f"/leads/{lead['id']}").json["data"]["pipeline_stage"]["id"] == stages["leads"]


def test_an_order_may_be_of_another_lead_and_deal_than_its_quote(api: ApiClient) -> None:
    quote = api.create("quotes", lead_id=api.create("leads")["id"], deal_id=api.create("deals")["id"])
    lead, deal = api.create("leads"), api.create("deals", external_keys={"erp": "d"})
    body = {"lead_id": lead["id"], "deal_id": {"source": "erp", "key": "d"}}
    order = convert(api, "quotes", "order", quote, body)
    assert (order["lead"]["id"], order["deal"]["id"]) == (lead["id"], deal["id"])


def test_an_invoice_gets_the_owner_of_its_order_even_if_there_is_none(api: ApiClient) -> None:
    assert convert(api, "orders", "invoice", api.create("orders"))["owner"] is None
    assert (
        convert(api, "orders", "invoice", api.create("orders", user_owner_id=api.user_id))["owner"]["id"] == api.user_id
    )


@each_conversion
def test_it_may_be_done_again_once_what_was_made_is_deleted(api: ApiClient, resource: str, name: str) -> None:
    source, made = api.create(resource), made_of(resource, name)
    number = f"{made[:-1]}_id"
    first = convert(api, resource, name, source)
    assert api.delete(f"/{made}/{first['id']}").status_code == 204
    second = convert(api, resource, name, source)
    assert convert(api, resource, name, source, status=409)[number] == second["id"]
    assert api.post(f"/{made}/{first['id']}/restore").status_code == 200
    assert convert(api, resource, name, source, status=409)[number] == second["id"], "the newest"
    assert api.delete(f"/{made}/{second['id']}").status_code == 204
    assert convert(api, resource, name, source, status=409)[number] == first["id"]
    words = [change["type"] for change in api.get(f"/{resource}/{source['id']}/changes").json["data"]]
    word = CASES[resource, name].word
    assert words == [*([f"{resource[:-1]}.{word}"] * 2 if word else []), f"{resource[:-1]}.created"]


@each_conversion
def test_only_what_the_action_made_is_in_its_way(api: ApiClient, resource: str, name: str) -> None:
    source, made = api.create(resource), made_of(resource, name)
    origin = f"{resource[:-1]}_id"
    api.create(made, **{origin: source["id"]})
    convert(api, resource, name, source)


@pytest.mark.parametrize(
    ("resource", "name"), [("leads", "convert"), ("orders", "invoice")], ids=["convert", "invoice"]
)
def test_what_was_made_is_in_the_way_whatever_it_refers_to_by_now(api: ApiClient, resource: str, name: str) -> None:
    source, made, other = api.create(resource), made_of(resource, name), api.create(resource)
    record = convert(api, resource, name, source)
    for target in (None, other["id"]):
        changed = api.put(f"/{made}/{record['id']}", {f"{resource[:-1]}_id": target})
        assert changed.json["data"]["version"] > record["version"]
        assert convert(api, resource, name, source, status=409)[f"{made[:-1]}_id"] == record["id"]
    convert(api, resource, name, other)


def test_a_lead_of_before_is_judged_by_when_it_was_converted(api: ApiClient, app: Flask) -> None:
    lead = api.create("leads")
    api.create("deals", lead_id=lead["id"])
    alter(app, KINDS["leads"].model, lead["id"], converted_at=datetime(2025, 1, 2, tzinfo=UTC))
    assert convert(api, "leads", "convert", lead, status=409) == {"message": "The lead is already converted."}
    assert api.post(f"/leads/{lead['id']}/reopen").json["data"]["converted_at"] is None
    convert(api, "leads", "convert", lead)


def test_a_rejected_quote_is_ordered_once_it_is_reopened(api: ApiClient) -> None:
    quote = api.create("quotes")
    assert api.post(f"/quotes/{quote['id']}/reject").status_code == 200
    assert convert(api, "quotes", "order", quote, status=409) == {"message": "The quote is rejected."}
    assert api.post(f"/quotes/{quote['id']}/reopen").status_code == 200
    convert(api, "quotes", "order", quote)


@each_conversion
def test_a_key_that_was_taken_meanwhile_is_told(api: ApiClient, resource: str, name: str) -> None:
    source, made = api.create(resource), made_of(resource, name)
    api.create(made, external_keys={"erp": "x"})
    answer = api.post(path_of(resource, source, name), {"external_keys": {"erp": "x"}})
    assert api.errors(answer) == {"external_keys.erp": ["The external_keys.erp has already been taken."]}


@each_conversion
def test_references_of_the_body_stay_in_the_team(team_app: Flask, resource: str, name: str) -> None:
    teams = make_teams(team_app)
    source, stranger = teams.ours.create(resource), teams.theirs.create("people")
    answer = teams.ours.post(path_of(resource, source, name), {"person_id": stranger["id"]})
    assert set(teams.ours.errors(answer)) == {"person_id"}


@each_conversion
def test_what_is_made_says_of_what_and_no_client_can(api: ApiClient, app: Flask, resource: str, name: str) -> None:
    source, made = api.create(resource), made_of(resource, name)
    row_id = stored(app, resource, source["id"])["id"]
    assert stored(app, made, api.create(made, made_of_id=row_id)["id"])["made_of_id"] is None
    record = convert(api, resource, name, source, {"made_of_id": 0})
    assert stored(app, made, record["id"])["made_of_id"] == row_id


def test_a_quote_shows_its_lead_and_its_deal(api: ApiClient) -> None:
    lead, deal = api.create("leads"), api.create("deals")
    quote = api.create("quotes", lead_id=lead["id"], deal_id=deal["id"])
    assert quote["lead"] == {name: lead[name] for name in ("id", "lead_id", "title")}
    assert quote["deal"] == {name: deal[name] for name in ("id", "deal_id", "title")}
    assert [each["id"] for each in api.get(f"/quotes?filter[deal_id]={deal['id']}").json["data"]] == [quote["id"]]
