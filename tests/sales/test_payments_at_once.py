"""Payments at the same moment: no more is taken than is due, and every reader sees a sum that is right."""

from collections import Counter
from collections.abc import Callable
from threading import Barrier
from typing import Any

from werkzeug.test import TestResponse

from tests.support.client import ApiClient
from tests.support.server import in_parallel

Json = dict[str, Any]
WRITERS = 20
READERS = 3
READINGS = 12


def invoice_of(api: ApiClient, total: int) -> str:
    return f"/invoices/{api.create('invoices', total=total)['id']}"


def paid_and_sum(record: Json) -> tuple[Any, Any]:
    return record["amount_paid"], sum(payment["amount"] for payment in record["payments"])


def check_reading(api: ApiClient, invoice: str) -> None:
    """Read the invoice time and again, in a list and by itself."""
    for _ in range(READINGS):
        for record in (
            api.get(f"{invoice}?include=payments").json["data"],
            api.get("/invoices?include=payments").json["data"][0],
        ):
            paid, total_paid = paid_and_sum(record)
            assert paid == total_paid
            assert record["amount_due"] == record["total"] - paid
            assert bool(record["fully_paid_at"]) == (paid > 0 and record["amount_due"] <= 0)


def write_at_once(api: ApiClient, invoice: str, write: Callable[[int], TestResponse]) -> list[int]:
    """Have all writers write at the same moment while others read; return the statuses."""
    start = Barrier(WRITERS + READERS)

    def work(place: int) -> int:
        start.wait()
        if place < WRITERS:
            return write(place).status_code
        check_reading(api, invoice)
        return 0

    return in_parallel(WRITERS + READERS, WRITERS + READERS, work)[:WRITERS]


def test_of_twenty_payments_of_more_than_half_one_is_made(api: ApiClient) -> None:
    invoice = invoice_of(api, 100)
    statuses = write_at_once(api, invoice, lambda _: api.post(f"{invoice}/payments", {"amount": 60}))
    assert Counter(statuses) == {201: 1, 422: WRITERS - 1}
    shown = api.get(f"{invoice}?include=payments").json["data"]
    assert (paid_and_sum(shown), shown["amount_due"], shown["version"]) == ((60, 60), 40, 2)


def test_payments_totals_and_takings_back_leave_what_is_right(api: ApiClient) -> None:
    invoice = invoice_of(api, 100)
    made = [api.post(f"{invoice}/payments", {"amount": 5}).json["data"]["id"] for _ in range(WRITERS // 4)]

    def write(place: int) -> TestResponse:
        if place % 4 == 0:
            return api.delete(f"{invoice}/payments/{made[place // 4]}")
        if place % 4 == 1:
            return api.put(invoice, {"total": 100 - place})
        return api.post(f"{invoice}/payments", {"amount": 5})

    assert {*write_at_once(api, invoice, write)} <= {200, 201, 204}
    shown = api.get(f"{invoice}?include=payments").json["data"]
    assert paid_and_sum(shown) == (50, 50)
    assert shown["version"] == 1 + len(made) + WRITERS
