"""`flask crm purge`: what was deleted goes for good, in its order, and what is referred to stays."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select, update

from crm.extensions import db
from crm.models import RECORDS, Person
from crm.records import purging
from crm.records.purging import IN_ORDER, parts_of, references_to
from tests.support.client import ApiClient, CommandLine, Teams
from tests.support.factories import DETAILS, NAMES, full
from tests.support.retries import contents

LATER = "2999-01-01"
ORDER = ("invoices", "orders", "quotes", "deals", "leads", "people", "products", "organizations")
PARTS = {
    "deals": {"deals_labels"},
    "invoices": {"invoice_line_items", "invoices_labels", "payments"},
    "leads": {"leads_labels"},
    "orders": {"order_line_items", "orders_labels"},
    "organizations": {
        "organizations_addresses",
        "organizations_emails",
        "organizations_labels",
        "organizations_phones",
    },
    "people": {"people_addresses", "people_emails", "people_labels", "people_phones"},
    "products": {"product_prices"},
    "quotes": {"quote_line_items", "quotes_labels"},
}
"""The tables whose rows belong to a record."""


def purge(app: Flask, *options: str, before: str = LATER) -> dict[str, int]:
    """Purge, and return how many of each resource went, as it says; those of which none did are left out."""
    said = CommandLine(app).done("purge", "--deleted-before", before, *options)
    verb = "Would remove " if "--dry-run" in options else "Removed "
    assert said.startswith(verb)
    counts = [each.split() for each in said.removeprefix(verb).removesuffix(".\n").split(", ")]
    assert [name for _, name in counts] == [*ORDER]
    return {name: int(number) for number, name in counts if number != "0"}


def left(app: Flask) -> dict[str, int]:
    """Return how many rows the tables of records and of their parts hold, empty ones left out."""
    names = {*PARTS, *(name for parts in PARTS.values() for name in parts), "external_keys"}
    return {name: len(rows) for name, rows in contents(app).items() if name in names and rows}


def delete(api: ApiClient, resource: str, record: dict[str, Any]) -> None:
    assert api.delete(f"/{resource}/{record['id']}").status_code == 204


def test_what_belongs_to_a_record_is_known() -> None:
    assert {table.name: {column.table.name for column in parts_of(table)} for table in IN_ORDER} == PARTS
    assert {table.name for table in IN_ORDER} == {model.__tablename__ for model in RECORDS}


def test_each_table_comes_before_those_that_it_refers_to() -> None:
    place = {table: index for index, table in enumerate(IN_ORDER)}
    pairs = [(column.table, table) for table in IN_ORDER for column in references_to(table)]
    assert len(pairs) > 20
    assert [pair for pair in pairs if pair[0] in place and place[pair[0]] >= place[pair[1]]] == []


@pytest.mark.parametrize("name", NAMES)
def test_a_record_goes_with_all_that_belongs_to_it(api: ApiClient, name: str) -> None:
    record = api.create(name, **full(api, name))
    delete(api, name, record)
    before = left(api.app)
    purge(api.app)
    after = left(api.app)
    assert name not in after
    assert {table for table in before if table not in after} >= {name, *(PARTS[name] & before.keys())}
    assert api.post(f"/{name}/{record['id']}/restore").status_code == 404
    assert api.get("/changes").json["data"][-1]["type"].endswith(".deleted")


def sale(api: ApiClient) -> list[tuple[str, dict[str, Any]]]:
    """Make a sale, of which each record refers to the ones before it."""
    company = api.create("organizations", **{**DETAILS, "external_keys": {"erp": "1"}})
    person = api.create("people", organization_id=company["id"], **DETAILS)
    product = api.create("products", unit_price=1, currency="EUR")
    named = {"person_id": person["id"], "organization_id": company["id"]}
    line = {"product_id": product["id"], "quantity": 1, "unit_price": 1, "amount": 1}
    lead = api.create("leads", **named)
    deal = api.post(f"/leads/{lead['id']}/convert").json["data"]
    quote = api.create("quotes", deal_id=deal["id"], lead_id=lead["id"], line_items=[line], **named)
    order = api.post(f"/quotes/{quote['id']}/order").json["data"]
    invoice = api.post(f"/orders/{order['id']}/invoice", {"total": 1}).json["data"]
    assert api.post(f"/invoices/{invoice['id']}/payments", {"amount": 1}).status_code == 201
    made = [("organizations", company), ("people", person), ("products", product), ("leads", lead), ("deals", deal)]
    return [*made, ("quotes", quote), ("orders", order), ("invoices", invoice)]


def test_a_whole_sale_goes_in_one_run(api: ApiClient) -> None:
    for resource, record in sale(api):
        delete(api, resource, record)
    assert purge(api.app) == dict.fromkeys(ORDER, 1)
    assert left(api.app) == {}
    assert CommandLine(api.app).done("recount") == "0 counters mended.\n"
    assert api.create("leads")["lead_id"] == "L1002"


@pytest.mark.parametrize("staying", ORDER)
def test_what_a_record_refers_to_stays_with_it(api: ApiClient, staying: str) -> None:
    records = sale(api)
    for resource, record in records:
        if resource != staying:
            delete(api, resource, record)
    before = contents(api.app)
    removed = purge(api.app)
    assert staying not in removed
    kept = {"invoices": {*ORDER}, "organizations": {"organizations"}, "products": {"products"}}
    kept |= {"people": {"people", "organizations"}, "leads": {"leads", "people", "organizations"}}
    kept["deals"] = kept["leads"] | {"deals"}
    kept["quotes"] = kept["deals"] | {"quotes", "products"}
    kept["orders"] = kept["quotes"] | {"orders"}
    assert removed.keys() == {*ORDER} - kept[staying]
    after = contents(api.app)
    assert [name for name in kept[staying] if after[name] != before[name]] == []
    (record,) = (record for resource, record in records if resource == staying)
    assert api.get(f"/{staying}/{record['id']}").status_code == 200


def test_only_what_was_deleted_before_the_day_goes(api: ApiClient) -> None:
    old, young, live = (api.create("people") for _ in range(3))
    delete(api, "people", old)
    delete(api, "people", young)
    moments = {old["id"]: datetime(2026, 1, 1, 23, 59, 59, tzinfo=UTC), young["id"]: datetime(2026, 1, 2, tzinfo=UTC)}
    with api.app.app_context(), db.engine.begin() as connection:
        for external_id, moment in moments.items():
            connection.execute(update(Person).where(Person.external_id == external_id).values(deleted_at=moment))
    assert purge(api.app, before="2026-01-02") == {"people": 1}
    assert api.post(f"/people/{old['id']}/restore").status_code == 404
    assert api.post(f"/people/{young['id']}/restore").status_code == 200
    assert api.get(f"/people/{live['id']}").status_code == 200


def test_a_dry_run_tells_what_a_run_does_and_does_nothing(api: ApiClient) -> None:
    for resource, record in sale(api):
        delete(api, resource, record)
    before = contents(api.app)
    said = purge(api.app, "--dry-run")
    assert contents(api.app) == before
    assert purge(api.app) == said == dict.fromkeys(ORDER, 1)
    assert purge(api.app) == {}


def test_many_go_by_portions(api: ApiClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(purging, "AT_ONCE", 2)
    people = [api.create("people") for _ in range(7)]
    api.create("leads", person_id=people[2]["id"])
    for person in people:
        delete(api, "people", person)
    assert purge(api.app) == {"people": 6}
    with api.app.app_context(), db.engine.connect() as connection:
        assert connection.scalar(select(func.count()).select_from(Person)) == 1


def test_of_all_teams(teams: Teams) -> None:
    ours, theirs = teams.ours.create("people"), teams.theirs.create("people")
    delete(teams.ours, "people", ours)
    delete(teams.theirs, "people", theirs)
    assert purge(teams.app) == {"people": 2}
    assert CommandLine(teams.app).done("recount") == "0 counters mended.\n"


def test_a_day_is_needed(app: Flask) -> None:
    shell = CommandLine(app)
    for options in ((), ("--deleted-before", "yesterday")):
        result = shell.run("purge", *options)
        assert result.exit_code == 2
        assert "--deleted-before" in result.stderr


def test_a_lead_that_takes_the_person_meanwhile_keeps_it(api: ApiClient) -> None:
    """Between looking and locking a record may have come that refers to it: it is asked again."""
    person = api.create("people")
    lead = api.create("leads", person_id=person["id"])
    delete(api, "people", person)
    with api.app.app_context():
        removal = purging.Purge(Person.__table__)
        removal._candidates = purging.Query(select(Person.id).where(Person.id > db.bindparam("after")))
        before = datetime.now(UTC) + timedelta(days=1)
        assert sum(removal.run(before)) == 0
    assert api.get(f"/leads/{lead['id']}").status_code == 200
