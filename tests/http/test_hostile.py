"""Hostile requests to every route: each is answered in JSON, and never with an error of the server's own."""

import json
from urllib.parse import unquote

import pytest

from crm.records.batch_verbs import BATCH_VERBS
from tests.support.actions import can_be_refused
from tests.support.client import SOURCE, UNKNOWN, UNKNOWN_PARTS, ApiClient, is_public, routes
from tests.support.factories import NAMES, create_team, create_user, sample, schema_of
from tests.support.hostile import (
    BODIES,
    HEADERS,
    IDS,
    OWN_KEYS,
    QUERIES,
    QUESTIONS,
    SOURCES,
    TOKENS,
    VALUES,
    body_of,
)
from tests.support.places import keys_of, places_of

JSON = {"content_type": "application/json"}
_NEEDED = {"/search": "q=x"}
"""What a route needs to be asked."""

each_resource = pytest.mark.parametrize("resource", NAMES)


def brief(value):
    return ascii(value)[:25]


def check(answer, *statuses):
    """Check that an answer has one of these statuses, and is JSON."""
    assert answer.status_code in statuses, answer.text
    if answer.status_code not in (204, 304):
        assert answer.mimetype == "application/json"
        assert answer.json is not None
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def refusals(path):
    """Return the statuses of a path beside the usual.

    409 of what is not in the state for it, 202 of what is done later, 404 of teams where there are none.
    """
    if path.startswith("/webhooks/"):
        return (202,)
    if path == "/auth/team":
        return (404,)
    return (409,) if can_be_refused(path) else ()


def asked(path, query=""):
    """Return a path with a query, and with what the route needs to be asked."""
    return f"{path}?{'&'.join(filter(None, (_NEEDED.get(path), query)))}"


@pytest.fixture
def places(api):
    """Every route with its verbs, where those with an id name a record that exists."""
    return places_of(api)


@pytest.mark.parametrize("body", BODIES, ids=brief)
def test_no_body_breaks_any_route(api, places, body):
    for path, verbs in places.items():
        for verb in verbs & {"POST", "PUT", "PATCH"}:
            check(api.request(verb, path, data=body, **JSON), 200, 201, 400, 422, *refusals(path))


@each_resource
def test_no_value_breaks_any_field(api, resource):
    """Each value is sent in all fields at once, and then in all that took it: those are written."""
    path = f"/{resource}/{api.create(resource)['id']}"
    for value in VALUES:
        names = {*schema_of(resource).load_fields} - {"compute_totals"}  # it has others judged together
        answer = api.request("PATCH", path, data=body_of(names, value), **JSON)
        check(answer, 200, 400, 422)
        if answer.status_code == 422:
            refused = {key.split(".")[0] for key in answer.json["errors"]}
            assert refused <= names
            check(api.request("PATCH", path, data=body_of(names - refused, value), **JSON), 200)
        check(api.get(path), 200)


@each_resource
def test_no_value_in_every_field_at_once_breaks_create(api, resource):
    for value in VALUES:
        body = body_of(schema_of(resource).load_fields, value)
        check(api.request("POST", f"/{resource}", data=body, **JSON), 201, 400, 422)
    check(api.get(f"/{resource}?per_page=100"), 200)


@each_resource
@pytest.mark.parametrize("value", ["9" * 30, "9" * 5000, "1e400", "1e999999999", "-1e999999999"], ids=brief)
def test_a_number_past_every_bound_is_a_422_on_its_field(api, resource, value):
    for name in schema_of(resource).load_fields:
        answer = api.request("POST", f"/{resource}", data=body_of([name], value), **JSON)
        assert set(api.errors(answer)) == {name, *sample(resource)}


@each_resource
def test_no_id_breaks_any_verb(api, resource):
    for key in IDS:
        for verb in ("GET", "PUT", "PATCH", "DELETE"):
            check(api.request(verb, f"/{resource}/{key}", json={}), 404)


@pytest.mark.parametrize("part", UNKNOWN_PARTS.values(), ids=UNKNOWN_PARTS)
def test_no_key_of_a_part_breaks_any_verb(api, part):
    keys = keys_of(api)
    found = {path: verbs for path, verbs in routes(api.app).items() if part in path.replace(UNKNOWN, "").split("/")}
    assert found
    for path, verbs in found.items():
        place = path.replace(UNKNOWN, keys.get(path.split("/")[1], UNKNOWN))
        for key in IDS:
            for verb in verbs & {"GET", "POST", "PUT", "PATCH", "DELETE"}:
                check(api.request(verb, place.replace(part, key), json={}), 404, 405)


@pytest.mark.parametrize("key", OWN_KEYS, ids=brief)
def test_no_own_key_breaks_any_verb(api, key):
    """What can be a key names a record from its PUT to its DELETE; nothing else ever does."""
    path = f"/leads/by/{SOURCE}/{key}"
    check(api.get(path), 404)
    check(api.delete(path), 404)
    for verb in ("PUT", "PATCH"):
        put = api.request(verb, path, json={"title": "x"}, query_string={"include": "external_keys"})
        check(put, 201, 404, 422)
        if put.status_code == 201:
            assert put.json["data"]["external_keys"] == {SOURCE: unquote(key).removesuffix("/").strip()}
            check(api.get(path), 200)
        check(api.delete(path), 204 if put.status_code == 201 else 404)


@pytest.mark.parametrize("source", SOURCES, ids=brief)
def test_no_source_breaks_any_verb(api, source):
    path = f"/leads/by/{source}/1"
    for verb in ("GET", "DELETE"):
        check(api.request(verb, path), 404)
    for verb in ("PUT", "PATCH"):
        check(api.request(verb, path, json={"title": "x"}), 404, 422)


@pytest.mark.parametrize("verb", BATCH_VERBS, ids=lambda verb: verb.name)
@each_resource
def test_no_value_breaks_any_batch(api, resource, verb):
    """Each value is sent as the items, as one of them, in all fields of one, and as whether they belong together."""
    head = {verb.name_field: {"source": SOURCE, "key": "1"}} if verb.name_field else {}
    good = json.dumps({**head, **sample(resource)})
    names = {*schema_of(resource).load_fields, "id", "key", "version"}
    for value in VALUES:
        item = body_of(names, value)
        for body in (
            f'{{"items": {value}}}',
            f'{{"items": [{good}, {value}], "atomic": false}}',
            f'{{"items": [{item}]}}',
            f'{{"items": [{item}, {good}], "atomic": false}}',
            f'{{"items": [{good}], "atomic": {value}}}',
        ):
            check(api.request("POST", f"/{resource}/batch/{verb.name}", data=body, **JSON), 200, 207, 400, 422)


@pytest.mark.parametrize("value", VALUES, ids=brief)
def test_no_value_breaks_an_own_key_in_a_body(api, value):
    good = json.dumps(sample("deals"))[1:-1] + ", " if sample("deals") else ""
    for name in (f'{{"source": {value}, "key": {value}}}', f'{{"source": "{SOURCE}", "key": {value}}}'):
        check(api.request("POST", "/deals", data=f'{{{good}"person_id": {name}}}', **JSON), 400, 422)
        for verb in BATCH_VERBS:
            item = f'{{{good}"id": {name}, "key": {name}, "person_id": {name}}}'
            path = f"/deals/batch/{verb.name}"
            check(api.request("POST", path, data=f'{{"items": [{item}]}}', **JSON), 200, 400, 422)
    source = value if value.startswith('"') else f'"{SOURCE}"'
    keys = f'{{{good}"external_keys": {{{source}: {value}}}}}'
    check(api.request("POST", "/deals", data=keys, **JSON), 201, 400, 422)


@pytest.mark.parametrize("query", QUERIES, ids=brief)
def test_no_query_string_breaks_any_route(api, places, query):
    for path, verbs in places.items():
        if "GET" in verbs:
            check(api.get(asked(path, query)), 200)


@pytest.mark.parametrize("query", QUESTIONS, ids=brief)
def test_no_question_breaks_any_route(api, places, query):
    for path, verbs in places.items():
        if "GET" in verbs:
            check(api.get(asked(path, query)), 200, 422)


@pytest.mark.parametrize("headers", HEADERS, ids=brief)
def test_no_header_breaks_any_route(api, places, headers):
    for path, verbs in places.items():
        if "GET" in verbs:
            unchanged = "If-None-Match" in headers and "ETag" in api.get(asked(path)).headers
            check(api.get(asked(path), headers=headers), 304 if unchanged else 200)
        for verb in verbs & {"POST", "PUT", "PATCH"}:
            answer = api.request(verb, path, data="{}", headers={"Content-Type": "application/json", **headers})
            there = 412 if headers == {"If-None-Match": "*"} and "/by/" in path else 200
            check(answer, 200, 201, there, 415, 422, *refusals(path))


@pytest.mark.parametrize("token", TOKENS, ids=brief)
def test_no_made_up_token_opens_any_route(stranger, places, token):
    for path, verbs in places.items():
        for verb in verbs & {"GET", "POST", "PUT", "PATCH", "DELETE"}:
            answer = stranger.request(verb, path, headers={"Authorization": token}, json={})
            check(answer, *((200, 422) if is_public(verb, path) else (401,)))


def test_no_host_breaks_a_list(api):
    for host in ["evil'\"", "a b", "x" * 3000, "[::1", "host:port", ""]:
        check(api.get("/leads", headers={"Host": host}), 200, 400)


@pytest.mark.parametrize("team", ["x", "0", "-1", "9" * 18, "9" * 5000, "\xb2", "", "1.0", "%00"], ids=brief)
def test_a_team_that_is_no_team_is_a_403(team_app, team):
    user = create_user(team_app)
    create_team(team_app, user)
    for resource in NAMES:
        answer = ApiClient(team_app, user).get(f"/{resource}", headers={"X-Team-ID": team})
        check(answer, 403)
        assert answer.json == {"message": "You are not a member of the requested team."}
