"""A sale from nothing to the payment, over the API alone, by an Employee."""

from typing import Any

from flask import Flask

from tests.support.client import ApiClient
from tests.support.factories import create_user
from tests.support.sales import line

Json = dict[str, Any]


def done(answer: Any, status: int) -> Json:
    assert answer.status_code == status, answer.text
    data: Json = answer.json["data"]
    return data


def test_a_sale_from_nothing_to_the_payment(app: Flask, api: ApiClient) -> None:
    chair = api.create("products", name="Chair", unit_price=50, tax_rate=20)  # which an Owner has to do
    employee = ApiClient(app, create_user(app, "Employee"))
    company = employee.create("organizations", name="Acme Ltd")
    grace = employee.create("people", first_name="Grace", last_name="Hopper", organization_id=company["id"])
    customer = {"person_id": grace["id"], "organization_id": company["id"]}

    lead = employee.create("leads", title="Forty chairs", amount=2000, **customer)
    deal = done(employee.post(f"/leads/{lead['id']}/convert"), 201)
    assert (deal["status"], deal["lead"]["lead_id"], deal["person"]["id"]) == ("open", "L1001", grace["id"])

    lines = [line(chair, quantity=40, unit_price=50, amount=2000)]
    totals = {"subtotal": 2000, "tax": 400, "total": 2400}
    sale = {"lead_id": lead["id"], "deal_id": deal["id"]}
    quote = employee.create("quotes", title="Forty chairs", line_items=lines, **totals, **customer, **sale)
    assert done(employee.post(f"/quotes/{quote['id']}/accept"), 200)["accepted_at"]
    won = done(employee.post(f"/deals/{deal['id']}/win", {"closed_reason": "Could deliver at once"}), 200)
    assert (won["status"], won["closed_reason"]) == ("won", "Could deliver at once")

    order = done(employee.post(f"/quotes/{quote['id']}/order", {"reference": "PO-4711"}), 201)
    assert (order["reference"], order["total"], order["deal"]["id"]) == ("PO-4711", 2400, deal["id"])
    due = {"issue_date": "2026-12-01T00:00:00Z", "due_date": "2026-12-31T00:00:00Z"}
    invoice = done(employee.post(f"/orders/{order['id']}/invoice", due), 201)
    assert (invoice["amount_due"], invoice["reference"]) == (2400, "PO-4711")
    assert invoice["line_items"][0]["tax_amount"] == 400

    payments = f"/invoices/{invoice['id']}/payments"
    part = done(employee.post(payments, {"amount": 400, "paid_at": "2026-12-10T09:00:00Z"}), 201)
    assert done(employee.get(payments), 200) == [part]
    done(employee.post(payments, {"amount": 2000, "paid_at": "2026-12-20T09:00:00Z"}), 201)
    paid = done(employee.get(f"/invoices/{invoice['id']}"), 200)
    assert (paid["amount_due"], paid["fully_paid_at"]) == (0, "2026-12-20T09:00:00+00:00")

    told = [change["type"] for change in employee.get("/changes").json["data"]]
    assert told[3:] == [
        *("lead.created", "lead.converted", "deal.created", "quote.created", "quote.accepted", "deal.won"),
        *("order.created", "invoice.created", "invoice.updated", "invoice.paid"),
    ]
