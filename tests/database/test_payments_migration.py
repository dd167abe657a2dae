"""What was paid before there were payments becomes one."""

from typing import Any

import pytest
from flask import Flask
from flask_migrate import downgrade
from sqlalchemy import text

from crm.database.migrations import upgrade
from crm.extensions import db
from tests.support.client import ApiClient
from tests.support.factories import create_user

BEFORE = "0011"
CHANGED, PAID = "2025-01-02T03:04:05+00:00", "2024-12-24T18:00:00+00:00"


@pytest.mark.parametrize(
    ("total", "paid", "paid_at", "moment", "since"),
    [
        (10000, 0, None, None, None),
        (10000, 2500, None, CHANGED, None),
        (10000, 10000, PAID, PAID, PAID),
        (10000, 10000, None, CHANGED, CHANGED),
        (10000, 12000, PAID, PAID, PAID),
        (10000, 2500, PAID, PAID, None),
        (10000, 0, PAID, None, None),
        (None, 2500, None, CHANGED, None),
    ],
)
def test_what_was_paid_before_is_one_payment(
    migrated_app: Flask, total: int | None, paid: int, paid_at: str | None, moment: str | None, since: str | None
) -> None:
    api = ApiClient(migrated_app, create_user(migrated_app))
    invoice = f"/invoices/{api.create('invoices')['id']}"
    columns = {"total": total, "paid": paid, "at": paid_at, "changed": CHANGED}
    with migrated_app.app_context():
        downgrade(revision=BEFORE)
        with db.engine.begin() as connection:
            assignments = "total = :total, amount_paid = :paid, fully_paid_at = :at, updated_at = :changed"
            connection.execute(text(f"UPDATE invoices SET {assignments}"), columns)
        upgrade()
    shown: dict[str, Any] = api.get(f"{invoice}?include=payments").json["data"]
    payments = [(payment["amount"] * 100, payment["paid_at"], payment["user"]) for payment in shown["payments"]]
    assert payments == ([(paid, moment, None)] if paid else [])
    assert (shown["amount_paid"] * 100, shown["fully_paid_at"], shown["version"]) == (paid, since, 1)
    assert shown["updated_at"] == CHANGED


def test_many_are_made_and_what_is_paid_stays_when_they_go(migrated_app: Flask) -> None:
    api = ApiClient(migrated_app, create_user(migrated_app))
    first = api.create("invoices", total=100)
    api.post(f"/invoices/{first['id']}/payments", {"amount": 5})
    for start in range(0, 2400, 100):
        items = [{"total": 100 + start + place} for place in range(100)]
        assert api.post("/invoices/batch/create", {"items": items}).status_code == 200
    with migrated_app.app_context():
        downgrade(revision=BEFORE)
        with db.engine.begin() as connection:
            assert connection.scalar(text("SELECT sum(amount_paid) FROM invoices")) == 500
            connection.execute(text("UPDATE invoices SET amount_paid = 700 WHERE id % 2 = 0"))
            paid = connection.scalar(text("SELECT count(*) FROM invoices WHERE amount_paid <> 0"))
        upgrade()
        with db.engine.begin() as connection:
            made = "SELECT count(*), count(DISTINCT record_id), count(DISTINCT external_id) FROM payments"
            assert [*connection.execute(text(made)).one()] == [paid] * 3
