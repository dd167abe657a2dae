"""Deals of before are open, won or lost, and nothing of before was made by an action."""

import pytest
from flask import Flask
from flask_migrate import downgrade
from sqlalchemy import text

from crm.database.migrations import upgrade
from crm.extensions import db
from tests.support.client import ApiClient
from tests.support.factories import create_stage, create_user

BEFORE = "0008"
CLOSED = "2025-01-02T03:04:05+00:00"


@pytest.mark.parametrize(
    ("stage", "closed_at", "status"),
    [
        ("Won", CLOSED, "won"),
        ("WON", CLOSED, "won"),
        ("Lost", CLOSED, "lost"),
        ("Won by others", CLOSED, "lost"),
        (None, CLOSED, "lost"),
        ("Won", None, "open"),
        (None, None, "open"),
    ],
)
def test_deals_of_before_have_the_status_that_their_stage_tells(
    migrated_app: Flask, stage: str | None, closed_at: str | None, status: str
) -> None:
    api = ApiClient(migrated_app, create_user(migrated_app))
    stage_id = create_stage(migrated_app, "deals") if stage else None
    lead = api.create("leads")["id"]
    deal = api.create("deals", pipeline_stage_id=stage_id, lead_id=lead)["id"]
    with migrated_app.app_context():
        downgrade(revision=BEFORE)
        with db.engine.begin() as connection:
            connection.execute(text("UPDATE deals SET closed_at = :moment"), {"moment": closed_at})
            connection.execute(text("UPDATE leads SET converted_at = :moment"), {"moment": CLOSED})
            connection.execute(text("UPDATE pipeline_stages SET name = :name"), {"name": stage or ""})
        upgrade()
    shown = api.get(f"/deals/{deal}").json["data"]
    assert (shown["status"], shown["closed_at"], shown["closed_reason"]) == (status, closed_at, None)
    refused = api.post(f"/leads/{lead}/convert")
    assert (refused.status_code, refused.json) == (409, {"message": "The lead is already converted."})
    closing = 200 if status == "open" else 409
    assert api.post(f"/deals/{deal}/win").status_code == closing
    assert [each["id"] for each in api.get("/deals?search=won").json["data"]] == [deal] * (status != "lost")


def test_a_deal_is_searched_as_before_once_it_is_taken_back(migrated_app: Flask) -> None:
    api = ApiClient(migrated_app, create_user(migrated_app))
    bodies = [{}, {"closed_reason": "One\nand Zwölf"}, {"closed_reason": None}]
    deals = [api.create("deals", title="Won\nby us")["id"] for _ in range(4)]
    for deal, body in zip(deals, bodies, strict=False):
        assert api.post(f"/deals/{deal}/lose", body).status_code == 200
    with migrated_app.app_context():
        downgrade(revision=BEFORE)
        with db.engine.connect() as connection:
            texts = connection.execute(text("SELECT search_text FROM deals ORDER BY id")).scalars().all()
    assert texts == [f"d{1001 + place}\nwon\nby us" for place in range(4)]
