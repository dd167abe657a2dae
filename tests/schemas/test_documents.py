"""What is particular to quotes, orders, invoices and deals, and the story of a sale through all of them."""

from decimal import Decimal
from typing import Any

import pytest
from flask import Flask

from crm.blueprints import RESOURCES
from crm.models import Invoice, Order, Quote
from crm.schemas.collections.line_items import LineItems
from tests.support.client import ApiClient
from tests.support.factories import create_user
from tests.support.sales import DOCUMENTS, Json, fields_of, line, put, read_row, row_id

TOTALS = {
    "quotes": ("subtotal", "discount", "tax", "adjustments", "total"),
    "orders": ("subtotal", "discount", "tax", "adjustments", "total"),
    "invoices": ("subtotal", "tax", "total"),
}
every_document = pytest.mark.parametrize("kind", DOCUMENTS)


def test_quotes_orders_and_invoices_are_the_documents() -> None:
    assert set(DOCUMENTS) == set(TOTALS)
    assert all(fields_of(kind, LineItems) in ([], ["line_items"]) for kind in RESOURCES)


@every_document
def test_totals_may_be_negative_and_are_kept_as_sent(api: ApiClient, kind: str) -> None:
    sent = {name: -1000.25 - place for place, name in enumerate(TOTALS[kind])}
    document = api.create(kind, **sent)
    assert {name: document[name] for name in sent} == sent
    changed = put(api, kind, document, total=7)
    stamped = {"version": 2, "updated_at": changed["updated_at"]}
    assert changed == {**document, "total": 7, **due(kind, 7), **stamped}
    assert put(api, kind, document, total=None)["total"] is None


def due(kind: str, amount: int) -> Json:
    return {"amount_due": amount} if kind == "invoices" else {}


@every_document
def test_a_document_without_totals_shows_null_for_each(api: ApiClient, kind: str) -> None:
    document = api.create(kind)
    assert [document[name] for name in TOTALS[kind]] == [None] * len(TOTALS[kind])


@pytest.mark.parametrize("kind", ["orders", "invoices"])
def test_nothing_is_required_of_orders_and_invoices(api: ApiClient, kind: str) -> None:
    assert api.post(f"/{kind}", {}).status_code == 201


@every_document
def test_a_deleted_person_or_organization_shows_null(api: ApiClient, kind: str) -> None:
    person, organization = api.create("people"), api.create("organizations")
    document = api.create(kind, person_id=person["id"], organization_id=organization["id"])
    assert document["person"] == {name: person[name] for name in ("id", "name", "first_name", "last_name")}
    assert document["organization"] == {"id": organization["id"], "name": organization["name"]}
    api.delete(f"/people/{person['id']}")
    api.delete(f"/organizations/{organization['id']}")
    shown = api.get(f"/{kind}/{document['id']}").json["data"]
    assert shown == {**document, "person": None, "organization": None}
    assert api.get(f"/{kind}").json["data"] == [shown]


def test_an_invoice_is_paid_nothing_at_first_and_its_whole_total_is_due(api: ApiClient) -> None:
    invoice = api.create("invoices", total=100.5, amount_paid=50, amount_due=3, fully_paid_at="2026-01-01T00:00:00Z")
    assert (invoice["amount_paid"], invoice["amount_due"]) == (0, Decimal("100.5"))
    assert invoice["fully_paid_at"] is None


def test_what_is_due_is_the_total_less_what_was_paid(api: ApiClient) -> None:
    invoice = api.create("invoices", total=100)
    assert api.post(f"/invoices/{invoice['id']}/payments", {"amount": "30.01"}).status_code == 201
    shown = [api.get(f"/invoices/{invoice['id']}").json["data"], api.get("/invoices").json["data"][0]]
    shown.append(put(api, "invoices", invoice, total=20, amount_paid=0))
    shown.append(put(api, "invoices", invoice, total=None))
    due = [Decimal("69.99"), Decimal("69.99"), Decimal("-10.01"), None]
    assert [each["amount_due"] for each in shown] == due
    assert {each["amount_paid"] for each in shown} == {Decimal("30.01")}


def test_nothing_is_due_while_an_invoice_has_no_total(api: ApiClient) -> None:
    invoice = api.create("invoices")
    assert (invoice["total"], invoice["amount_due"], invoice["amount_paid"]) == (None, None, 0)


def test_an_invoice_is_the_caller_s_unless_another_owner_is_named(api: ApiClient, app: Flask) -> None:
    other = create_user(app)
    assert api.create("invoices")["owner"]["id"] == api.user_id
    assert api.create("invoices", user_owner_id=other)["owner"]["id"] == other
    assert api.create("invoices", user_owner_id=None)["owner"] is None


def test_an_update_leaves_the_owner_of_an_invoice(api: ApiClient, app: Flask) -> None:
    unowned = api.create("invoices", user_owner_id=None)
    theirs = api.create("invoices", user_owner_id=create_user(app))
    assert put(api, "invoices", unowned, reference="New")["owner"] is None
    assert put(api, "invoices", theirs, reference="New")["owner"] == theirs["owner"]


@pytest.mark.parametrize("kind", ["quotes", "orders"])
def test_quotes_and_orders_have_no_owner_by_default(api: ApiClient, kind: str) -> None:
    assert api.create(kind)["owner"] is None


@pytest.mark.parametrize(
    ("model", "names"),
    [(Quote, ["lead_id"]), (Order, ["lead_id", "deal_id", "quote_id"])],
    ids=["quotes", "orders"],
)
@pytest.mark.parametrize("sent", ["another", None, "nonsense"])
def test_where_a_document_came_from_is_said_when_it_is_made_and_never_changes(
    api: ApiClient, app: Flask, model: Any, names: list[str], sent: str | None
) -> None:
    kind = model.__tablename__
    origins = {name: api.create(name.replace("_id", "s"))["id"] for name in names}
    others = {name: api.create(name.replace("_id", "s"))["id"] if sent == "another" else sent for name in names}
    document = api.create(kind, **origins)
    before = [getattr(read_row(app, model, document["id"]), name) for name in names]
    assert None not in before
    put(api, kind, document, reference="New", **others)
    assert [getattr(read_row(app, model, document["id"]), name) for name in names] == before


def test_the_order_of_an_invoice_can_change(api: ApiClient, app: Flask) -> None:
    first, second = api.create("orders")["id"], api.create("orders")["id"]
    invoice = api.create("invoices", order_id=first)
    kept = [read_row(app, Invoice, invoice["id"]).order_id]
    for order_id in (second, None):
        put(api, "invoices", invoice, order_id=order_id)
        kept.append(read_row(app, Invoice, invoice["id"]).order_id)
    assert kept == [row_id(app, Order, first), row_id(app, Order, second), None]


def test_a_deal_shows_the_lead_it_came_from_which_can_change(api: ApiClient) -> None:
    lead, other = api.create("leads"), api.create("leads")
    deal = api.create("deals", lead_id=lead["id"])
    assert deal["lead"] == {name: lead[name] for name in ("id", "lead_id", "title")}
    assert put(api, "deals", deal, lead_id=other["id"])["lead"]["lead_id"] == other["lead_id"]
    api.delete(f"/leads/{other['id']}")
    assert api.get(f"/deals/{deal['id']}").json["data"]["lead"] is None
    assert put(api, "deals", deal, lead_id=None)["lead"] is None


def test_a_sale_goes_from_product_to_quote_to_order_to_invoice(api: ApiClient, app: Flask) -> None:
    product = api.create("products", name="Consulting", unit_price=100, unit="hour", tax_rate=10)
    licence = api.create("products", name="Licence", unit_price=50)
    totals = {"subtotal": 250, "tax": 25, "total": 275}
    lines = [line(product, quantity=2, unit_price=100, amount=200), line(licence, unit_price=50, amount=50)]
    lead = api.create("leads", title="Big sale")
    quote = api.create("quotes", title="Offer", lead_id=lead["id"], line_items=lines, **totals)
    order = api.create("orders", quote_id=quote["id"], lead_id=lead["id"], line_items=lines, **totals)
    invoice = api.create("invoices", order_id=order["id"], line_items=lines, **totals)
    assert (quote["quote_id"], order["order_id"], invoice["invoice_id"]) == ("Q1001", "O1001", "I1001")
    for document in (quote, order, invoice):
        assert [item["product"]["name"] for item in document["line_items"]] == ["Consulting", "Licence"]
        assert [item["tax_amount"] for item in document["line_items"]] == [20, 5]
        assert {name: document[name] for name in totals} == totals
    assert (invoice["amount_due"], invoice["amount_paid"]) == (275, 0)
    assert read_row(app, Order, order["id"]).quote_id == row_id(app, Quote, quote["id"])
    assert read_row(app, Invoice, invoice["id"]).order_id == row_id(app, Order, order["id"])
    assert len({item["id"] for document in (quote, order, invoice) for item in document["line_items"]}) == 6
