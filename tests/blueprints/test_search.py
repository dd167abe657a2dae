"""Search over all records at once (beyond, section 15)."""

from collections.abc import Sequence
from urllib.parse import urlencode

import pytest
from flask import Flask

from crm.blueprints.products import Products
from tests.support.client import ApiClient, Teams
from tests.support.factories import KINDS, NAMES, create_user, full, schema_of

MARKED = {
    resource: next(name for name in ("description", "reference", "title") if name in schema_of(resource).load_fields)
    for resource in NAMES
}
"""A field of each resource that takes text."""
NUMBERS = {name: kind.model.number[0] for name, kind in KINDS.items() if kind.model.number}

each_resource = pytest.mark.parametrize("resource", NAMES)


def search(api: ApiClient, q: str, **query: str) -> list[tuple[str, str]]:
    """Return resource and id of what is found."""
    answer = api.get(f"/search?{urlencode({'q': q, **query})}")
    assert answer.status_code == 200, answer.text
    assert answer.json.keys() == {"data"}
    assert all(found.keys() == {"resource", "record"} for found in answer.json["data"])
    return [(found["resource"], found["record"]["id"]) for found in answer.json["data"]]


def fill(api: ApiClient, resource: str, texts: Sequence[str]) -> list[tuple[str, str]]:
    """Create records that hold texts, and return how they are found, the newest first."""
    return [(resource, api.create(resource, **{MARKED[resource]: text})["id"]) for text in texts][::-1]


def names_of(found: list[tuple[str, str]]) -> list[str]:
    """Return the names of the resources that are found, in their order."""
    return [*dict.fromkeys(name for name, _ in found)]


# What is found, and in which order


def test_what_holds_all_words_is_found_by_resource_the_newest_first(api: ApiClient) -> None:
    rows = {resource: fill(api, resource, ["one Straße two", "one two three", "one"]) for resource in NAMES}
    found = search(api, "one TWO")
    assert [each for each in found if each not in search(api, "strasse one")] == [rows[name][1] for name in NAMES]
    assert found == [each for name in NAMES for each in rows[name][1:]]
    assert names_of(found) == NAMES
    assert search(api, "one four") == []


@each_resource
def test_a_record_is_shown_as_its_list_shows_it(api: ApiClient, resource: str) -> None:
    body = full(api, resource) | {MARKED[resource]: "findable"}
    record = api.create(resource, **body, external_keys={"erp": "1"})
    (found,) = api.get("/search?q=findable").json["data"]
    assert found == {"resource": resource, "record": record}
    (found,) = api.get("/search?q=findable&include=external_keys").json["data"]
    assert found["record"] == {**record, "external_keys": {"erp": "1"}}


@pytest.mark.parametrize(("query", "most"), [({}, 5), ({"limit": "1"}, 1), ({"limit": "7"}, 7), ({"limit": "20"}, 20)])
def test_a_limit_is_of_each_resource(api: ApiClient, query: dict[str, str], most: int) -> None:
    rows = {resource: fill(api, resource, ["findable"] * 21) for resource in ("leads", "people")}
    assert search(api, "findable", **query) == [*rows["leads"][:most], *rows["people"][:most]]


@pytest.mark.parametrize("resource", NUMBERS)
def test_a_number_is_first_of_all(api: ApiClient, resource: str) -> None:
    record = api.create(resource)
    number = record[NUMBERS[resource]]
    for text in (number, number.lower(), f" {number}\t"):
        others = {name: fill(api, name, [f"see {text}"]) for name in NAMES}
        exact, *rest = search(api, text)
        assert exact == (resource, record["id"])
        assert {each for name in NAMES for each in others[name]} <= {*rest}
        assert exact not in rest
        for name, (other,) in others.items():
            api.delete(f"/{name}/{other[1]}")
    assert (resource, record["id"]) not in search(api, f"{number}0")


@pytest.mark.parametrize("key", ["42", "Key 7", "a/b", "Ä%_\\", "L1001", "x" * 200])
def test_an_own_key_of_any_source_is_first_of_all(api: ApiClient, key: str) -> None:
    holding = {name: fill(api, name, [f"holds {key}"[:255]]) for name in ("leads", "people")}
    person = api.create("people", external_keys={"erp": key})
    invoice = api.create("invoices", external_keys={"crm": key, "erp": key})
    quote = api.create("quotes", external_keys={"erp": f"{key}x"[-255:], "shop": key})
    expected = [("people", person["id"]), ("quotes", quote["id"]), ("invoices", invoice["id"])]
    found = search(api, f" {key} ")
    exact = [each for each in found if each in expected]
    assert exact == expected
    assert len({*found}) == len(found)
    rest = [each for each in found if each not in expected]
    assert found.index(expected[-1]) == (3 if key == "L1001" else 2)
    assert {*holding["leads"], *holding["people"]} <= {*rest}


def test_an_own_key_is_taken_exactly_and_whole(api: ApiClient) -> None:
    api.create("people", first_name="Jane", external_keys={"erp": "Key 7"})
    for text in ("key 7", "Key", "Key  7", "Key 77", "7"):
        assert search(api, text) == []
    assert len(search(api, "Key 7")) == 1


def test_what_is_found_in_several_ways_is_shown_once(api: ApiClient) -> None:
    keys = {"erp": "L1001", "crm": "L1001"}
    lead = api.create("leads", title="L1001", description="L1001", external_keys=keys)
    assert search(api, "L1001") == [("leads", lead["id"])]
    others = fill(api, "leads", ["L1001"] * 3)
    assert search(api, "L1001", limit="2") == [("leads", lead["id"]), others[0]]
    assert search(api, "L1001", limit="4") == [("leads", lead["id"]), *others]


def test_a_limit_holds_for_those_that_match_exactly_too(api: ApiClient) -> None:
    keyed = [api.create("leads", external_keys={f"source{n}": "same"})["id"] for n in range(3)]
    held = fill(api, "leads", ["same"])
    for limit in range(1, 6):
        found = search(api, "same", limit=str(limit))
        assert len(found) == min(limit, 4)
        assert {record for _, record in found[:3]} <= {*keyed}
        assert (held[0] in found) == (limit > 3)


def test_what_is_deleted_is_not_found(api: ApiClient) -> None:
    lead = api.create("leads", title="findable", external_keys={"erp": "42"})
    texts = ("findable", lead["lead_id"], "42")
    assert [search(api, text) for text in texts] == [[("leads", lead["id"])]] * 3
    api.delete(f"/leads/{lead['id']}")
    assert [search(api, text) for text in texts] == [[]] * 3
    api.post(f"/leads/{lead['id']}/restore")
    assert [search(api, text) for text in texts] == [[("leads", lead["id"])]] * 2 + [[]]


# Which resources


def test_resources_can_be_picked(api: ApiClient) -> None:
    for resource in NAMES:
        fill(api, resource, ["findable"])
    assert names_of(search(api, "findable", resources="people")) == ["people"]
    assert {*names_of(search(api, "findable", resources="deals,people,deals"))} == {"deals", "people"}
    lead = api.create("leads")
    assert search(api, lead["lead_id"], resources="people,deals") == []


def test_what_a_caller_may_not_view_is_left_out_and_refused_by_name(
    api: ApiClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    api.create("products", description="findable", external_keys={"erp": "42"})
    monkeypatch.setattr(Products, "staff_verbs", ())
    employee = ApiClient(api.app, create_user(api.app, "Employee"))
    for text in ("findable", "42"):
        assert search(employee, text) == []
        assert employee.get(f"/search?q={text}&resources=leads,products").status_code == 403
        assert len(search(api, text)) == 1
    assert employee.get("/search?resources=products").status_code == 403


@pytest.mark.parametrize("role", ["Viewer", "Employee", "Manager", "Admin", "Owner"])
def test_every_role_searches_what_it_views(app: Flask, api: ApiClient, role: str) -> None:
    expected = [each for resource in NAMES for each in fill(api, resource, ["findable"])]
    assert search(ApiClient(app, create_user(app, role)), "findable") == expected


# What is refused


@pytest.mark.parametrize(
    ("query", "name", "sentence"),
    [
        ("", "q", "The q field is required."),
        ("q=", "q", "The q field is required."),
        ("q=+%09%C2%A0%E2%80%8B", "q", "The q field is required."),
        ("q=a&q=", "q", "The q field is required."),
        (f"q={'x' * 201}", "q", "The q field must not be greater than 200 characters."),
        ("q=a%00b", "q", "The q field must be a string."),
        ("q=a&limit=0", "limit", "The limit field must be at least 1."),
        ("q=a&limit=-1", "limit", "The limit field must be at least 1."),
        ("q=a&limit=21", "limit", "The limit field must not be greater than 20."),
        (f"q=a&limit={'9' * 200}", "limit", "The limit field must not be greater than 20."),
        ("q=a&limit=", "limit", "The limit field must be an integer."),
        ("q=a&limit=1.0", "limit", "The limit field must be an integer."),
        ("q=a&limit=x", "limit", "The limit field must be an integer."),
        ("q=a&resources=", "resources", "The selected resources is invalid."),
        ("q=a&resources=leads,", "resources", "The selected resources is invalid."),
        ("q=a&resources=Leads", "resources", "The selected resources is invalid."),
        ("q=a&resources=labels", "resources", "The selected resources is invalid."),
        ("q=a&include=nonsense", "include", "The selected include is invalid. It takes: external_keys, payments."),
    ],
)
def test_a_parameter_that_cannot_be_read_is_named(api: ApiClient, query: str, name: str, sentence: str) -> None:
    assert api.errors(api.get(f"/search?{query}")) == {name: [sentence]}


def test_of_a_repeated_parameter_the_last_counts(api: ApiClient) -> None:
    rows = fill(api, "leads", ["findable"] * 3)
    fill(api, "people", ["findable"])
    answer = api.get("/search?q=x&q=findable&limit=3&limit=2&resources=people&resources=leads&page=9&per_page=1")
    assert [("leads", found["record"]["id"]) for found in answer.json["data"]] == rows[:2]


@pytest.mark.parametrize("text", ["%", "_", "\\", "'", '"', "a%b", "%s", "%(q)s", ":q", "?", "\ud7ff", "😀", "x" * 200])
def test_any_text_is_taken_literally(api: ApiClient, text: str) -> None:
    fill(api, "leads", ["something else"])
    rows = fill(api, "leads", [f"holds {text}"])
    assert search(api, text) == rows


# Borders between teams


def test_nothing_of_another_team_is_found(teams: Teams) -> None:
    keys = {"erp": "42"}
    ours, theirs = (
        client.create("leads", title="findable", external_keys=keys) for client in (teams.ours, teams.theirs)
    )
    for text in ("findable", "L1001", "42"):
        for client in (teams.ours, teams.both):
            assert search(client, text) == [("leads", ours["id"])]
        for client in (teams.theirs, teams.in_b):
            assert search(client, text) == [("leads", theirs["id"])]
    only = teams.theirs.create("people", first_name="secret", external_keys={"erp": "theirs"})
    for text in ("secret", "theirs", only["id"]):
        absent = teams.ours.get("/search?q=absent")
        assert teams.ours.get(f"/search?q={text}").data == absent.data


def test_nobody_searches_without_a_token_or_in_a_team_of_others(teams: Teams, stranger: ApiClient) -> None:
    assert stranger.get("/search?q=a").status_code == 401
    assert stranger.get("/search").status_code == 401
    assert teams.ours.get("/search?q=a", headers={"X-Team-ID": str(teams.b)}).status_code == 403
    assert teams.ours.post("/search?q=a").status_code == 405
