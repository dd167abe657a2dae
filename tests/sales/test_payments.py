"""Payments of invoices: what is paid, what is due, and since when an invoice is fully paid (beyond, section 16)."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask

from tests.support.changes import changes_of
from tests.support.client import UNKNOWN, ApiClient, CommandLine, Teams, statements
from tests.support.factories import create_user
from tests.support.sales import contents, line

Json = dict[str, Any]
DENIED = (403, {"message": "This action is unauthorized."})
FIRST, SECOND, THIRD = (f"2026-0{month}-01T10:00:00+00:00" for month in (1, 2, 3))


def invoice_of(api: ApiClient, total: Any = 100, **fields: Any) -> str:
    """Make an invoice and return its path."""
    return f"/invoices/{api.create('invoices', total=total, **fields)['id']}"


def pay(api: ApiClient, invoice: str, amount: Any, **fields: Any) -> Json:
    answer = api.post(f"{invoice}/payments", {"amount": amount, **fields})
    assert answer.status_code == 201, answer.text
    payment: Json = answer.json["data"]
    return payment


def take_back(api: ApiClient, invoice: str, payment: Json) -> None:
    assert api.delete(f"{invoice}/payments/{payment['id']}").status_code == 204


def shown(api: ApiClient, invoice: str) -> Json:
    record: Json = api.get(f"{invoice}?include=payments").json["data"]
    assert record["amount_paid"] == sum(payment["amount"] for payment in record["payments"])
    assert record["payments"] == api.get(f"{invoice}/payments").json["data"]
    return record


def settled(api: ApiClient, invoice: str) -> tuple[Any, Any, Any]:
    """Return what is paid, what is due, and since when the invoice is fully paid."""
    record = shown(api, invoice)
    return record["amount_paid"], record["amount_due"], record["fully_paid_at"]


def types(api: ApiClient, invoice: str) -> list[str]:
    return [change["type"] for change in changes_of(lambda path: api.get(path).json, invoice)]


# Making and showing


def test_a_payment_is_answered_and_shown(api: ApiClient) -> None:
    invoice = invoice_of(api)
    sent = {"amount": "60.005", "paid_at": "2026-01-01T11:00:00.9+01:00", "method": " Transfer ", "reference": "RE-1"}
    answer = api.post(f"{invoice}/payments", sent)
    assert (answer.status_code, answer.headers["ETag"], "Location" in answer.headers) == (201, '"2"', False)
    payment = answer.json["data"]
    assert [*payment] == ["id", "amount", "paid_at", "method", "reference", "user", "created_at"]
    assert {name: payment[name] for name in sent} == {
        "amount": Decimal("60.01"),
        "paid_at": FIRST,
        "method": "Transfer",
        "reference": "RE-1",
    }
    assert payment["user"] == {"id": api.user_id, "name": "Jane Doe"}
    listed = api.get(f"{invoice}/payments")
    assert (listed.json, listed.headers["ETag"]) == ({"data": [payment]}, '"2"')
    assert settled(api, invoice) == (Decimal("60.01"), Decimal("39.99"), None)
    assert "payments" not in api.get(invoice).json["data"]


@pytest.mark.parametrize("sent", [{}, {"paid_at": None, "method": "", "reference": None}])
def test_by_default_a_payment_is_made_now(api: ApiClient, sent: Json) -> None:
    payment = pay(api, invoice_of(api), 1, **sent)
    assert (payment["method"], payment["reference"]) == (None, None)
    assert payment["paid_at"] == payment["created_at"]
    assert datetime.now(UTC) - datetime.fromisoformat(payment["paid_at"]) < timedelta(minutes=1)


def test_payments_are_listed_by_their_moment_then_as_entered(api: ApiClient) -> None:
    invoice = invoice_of(api)
    assert api.get(f"{invoice}/payments").json == {"data": []}
    made = [pay(api, invoice, 1, paid_at=moment) for moment in (THIRD, FIRST, THIRD, SECOND, FIRST)]
    in_order = [made[place]["id"] for place in (1, 4, 3, 0, 2)]
    assert [payment["id"] for payment in api.get(f"{invoice}/payments").json["data"]] == in_order
    assert [payment["id"] for payment in shown(api, invoice)["payments"]] == in_order


def test_payments_are_included_wherever_invoices_are_shown(api: ApiClient) -> None:
    invoice = invoice_of(api, reference="Needle")
    payment = pay(api, invoice, 40)
    query = "include=payments"
    records = [
        api.get(f"{invoice}?{query},external_keys").json["data"],
        api.get(f"/invoices?{query}").json["data"][0],
        api.get(f"/invoices?cursor=&{query}").json["data"][0],
        api.get("/invoices?fields=payments").json["data"][0],
        api.get(f"/search?q=Needle&{query}").json["data"][0]["record"],
        api.get(f"/changes?records=true&{query}").json["data"][-1]["record"],
        api.put(f"{invoice}?{query}", {"reference": "Other"}).json["data"],
        api.post(f"{invoice}/restore?{query}").json["data"],
    ]
    assert [record["payments"] for record in records] == [[payment]] * len(records)
    assert api.post(f"/invoices?{query}", {}).json["data"]["payments"] == []
    assert api.get(f"/leads?{query}").status_code == 422


# What is refused


@pytest.mark.parametrize(
    ("body", "faults"),
    [
        ({}, {"amount": ["The amount field is required."]}),
        ({"amount": None}, {"amount": ["The amount field is required."]}),
        ({"amount": 0}, {"amount": ["The amount field must be at least 0.01."]}),
        ({"amount": "0.004"}, {"amount": ["The amount field must be at least 0.01."]}),
        ({"amount": -5}, {"amount": ["The amount field must be at least 0.01."]}),
        ({"amount": "much"}, {"amount": ["The amount field must be a number."]}),
        ({"amount": "100.01"}, {"amount": ["The amount field must not be greater than 100.00."]}),
        ({"amount": 1, "method": "x" * 51}, {"method": ["The method field must not be greater than 50 characters."]}),
        (
            {"amount": 0, "paid_at": "2026-01-01", "reference": "x" * 256},
            {
                "amount": ["The amount field must be at least 0.01."],
                "paid_at": ["The paid_at field must be an ISO-8601 timestamp with a timezone offset."],
                "reference": ["The reference field must not be greater than 255 characters."],
            },
        ),
    ],
)
def test_what_cannot_be_paid_is_refused_and_changes_nothing(
    api: ApiClient, app: Flask, body: Json, faults: Json
) -> None:
    invoice, before = invoice_of(api), contents(app)
    assert api.errors(api.post(f"{invoice}/payments", body)) == faults
    assert contents(app) == before
    assert types(api, invoice) == ["invoice.created"]


def test_a_payment_without_a_body_lacks_its_amount(api: ApiClient) -> None:
    invoice = api.create("invoices", total=10)
    answer = api.request("POST", f"/invoices/{invoice['id']}/payments")
    assert (answer.status_code, [*answer.json["errors"]]) == (422, ["amount"])


def test_an_invoice_without_a_total_takes_no_payment(api: ApiClient) -> None:
    invoice = invoice_of(api, total=None)
    assert api.errors(api.post(f"{invoice}/payments", {"amount": 1})) == {"amount": ["The invoice has no total."]}


def test_no_more_is_taken_than_is_due(api: ApiClient) -> None:
    invoice = invoice_of(api)
    pay(api, invoice, "99.99")
    for amount, status in (("0.02", 422), ("0.01", 201), ("0.01", 422)):
        assert api.post(f"{invoice}/payments", {"amount": amount}).status_code == status
    refused = api.post(f"{invoice}/payments", {"amount": 1})
    assert api.errors(refused) == {"amount": ["The amount field must not be greater than 0.00."]}


def test_a_body_is_judged_before_the_version_and_what_is_due_after_it(api: ApiClient) -> None:
    path, stale = f"{invoice_of(api)}/payments", {"If-Match": '"9"'}
    assert api.post(path, {"amount": 0}, headers=stale).status_code == 422
    refused = api.post(path, {"amount": 101}, headers=stale)
    assert (refused.status_code, refused.json["version"]) == (412, 1)
    assert api.post(path, {"amount": 100}, headers={"If-Match": '"1"'}).headers["ETag"] == '"2"'


def test_a_payment_that_is_not_there_is_a_404_whatever_is_expected(api: ApiClient) -> None:
    mine, other = invoice_of(api), invoice_of(api)
    payment = pay(api, other, 5)
    for headers in ({}, {"If-Match": '"9"'}):
        for name in (UNKNOWN, payment["id"], "no-uuid", "1"):
            assert api.delete(f"{mine}/payments/{name}", headers=headers).status_code == 404
        assert api.delete(f"/invoices/{UNKNOWN}/payments/{payment['id']}", headers=headers).status_code == 404
    assert types(api, mine) == ["invoice.created"]
    assert api.delete(f"{other}/payments/{payment['id'].upper()}").headers["ETag"] == '"3"'
    assert api.delete(f"{other}/payments/{payment['id']}").status_code == 404


def test_a_list_that_is_known_is_not_sent_again(api: ApiClient) -> None:
    invoice = invoice_of(api)
    path, tag = f"{invoice}/payments", {"If-None-Match": '"2"'}
    assert api.get(path, headers=tag).status_code == 200
    pay(api, invoice, 5)
    assert api.get(path, headers=tag).status_code == 304
    pay(api, invoice, 5)
    assert api.get(path, headers=tag).status_code == 200


# Since when an invoice is fully paid


def test_three_payments_out_of_order(api: ApiClient) -> None:
    invoice = invoice_of(api)
    for amount, moment in ((50, THIRD), (30, FIRST)):
        pay(api, invoice, amount, paid_at=moment)
        assert shown(api, invoice)["fully_paid_at"] is None
    pay(api, invoice, 20, paid_at=SECOND)
    assert settled(api, invoice) == (100, 0, THIRD)
    assert types(api, invoice) == ["invoice.created", "invoice.updated", "invoice.updated", "invoice.paid"]


def test_a_total_that_is_raised_and_lowered_settles_anew(api: ApiClient) -> None:
    invoice = invoice_of(api)
    pay(api, invoice, 60, paid_at=FIRST)
    pay(api, invoice, 40, paid_at=SECOND)
    for total, due, since in ((150, 50, None), (100, 0, SECOND), (60, -40, FIRST), (10, -90, FIRST), (61, -39, SECOND)):
        assert api.put(invoice, {"total": total}).status_code == 200
        assert settled(api, invoice) == (100, due, since)
    assert api.patch(invoice, {"total": None}).status_code == 200
    assert settled(api, invoice) == (100, None, None)
    assert types(api, invoice)[3:] == [
        *("invoice.updated", "invoice.paid", "invoice.updated", "invoice.updated", "invoice.updated"),
        "invoice.updated",
    ]
    refused = api.post(f"{invoice}/payments", {"amount": 1})
    assert api.errors(refused) == {"amount": ["The invoice has no total."]}


def test_a_total_that_is_lowered_below_what_was_paid_is_overpaid(api: ApiClient) -> None:
    invoice = invoice_of(api)
    pay(api, invoice, 60)
    api.put(invoice, {"total": 50})
    refused = api.post(f"{invoice}/payments", {"amount": "0.01"})
    assert api.errors(refused) == {"amount": ["The amount field must not be greater than -10.00."]}


def test_a_payment_that_is_taken_back_is_due_again(api: ApiClient) -> None:
    invoice = invoice_of(api)
    payments = [pay(api, invoice, amount, paid_at=moment) for amount, moment in ((60, SECOND), (40, FIRST))]
    assert settled(api, invoice) == (100, 0, SECOND)
    take_back(api, invoice, payments[1])
    assert settled(api, invoice) == (60, 40, None)
    pay(api, invoice, 40, paid_at=THIRD)
    assert settled(api, invoice) == (100, 0, THIRD)
    assert types(api, invoice)[2:] == ["invoice.paid", "invoice.updated", "invoice.paid"]
    for payment in shown(api, invoice)["payments"]:
        take_back(api, invoice, payment)
    assert settled(api, invoice) == (0, 100, None)


def test_without_payments_nothing_is_fully_paid(api: ApiClient) -> None:
    for total in (0, -5):
        invoice = invoice_of(api, total=total)
        assert settled(api, invoice) == (0, total, None)
        assert api.put(invoice, {"total": total - 1}).json["data"]["fully_paid_at"] is None


def test_a_batch_settles_each_invoice_with_its_own_word(api: ApiClient) -> None:
    paid, open_one, untouched = (invoice_of(api, total=total) for total in (100, 100, 50))
    for invoice, moment in ((paid, FIRST), (open_one, SECOND)):
        pay(api, invoice, 60, paid_at=moment)
    items = [(paid, {"total": 60}), (open_one, {"total": 70}), (untouched, {"total": 60})]
    body = {"items": [{"id": invoice.split("/")[2], **values} for invoice, values in items]}
    records = [item["data"] for item in api.post("/invoices/batch/update", body).json["data"]]
    assert [record["fully_paid_at"] for record in records] == [FIRST, None, None]
    assert [types(api, invoice)[-1] for invoice, _ in items] == ["invoice.paid", "invoice.updated", "invoice.updated"]


def test_totals_that_are_worked_out_settle_too(api: ApiClient) -> None:
    product = api.create("products", unit_price=50, currency="USD", tax_rate=0)
    lines = [line(product, quantity=2)]
    for each in lines:
        del each["unit_price"], each["amount"]
    invoice = invoice_of(api, total=None, currency="USD", compute_totals=True, line_items=lines)
    pay(api, invoice, 50, paid_at=FIRST)
    assert settled(api, invoice) == (50, 50, None)
    assert api.put(invoice, {"discount": 50}).status_code == 200
    assert settled(api, invoice) == (50, 0, FIRST)
    assert types(api, invoice)[-1] == "invoice.paid"
    assert api.put(invoice, {"compute_totals": False}).json["data"]["fully_paid_at"] == FIRST


# Version and changes


def test_a_change_tells_what_differs(api: ApiClient) -> None:
    invoice = invoice_of(api)
    payment = pay(api, invoice, 100, paid_at=FIRST)
    take_back(api, invoice, payment)
    _, paid, back = changes_of(lambda path: api.get(path).json, invoice)
    assert paid["changed"] == {
        "amount_due": {"from": 100, "to": 0},
        "amount_paid": {"from": 0, "to": 100},
        "fully_paid_at": {"from": None, "to": FIRST},
        "payments": {"from": [], "to": [payment]},
    }
    assert back["changed"] == {name: {"from": each["to"], "to": each["from"]} for name, each in paid["changed"].items()}
    assert [paid["version"], back["version"], shown(api, invoice)["version"]] == [2, 3, 3]


def test_what_a_body_says_of_payments_is_ignored(api: ApiClient) -> None:
    sent = {"payments": [{"amount": 5}], "amount_paid": 5, "fully_paid_at": FIRST}
    invoice = invoice_of(api, **sent)
    assert api.put(invoice, sent).json["data"]["version"] == 1
    assert settled(api, invoice) == (0, 100, None)


def test_the_word_is_described(api: ApiClient) -> None:
    kind = api.get("/openapi.json").json["components"]["schemas"]["Change"]["properties"]["type"]
    assert ", paid" in kind["description"]


def test_payments_stay_with_a_deleted_invoice_and_come_back_with_it(api: ApiClient) -> None:
    invoice = invoice_of(api)
    payment = pay(api, invoice, 40)
    api.delete(invoice)
    for answer in (
        api.get(f"{invoice}/payments"),
        api.post(f"{invoice}/payments", {"amount": 1}),
        api.delete(f"{invoice}/payments/{payment['id']}"),
    ):
        assert answer.status_code == 404
    assert api.post(f"{invoice}/restore").status_code == 200
    assert shown(api, invoice)["payments"] == [payment]
    assert CommandLine(api.app).done("recount") == "0 counters mended.\n"


def test_an_invoice_of_an_order_starts_without_payments(api: ApiClient) -> None:
    order = api.create("orders", total=100)
    made = api.post(f"/orders/{order['id']}/invoice", {"payments": [{"amount": 5}], "amount_paid": 5}).json["data"]
    assert settled(api, f"/invoices/{made['id']}") == (0, 100, None)


# Who may, and whose


@pytest.mark.parametrize("role", ["Owner", "Admin", "Manager", "Employee", "Viewer"])
def test_who_may_edit_invoices_may_say_what_is_paid(api: ApiClient, app: Flask, role: str) -> None:
    invoice, user = invoice_of(api), ApiClient(app, create_user(app, role))
    payment = pay(api, invoice, 5)
    answers = [user.post(f"{invoice}/payments", {"amount": 5}), user.delete(f"{invoice}/payments/{payment['id']}")]
    assert user.get(f"{invoice}/payments").status_code == 200
    if role == "Viewer":
        assert [(answer.status_code, answer.json) for answer in answers] == [DENIED, DENIED]
        assert user.post(f"/invoices/{UNKNOWN}/payments").status_code == 403
    else:
        assert [answer.status_code for answer in answers] == [201, 204]


def test_payments_of_another_team_are_a_404(teams: Teams) -> None:
    invoice = invoice_of(teams.theirs)
    payment = pay(teams.theirs, invoice, 5)
    for client in (teams.ours, teams.both):
        assert client.get(f"{invoice}/payments").status_code == 404
        assert client.post(f"{invoice}/payments", {"amount": 5}).status_code == 404
        assert client.delete(f"{invoice}/payments/{payment['id']}").status_code == 404
    assert teams.in_b.get(f"{invoice}/payments").json["data"] == [payment]
    assert settled(teams.theirs, invoice) == (5, 95, None)


# Its price


def test_a_total_that_changes_costs_one_query_more_where_something_is_paid_and_none_elsewhere(
    api: ApiClient, app: Flask
) -> None:
    counts = []
    for invoice, amount in ((invoice_of(api), 0), (invoice_of(api), 5)):
        if amount:
            pay(api, invoice, amount)
        for total in (90, 80):  # the first has the statements made
            with statements(app) as sent:
                assert api.put(invoice, {"total": total}).status_code == 200
        counts.append(len(sent))
    assert counts[1] == counts[0] + 1
