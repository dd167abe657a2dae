"""A person who is in every place that names one, and what tells who it is."""

from typing import Any

from flask import Flask

from crm.webhooks.outbox import Outbox
from tests.support.client import ApiClient
from tests.support.receiver import subscribe
from tests.support.retries import contents, keyed

Json = dict[str, Any]

FIRST: Json = {
    "title": "Zqdr",
    "first_name": "Zqada",
    "middle_name": "Zqking",
    "last_name": "Zqlövelace",
    "gender": "Zqfemale",
    "birthday": "1985-04-12T00:00:00+00:00",
    "description": "Zqlikes numbers",
    "emails": [{"address": "Zqada@example.com", "type": "Zqhome"}],
    "phones": [{"number": "+44 20 7946 0018", "type": "Zqmobile"}],
    "addresses": [{"line1": "Zqstreet 12", "city": "Zqberlin", "country": "DE"}],
    "external_keys": {"erp": "Zqada@keys", "crm": "Zqcrm"},
}
SECOND: Json = {
    **{name: f"{value}2" for name, value in FIRST.items() if isinstance(value, str)},
    "birthday": "1986-05-13T00:00:00+00:00",
    "emails": [{"address": "Zqada2@example.com"}],
    "phones": [{"number": "+44 20 7946 0019"}],
    "addresses": [{"line1": "Zqroad 7"}],
    "external_keys": {"erp": "Zqada2@keys"},
}
MARKS = (
    *("zqdr", "zqada", "zqking", "zqlöv", "zqlov", "zqfemale", "zqlikes", "zqhome", "zqmobile", "zqstreet"),
    *("zqberlin", "zqroad", "zqcrm", "2079460", "1985-04-12", "1986-05-13", "date(1985,4,12)", "date(1986,5,13)"),
)
"""What tells who the person is, in lower case."""
AMOUNT = 1234567.89
"""An amount whose every digit counts."""
DOCUMENTS = ("quotes", "orders", "invoices")


def everywhere(api: ApiClient) -> tuple[Json, Json]:
    """Make a person who is in every place that names one, and another; with an owner, an organization, and labels."""
    subscribe(api, "https://example.com/hook")
    company = api.create("organizations", name="Analytical Engines")
    other = api.create("people", first_name="Grace")
    answer = api.post("/people?include=external_keys", FIRST, headers=keyed("person"))
    assert answer.status_code == 201
    person: Json = answer.json["data"]
    named = {"person_id": person["id"], "organization_id": company["id"]}
    lead = api.create("leads", amount=AMOUNT, **named)
    for turn, to in enumerate((other, person, other, person)):
        body = {"items": [{"id": lead["id"], "person_id": to["id"]}]}
        assert api.post("/leads/batch/update", body, headers=keyed(f"batch-{turn}")).status_code == 200
    put = api.put(f"/people/{person['id']}", {**SECOND, "organization_id": company["id"]}, headers=keyed("put"))
    assert put.status_code == 200
    for document in DOCUMENTS:
        made = api.create(document, **named)
        api.put(f"/{document}/{made['id']}", {"person_id": other["id"]})
        api.put(f"/{document}/{made['id']}", {"person_id": person["id"]}, headers=keyed(f"put-{document}"))
    assert api.post(f"/leads/{lead['id']}/convert", headers=keyed("convert")).status_code == 201
    make_deliveries(api.app)
    return person, other


def make_deliveries(app: Flask) -> None:
    """Have the deliveries made of all that has happened; none is sent."""
    with app.app_context():
        while Outbox().look():
            pass


def telling(app: Flask) -> set[tuple[str, str]]:
    """Return in which tables which of the marks stand."""
    return {
        (table, mark) for table, rows in contents(app).items() for row in rows for mark in MARKS if mark in _plain(row)
    }


def _plain(row: str) -> str:
    """Return a row's repr in lower case, with the letters that bytes show as escapes, and digits apart from signs."""
    return row.lower().replace("\\xc3\\xb6", "ö").replace(" ", "")
