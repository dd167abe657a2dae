"""`flask crm erase-person`: nothing is left that tells who a person was, and all else is as it was."""

import threading
from typing import Any

import orjson
import pytest
from flask import Flask
from sqlalchemy import insert, select, update

from crm.extensions import db
from crm.models import Change, KeptAnswer, Lead, WebhookDelivery
from crm.models.types import new_external_id, now
from crm.personal import erasing
from crm.personal.overwriting import ERASED, OVERWRITTEN, overwrite
from crm.schemas.field_order import shown_fields
from crm.schemas.person import PersonSchema
from tests.support.client import UNKNOWN, ApiClient, CommandLine, Teams
from tests.support.personal import AMOUNT, everywhere, make_deliveries, telling
from tests.support.retries import contents, keyed
from tests.support.server import wait_until
from tests.support.stores import ON_POSTGRESQL

NOTHING = "Overwritten: 0 records, 0 changes, 0 kept answers, 0 webhook messages.\n"
STAYING = {
    *("id", "owner", "organization", "labels", "version"),
    *("created_at", "updated_at", "deleted_at"),
}
"""What a person's record shows that does not tell who it is."""


def erase(app: Flask, person: dict[str, Any]) -> str:
    return CommandLine(app).done("erase-person", person["id"], "--yes")


def check_is_erased(record: dict[str, Any]) -> None:
    assert {name: record[name] for name in OVERWRITTEN if name in record} == {
        name: value for name, value in OVERWRITTEN.items() if name in record
    }


def test_every_field_of_a_person_is_overwritten_or_known_to_stay() -> None:
    assert {name for name, _ in shown_fields(PersonSchema())} == {*OVERWRITTEN} | STAYING


def test_nothing_of_the_person_is_left_in_any_table(api: ApiClient) -> None:
    person, other = everywhere(api)
    assert {table for table, _ in telling(api.app)} == {
        *("people", "people_emails", "people_phones", "people_addresses", "external_keys"),
        *("changes", "kept_answers", "webhook_deliveries"),
    }
    said = erase(api.app, person)
    assert telling(api.app) == set()
    assert said.startswith("Overwritten: 1 record, ")
    assert " 0 " not in said
    shown = api.get(f"/people/{person['id']}?include=external_keys").json["data"]
    check_is_erased(shown)
    assert (shown["version"], shown["organization"]["name"]) == (3, "Analytical Engines")
    assert api.get(f"/people/{other['id']}").json["data"]["first_name"] == "Grace"


def test_teams_too(teams: Teams) -> None:
    theirs, _ = everywhere(teams.theirs)
    before = [*map(teams.theirs.get, (f"/people/{theirs['id']}", f"/people/{theirs['id']}/changes", "/changes"))]
    there = contents(teams.app)
    ours, _ = everywhere(teams.ours)
    erase(teams.app, ours)
    after = [*map(teams.theirs.get, (f"/people/{theirs['id']}", f"/people/{theirs['id']}/changes", "/changes"))]
    assert [each.json for each in after] == [each.json for each in before]
    now_there = contents(teams.app)
    for table in ("people", "people_emails", "people_phones", "changes", "kept_answers", "webhook_deliveries"):
        assert set(there[table]) <= set(now_there[table])
    erase(teams.app, theirs)
    assert telling(teams.app) == set()


def test_documents_stay_and_name_the_person_as_it_is_now(api: ApiClient) -> None:
    person, _ = everywhere(api)
    kinds = ("leads", "deals", "quotes", "orders", "invoices")
    before = {kind: api.get(f"/{kind}").json["data"] for kind in kinds}
    erase(api.app, person)
    for kind, records in before.items():
        name = {"id": person["id"], "name": ERASED, "first_name": ERASED, "last_name": None}
        assert api.get(f"/{kind}").json["data"] == [{**record, "person": name} for record in records]


def test_the_erasure_is_a_change_without_the_old_values(api: ApiClient) -> None:
    person, _ = everywhere(api)
    erase(api.app, person)
    newest = api.get(f"/people/{person['id']}/changes").json["data"][0]
    assert (newest["type"], newest["version"], newest["user"]) == ("person.updated", 3, None)
    assert set(newest["changed"]) == set(OVERWRITTEN)
    assert newest["changed"]["name"] == {"from": ERASED, "to": ERASED}


def test_the_journal_tells_else_what_it_told(api: ApiClient) -> None:
    person, other = everywhere(api)
    before = api.get("/changes?limit=500").json["data"]
    erase(api.app, person)
    after = api.get("/changes?limit=500").json["data"][: len(before)]
    for told, tells in zip(before, after, strict=True):
        assert {**tells, "changed": None} == {**told, "changed": None}
        assert (tells["changed"] or {}).keys() == (told["changed"] or {}).keys()
    lead = next(each for each in after if each["resource"] == "leads" and each["changed"])["changed"]["person"]
    assert lead["from"] == {"id": person["id"], "name": ERASED, "first_name": ERASED, "last_name": None}
    assert lead["to"] == {"id": other["id"], "name": "Grace", "first_name": "Grace", "last_name": None}


def test_a_kept_answer_is_replayed_without_the_person_and_with_its_tag(api: ApiClient) -> None:
    person, _ = everywhere(api)
    lead = api.get("/leads").json["data"][0]
    path, sent = f"/leads/{lead['id']}", {"title": "New"}
    first = api.put(path, sent, headers=keyed("lead"))
    erase(api.app, person)
    again = api.put(path, sent, headers=keyed("lead"))
    assert again.headers["Idempotent-Replayed"] == "true"
    assert again.json["data"] == {**first.json["data"], "person": again.json["data"]["person"]}
    check_is_erased(again.json["data"]["person"])
    assert str(AMOUNT).encode() in again.data
    assert again.headers["ETag"] == api.get(path).headers["ETag"] != first.headers["ETag"]


def test_it_is_repeatable(api: ApiClient) -> None:
    person, _ = everywhere(api)
    erase(api.app, person)
    there = contents(api.app)
    assert erase(api.app, person) == NOTHING
    assert contents(api.app) == there


def test_a_deleted_person_is_erased_too(api: ApiClient) -> None:
    person, _ = everywhere(api)
    api.delete(f"/people/{person['id']}")
    erase(api.app, person)
    assert telling(api.app) == set()
    assert api.get(f"/people/{person['id']}").status_code == 404
    check_is_erased(api.post(f"/people/{person['id']}/restore").json["data"])


def test_of_a_purged_person_the_past_is_erased(api: ApiClient) -> None:
    person = api.create("people", first_name="Zqada")
    api.put(f"/people/{person['id']}", {"last_name": "Zqking"})
    api.delete(f"/people/{person['id']}")
    CommandLine(api.app).done("purge", "--deleted-before", "2999-01-01")
    assert {table for table, _ in telling(api.app)} == {"changes"}
    assert erase(api.app, person) == "Overwritten: 0 records, 1 change, 0 kept answers, 0 webhook messages.\n"
    assert telling(api.app) == set()


def test_it_asks_first(api: ApiClient) -> None:
    person, _ = everywhere(api)
    there = contents(api.app)
    shell = CommandLine(api.app)
    refused = shell.run("erase-person", person["id"], input="n\n")
    assert refused.exit_code == 1
    assert f"Overwrite for good who person {person['id']} is?" in refused.stdout
    assert contents(api.app) == there
    assert shell.run("erase-person", person["id"], input="y\n").exit_code == 0
    assert telling(api.app) == set()


@pytest.mark.parametrize("command", [("erase-person", "--yes"), ("export-person",)])
def test_who_is_no_person_is_left_alone(api: ApiClient, command: tuple[str, ...]) -> None:
    lead = api.create("leads", title="Zqada")
    api.put(f"/leads/{lead['id']}", {"title": "Zqking"})
    shell = CommandLine(api.app)
    assert shell.refused(*command, UNKNOWN) == f"Error: There is no person {UNKNOWN}.\n"
    assert shell.refused(*command, lead["id"]) == f"Error: There is no person {lead['id']}.\n"
    assert shell.refused(*command, "Ada") == "Error: 'Ada' is no UUID.\n"


def test_all_or_nothing(api: ApiClient, monkeypatch: pytest.MonkeyPatch) -> None:
    person, _ = everywhere(api)
    there = contents(api.app)

    class Broken:
        noun = "broken"

        def overwrite(self, _person_id: str) -> int:
            raise RuntimeError

    monkeypatch.setattr(erasing, "PLACES", (*erasing.PLACES, Broken()))
    assert isinstance(CommandLine(api.app).run("erase-person", person["id"], "--yes").exception, RuntimeError)
    assert contents(api.app) == there


@ON_POSTGRESQL
def test_what_is_being_written_meanwhile_is_erased_as_soon_as_it_is_there(api: ApiClient) -> None:
    """A write that has read the person before notes it afterwards."""
    person, _ = everywhere(api)
    lead = api.get("/leads").json["data"][0]
    erased = threading.Thread(target=lambda: erase(api.app, person))
    with api.app.app_context(), db.engine.connect() as connection:
        begun = connection.begin()
        connection.execute(update(Lead).where(Lead.external_id == lead["id"]).values(title="New"))
        erased.start()
        wait_until(lambda: api.get(f"/people/{person['id']}").json["data"]["name"] == ERASED)
        changed = {"person": {"from": None, "to": {"id": person["id"], "name": "Zqada", "first_name": "Zqada"}}}
        columns = {"team_id": 0, "sequence": 9999, "id": new_external_id(), "type": "lead.updated", "version": 9}
        columns |= {"resource": "leads", "record_id": lead["id"], "occurred_at": now()}
        connection.execute(insert(Change.__table__).values({**columns, "changed": orjson.dumps(changed).decode()}))
        assert erased.is_alive()
        begun.commit()
    erased.join()
    assert telling(api.app) == set()


@ON_POSTGRESQL
def test_a_write_that_does_not_end_is_told(api: ApiClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(erasing, "WAITING_SECONDS", 0.2)
    person, _ = everywhere(api)
    lead = api.get("/leads").json["data"][0]
    with api.app.app_context(), db.engine.begin() as connection:
        connection.execute(update(Lead).where(Lead.external_id == lead["id"]).values(title="New"))
        said = CommandLine(api.app).refused("erase-person", person["id"], "--yes")
    assert said == "Error: Overwritten, but for what is still being written: run it again.\n"
    assert telling(api.app) == set()


def test_what_is_sent_later_tells_nothing_either(api: ApiClient) -> None:
    person, _ = everywhere(api)
    erase(api.app, person)
    make_deliveries(api.app)
    assert telling(api.app) == set()
    with api.app.app_context():
        types = db.session.scalars(select(WebhookDelivery.type)).all()
        assert db.session.scalar(select(KeptAnswer.key).limit(1))
    assert types.count("person.updated") == 2


@pytest.mark.parametrize("text", ['{"n":92233720368547758.07}', '[1e400,-0.0,12345678901234567890123,"ö",null,true]'])
def test_what_is_not_the_person_stays_as_it_was_written(text: str) -> None:
    assert overwrite(text, UNKNOWN).decode() == text
