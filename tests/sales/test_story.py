"""A sale from nothing to the paid invoice, over the API alone: an Owner sets the house up, an Employee sells."""

from decimal import Decimal
from typing import Any

from flask import Flask

from tests.support.client import ApiClient
from tests.support.factories import create_user

Json = dict[str, Any]
TOTAL = Decimal("335.17")
REST = TOTAL - 100


def done(answer: Any, status: int) -> Json:
    assert answer.status_code == status, answer.text
    data: Json = answer.json["data"]
    return data


def added(api: ApiClient, path: str, **fields: Any) -> Json:
    return done(api.post(path, fields), 201)


def test_a_sale_from_nothing_to_the_paid_invoice(app: Flask, api: ApiClient) -> None:
    reduced = added(api, "/tax-rates", name="Books", rate=5)
    vip = added(api, "/labels", name="VIP", hex="#16A34A")
    fair = added(api, "/lead-sources", name="Book fair")
    met = added(api, "/pipelines", name="Fairs", resource="leads", stages=[{"name": "Met"}])["stages"][0]
    book = api.create("products", name="Book", unit_price=19.99, tax_rate_id=reduced["id"])
    shelf = api.create("products", name="Shelf", unit_price=65, tax_rate=20)

    employee = ApiClient(app, create_user(app, "Employee"))
    assert employee.post("/labels", {"name": "Mine"}).status_code == 403
    acme = employee.create("organizations", name="Acme", emails=[{"address": "office@acme.example"}])
    grace = employee.create(
        "people", first_name="Grace", phones=[{"number": "+1 555 0100"}], organization_id=acme["id"]
    )
    (found,) = employee.get("/people?filter[phone]=1-555-0100").json["data"]
    assert found["id"] == grace["id"]

    customer = {"person_id": grace["id"], "organization_id": acme["id"], "labels": [vip["id"]]}
    fields = {"lead_source_id": fair["id"], "pipeline_stage_id": met["id"], "amount": 500}
    lead = employee.create("leads", title="A library", **customer, **fields)
    assert lead["pipeline_stage"]["name"] == "Met"
    deal = done(employee.post(f"/leads/{lead['id']}/convert"), 201)
    assert (deal["status"], deal["lead"]["lead_id"], deal["labels"][0]["name"]) == ("open", "L1001", "VIP")

    lines = [{"product_id": book["id"], "quantity": 10}, {"product_id": shelf["id"], "quantity": 2.5}]
    sale = {"lead_id": lead["id"], "deal_id": deal["id"], "discount": 62.40}
    quote = employee.create("quotes", title="A library", compute_totals=True, line_items=lines, **sale, **customer)
    assert (quote["subtotal"], quote["tax"], quote["total"]) == (Decimal("362.4"), Decimal("35.17"), TOTAL)
    assert [row["rate"] for row in quote["tax_breakdown"]] == [5, 20]
    assert done(employee.post(f"/quotes/{quote['id']}/accept"), 200)["accepted_at"]
    won = done(employee.post(f"/deals/{deal['id']}/win", {"closed_reason": "In stock"}), 200)
    assert (won["status"], won["closed_reason"]) == ("won", "In stock")

    order = done(employee.post(f"/quotes/{quote['id']}/order", {"reference": "PO-4711"}), 201)
    assert (order["reference"], order["total"], order["deal"]["id"]) == ("PO-4711", TOTAL, deal["id"])
    due = {"issue_date": "2026-12-01T00:00:00Z", "due_date": "2026-12-31T00:00:00Z"}
    invoice = done(employee.post(f"/orders/{order['id']}/invoice", due), 201)
    assert (invoice["amount_due"], invoice["order"]["order_id"]) == (TOTAL, order["order_id"])

    path = f"/invoices/{invoice['id']}"
    done(employee.post(f"{path}/payments", {"amount": 100, "paid_at": "2026-12-10T00:00:00Z"}), 201)
    part_paid = employee.get(path).json["data"]
    assert (part_paid["amount_paid"], part_paid["amount_due"], part_paid["fully_paid_at"]) == (100, REST, None)
    rest = done(employee.post(f"{path}/payments", {"amount": str(REST), "paid_at": "2026-12-20T00:00:00Z"}), 201)
    paid = employee.get(f"{path}?include=payments").json["data"]
    assert (paid["amount_due"], paid["fully_paid_at"]) == (0, rest["paid_at"])
    assert [payment["amount"] for payment in paid["payments"]] == [100, REST]

    told = [change["type"] for change in employee.get("/changes").json["data"]]
    assert told[4:] == [
        *("lead.created", "lead.converted", "deal.created", "quote.created", "quote.accepted", "deal.won"),
        *("order.created", "invoice.created", "invoice.updated", "invoice.paid"),
    ]
