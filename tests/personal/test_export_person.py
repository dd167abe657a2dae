"""`flask crm export-person`: all that names a person, and nothing of anybody else's."""

import json
from decimal import Decimal
from typing import Any

from flask import Flask

from tests.support.client import ApiClient, CommandLine, Teams
from tests.support.personal import FIRST, MARKS, SECOND, everywhere

KINDS = {"leads", "deals", "quotes", "orders", "invoices"}
"""The resources whose records may refer to a person."""


def exported(app: Flask, person: dict[str, Any]) -> dict[str, Any]:
    said = CommandLine(app).done("export-person", person["id"].upper())
    shown: dict[str, Any] = json.loads(said, parse_float=Decimal)
    return shown


def test_all_that_names_the_person(api: ApiClient) -> None:
    person, other = everywhere(api)
    api.create("leads", person_id=other["id"])
    shown = exported(api.app, person)
    assert shown["person"] == api.get(f"/people/{person['id']}?include=external_keys").json["data"]
    assert shown["person"]["first_name"] == SECOND["first_name"]
    assert shown["records"].keys() == KINDS
    for kind, records in shown["records"].items():
        assert records == [each for each in api.get(f"/{kind}").json["data"] if each["person"]["id"] == person["id"]]
        assert len(records) == 1
    feed = api.get("/changes?limit=500").json["data"]
    assert shown["changes"] == [each for each in feed if person["id"] in str(each)]
    keys = {"person", "batch-1", "batch-3", "put", "put-quotes", "put-orders", "put-invoices", "convert"}
    assert {each["key"] for each in shown["kept_answers"]} == keys
    assert all(person["id"] in str(each["body"]) for each in shown["kept_answers"])
    assert {each["url"] for each in shown["deliveries"]} == {"https://example.com/hook"}
    assert [each["data"] for each in shown["deliveries"]] == shown["changes"]
    names = (FIRST["last_name"], SECOND["last_name"], "Zqada@keys", "Zqada2@keys")
    assert [name for name in names if name not in str(shown)] == []


def test_a_deleted_person_and_its_deleted_records(api: ApiClient) -> None:
    person, _ = everywhere(api)
    lead = api.get("/leads").json["data"][0]
    api.delete(f"/leads/{lead['id']}")
    api.delete(f"/people/{person['id']}")
    shown = exported(api.app, person)
    assert shown["person"]["deleted_at"]
    assert shown["records"]["leads"][0]["deleted_at"]
    assert shown["changes"][-1]["type"] == "person.deleted"


def test_a_purged_person(api: ApiClient) -> None:
    person = api.create("people")
    api.delete(f"/people/{person['id']}")
    CommandLine(api.app).done("purge", "--deleted-before", "2999-01-01")
    shown = exported(api.app, person)
    assert shown["person"] is None
    assert [each["type"] for each in shown["changes"]] == ["person.created", "person.deleted"]


def test_after_the_erasure_it_tells_nothing(api: ApiClient) -> None:
    person, _ = everywhere(api)
    CommandLine(api.app).done("erase-person", person["id"], "--yes")
    told = str(exported(api.app, person)).lower().replace(" ", "")
    assert [mark for mark in MARKS if mark in told] == []


def test_in_a_team(teams: Teams) -> None:
    everywhere(teams.theirs)
    ours, _ = everywhere(teams.ours)
    shown = exported(teams.app, ours)
    assert shown["person"] == teams.ours.get(f"/people/{ours['id']}?include=external_keys").json["data"]
    assert {len(records) for records in shown["records"].values()} == {1}
    feed = teams.ours.get("/changes?limit=500").json["data"]
    assert shown["changes"] == [each for each in feed if ours["id"] in str(each)]
