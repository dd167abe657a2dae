"""People and organizations are found by their e-mail addresses and phone numbers (beyond, section 15)."""

from typing import Any
from urllib.parse import urlencode

import pytest
from flask import Flask

from tests.support.client import ApiClient, Teams
from tests.support.factories import DETAILS, create_team, create_user, stored

each_resource = pytest.mark.parametrize("resource", ["people", "organizations"])


def reached(api: ApiClient, resource: str, emails: list[str] = (), phones: list[str] = (), **fields: Any) -> str:  # type: ignore[assignment]
    """Make a record with these contact details and return its id."""
    details = {
        "emails": [{"address": address} for address in emails],
        "phones": [{"number": number} for number in phones],
    }
    return api.create(resource, **details, **fields)["id"]


def found(api: ApiClient, path: str, **query: str) -> list[str]:
    """Return the ids that a list holds, the newest first, whose total is theirs."""
    named = {name.replace("__in", "][in"): value for name, value in query.items()}
    asked = {name if name in ("search", "sort") else f"filter[{name}]": value for name, value in named.items()}
    answer = api.get(f"/{path}?{urlencode(asked)}")
    assert answer.status_code == 200, answer.text
    assert answer.json["meta"]["total"] == len(answer.json["data"])
    return [record["id"] for record in answer.json["data"]]


def searched(api: ApiClient, q: str, **query: str) -> list[str]:
    data = api.get(f"/search?{urlencode({'q': q, **query})}").json["data"]
    return [match["record"]["id"] for match in data]


@each_resource
def test_an_email_finds_whoever_has_it_among_others_without_case(api: ApiClient, resource: str) -> None:
    one = reached(api, resource, ["first@example.com", "Grace.Hopper@Example.com"])
    two = reached(api, resource, ["GRACE.hopper@example.com", "other@example.com"])
    reached(api, resource, ["grace.hopper@example.co"])
    assert found(api, resource, email="grace.hopper@EXAMPLE.com") == [two, one]
    assert found(api, resource, email=" first@example.com ") == [one]
    assert found(api, resource, email__in="first@example.com, Other@example.com,none@example.com") == [two, one]
    assert found(api, resource, email=f"{'x' * 64}@{'y.' * 120}example.com") == []
    assert found(api, resource, email="grace.hopper@example.com", phone="1") == []


@each_resource
def test_a_phone_number_finds_by_digits_alone(api: ApiClient, resource: str) -> None:
    one = reached(api, resource, [], ["+49 (30) 123-45", "Reception"])
    two = reached(api, resource, [], ["49/3012345"])
    reached(api, resource, [], ["+49 30 123456", "Ext."])
    assert found(api, resource, phone="+49 30 12345") == found(api, resource, phone="٤٩30 12345") == [two, one]
    assert found(api, resource, phone__in="1, 49 3012345") == [two, one]
    assert found(api, resource, phone="reception") == found(api, resource, phone="+") == []
    assert found(api, resource, phone="493012345" * 20) == []


@each_resource
def test_what_is_no_email_is_told_and_other_operators_there_are_not(api: ApiClient, resource: str) -> None:
    queries = {
        "filter[email]=jane": "filter.email: The filter.email field must be a valid email address.",
        "filter[email][in]=a@b.example,x": "filter.email.in: The filter.email.in field must be a valid email address.",
        "filter[email]=%00@b.example": "filter.email: The filter.email field must be a string.",
        "filter[phone]=%00": "filter.phone: The filter.phone field must be a string.",
        "filter[phone]=": "filter.phone: The filter.phone field is required.",
    }
    for operator in ("email.null", "phone.ne", "email.contains"):
        name = operator.replace(".", "][")
        fault = f"filter.{operator}: The selected filter.{operator} is invalid. Operators are: eq, in."
        queries[f"filter[{name}]=true"] = fault
    for query, fault in queries.items():
        ((key, sentences),) = api.errors(api.get(f"/{resource}?{query}")).items()
        assert [f"{key}: {sentence}" for sentence in sentences] == [fault]


@each_resource
def test_the_names_of_filters_are_email_and_phone(api: ApiClient, resource: str) -> None:
    for unknown in ("emails", "phones", "addresses", "email.address"):
        ((_, (sentence,)),) = api.errors(api.get(f"/{resource}?filter[{unknown}]=x")).items()
        names = sentence.partition("Filters are: ")[2].rstrip(".").split(", ")
        assert {"email", "phone"} <= {*names}
        assert names == sorted(names)
        assert not {"emails", "phones", "addresses"} & {*names}
    ((_, (sentence,)),) = api.errors(api.get("/leads?filter[email]=a@b.example")).items()
    assert "email" not in sentence.partition("Filters are: ")[2]


@each_resource
def test_they_are_no_sorts(api: ApiClient, resource: str) -> None:
    ids = [reached(api, resource, [f"{letter}@example.com"]) for letter in "bac"]
    assert found(api, resource, sort="emails,email,phones") == ids[::-1]


@each_resource
def test_a_search_finds_parts_of_addresses_and_numbers(api: ApiClient, resource: str) -> None:
    one = reached(api, resource, ["Grace.Hopper@Exämple.com"], ["+49 (30) 123-45"], description="Compiler")
    reached(api, resource, ["someone@other.org"], ["555"])
    for words in ("hopper@", "GRACE example.com", "exämple", "compiler hopper", "(30)", "123-45", "493012345", "3012"):
        assert found(api, resource, search=words) == [one], words
    assert found(api, resource, search="hopper 555") == found(api, resource, search="+4930") == []


@each_resource
def test_the_text_of_a_search_follows_what_changes(api: ApiClient, app: Flask, resource: str) -> None:
    record = api.create(resource, description="Compiler", **DETAILS)
    path = f"/{resource}/{record['id']}"

    def lines() -> list[str]:
        return stored(app, resource, record["id"])["search_text"].split("\n")

    emails, phones = ["ada.lovelace@example.com", "ada@example.org"], ["+44 (20) 7946-0018", "442079460018"]
    assert lines()[-4:] == [*emails, *phones]
    api.put(path, {"emails": [{"address": "New@example.com"}]})
    assert lines()[-4:] == ["compiler", "new@example.com", *phones]
    api.put(path, {"description": "Analyst"})
    assert lines()[-4:] == ["analyst", "new@example.com", *phones]
    api.put(path, {"phones": [], "addresses": []})
    assert lines()[-2:] == ["analyst", "new@example.com"]
    api.delete(path)
    api.post(f"{path}/restore")
    assert lines()[-2:] == ["analyst", "new@example.com"]
    api.put(path, {"emails": None, "phones": [{"number": "12"}]})
    assert lines()[-3:] == ["analyst", "new@example.com", "12"]


@each_resource
def test_deleted_records_are_found_where_they_are_asked_for(api: ApiClient, resource: str) -> None:
    record = reached(api, resource, ["a@b.example"], ["12"])
    api.delete(f"/{resource}/{record}")
    for query in ({"email": "A@b.example"}, {"phone": "1-2"}, {"search": "a@b"}):
        assert found(api, resource, **query) == []
        assert found(api, resource, deleted="only", **query) == [record]
    api.post(f"/{resource}/{record}/restore")
    assert found(api, resource, email="a@b.example") == [record]


@each_resource
def test_a_walk_and_sorts_go_with_them(api: ApiClient, resource: str) -> None:
    field = "last_name" if resource == "people" else "vat_number"
    ids = [reached(api, resource, ["a@b.example"], **{field: name}) for name in "BAC"]
    for sort, expected in ((field, [1, 0, 2]), (f"-{field}", [2, 0, 1])):
        assert found(api, resource, email="a@b.example", sort=sort) == [ids[place] for place in expected]
    walked, cursor = [], ""
    while cursor is not None:
        page = api.get(f"/{resource}?filter[email]=a@b.example&per_page=1&cursor={cursor}").json
        walked += [record["id"] for record in page["data"]]
        cursor = page["meta"]["next_cursor"]
    assert walked == ids[::-1]


def test_an_email_that_matches_exactly_comes_first_of_all(api: ApiClient) -> None:
    old = reached(api, "people", ["x@y.example", "jane@example.com"])
    firm = reached(api, "organizations", ["Jane@Example.com"])
    part = [reached(api, "people", [f"{local}jane@example.com"]) for local in "ab"]
    lead = api.create("leads", title="jane@example.com")["id"]
    found = searched(api, " JANE@example.com ")
    assert sorted(found[:2]) == sorted([firm, old])
    assert found[2:] == [lead, *reversed(part)] or {*found[2:]} == {lead, *part}
    assert searched(api, "jane@example.com", resources="people") == [old, *reversed(part)]
    assert searched(api, "jane@example.com", resources="people", limit="2") == [old, part[1]]
    assert searched(api, "jane@example.com", resources="people", limit="1") == [old]
    assert searched(api, "jane@example.com", resources="leads") == [lead]


def test_an_email_may_be_an_own_key_as_well(api: ApiClient) -> None:
    record = reached(api, "people", ["jane@example.com"], external_keys={"erp": "jane@example.com"})
    newer = [reached(api, "people", ["jane@example.com"]) for _ in range(3)]
    assert searched(api, "jane@example.com", resources="people") == [record, *reversed(newer)]
    assert searched(api, "jane@example.com", resources="people", limit="2") == [record, newer[-1]]


@each_resource
def test_no_team_finds_anothers(teams: Teams, resource: str) -> None:
    ours, theirs = (reached(client, resource, ["a@b.example"], ["555 1234"]) for client in (teams.ours, teams.theirs))
    for query in ({"email": "a@b.example"}, {"phone": "5551234"}, {"search": "a@b.ex"}, {"search": "5551234"}):
        assert found(teams.ours, resource, **query) == [ours]
        assert found(teams.theirs, resource, **query) == found(teams.in_b, resource, **query) == [theirs]
    assert searched(teams.ours, "a@b.example") == [ours]
    assert teams.ours.put(f"/{resource}/{theirs}", {"emails": []}).status_code == 404
    changed = teams.in_b.put(f"/{resource}/{theirs}", {"emails": [{"address": "new@b.example"}]})
    assert changed.status_code == 200
    assert found(teams.in_b, resource, email="new@b.example") == [theirs]
    assert found(teams.both, resource, email="new@b.example") == []


@each_resource
def test_a_team_that_adopts_records_finds_them(api: ApiClient, app: Flask, team_app: Flask, resource: str) -> None:
    record = reached(api, resource, ["a@b.example"], ["555 1234"])
    owner = create_user(app)
    create_team(app, owner, adopt=True)
    in_team = ApiClient(team_app, owner)
    for query in ({"email": "a@b.example"}, {"phone": "5551234"}, {"search": "5551234"}):
        assert found(in_team, resource, **query) == [record]
