"""Hostile requests to every route: each is answered in JSON, and never with an error of the server's own."""

import json
from urllib.parse import unquote

import pytest

from crm.records.batch_verbs import BATCH_VERBS
from tests.support.actions import can_be_refused
from tests.support.client import SOURCE, UNKNOWN, UNKNOWN_PARTS, ApiClient, is_public, routes
from tests.support.factories import NAMES, create_team, create_user, sample, schema_of
from tests.support.lookups import WRITTEN, create_row
from tests.support.receiver import subscribe

JSON = {"content_type": "application/json"}
DEEP = b"[" * 500 + b"]" * 500
BODIES = [
    *(
        b"",
        b"\0",
        b"{",
        b"\xff\xfe",
        b"null",
        b"[[[[",
        b'{"a": NaN}',
        b'{"a": 1e400}',
        b"{}" * 1000,
        b'{"": ""}',
        b"{}",
    ),
    *(
        b'{"a": ' + DEEP + b"}",
        b'{"a": ' + b"9" * 4000 + b"}",
        b'{"a": ' + b"9" * 5000 + b"}",
        b'{"a": 1e99999999999999999999}',
    ),
    *(b'{"__proto__": {}, "constructor": 1, "self": 2, "title": {"$ne": 1}}', b'{"\\ud800": "\\udfff", "\\u0000": 1}'),
    *(
        b'{"id": "x", "id": 1}',
        b'{"labels": [[[]]], "line_items": {"0": {}}}',
        b'{"line_items": [1, null, [], {"id": 5}]}',
    ),
    *(b'{"labels": ' + DEEP + b', "line_items": ' + DEEP + b"}", b'{"email": ["x"], "password": {}, "device_name": 1}'),
    b'{"email": "\\u0000", "password": "\\ud800", "device_name": "\\u0000"}',
]
VALUES = [
    *('"\\u0000"', '"\\ud800"', '"%s %d {0} {}"', '"\'; DROP TABLE leads; --"', '"' + "x" * 10000 + '"', '"\\u202e"'),
    *("NaN", "1e400", "-1e400", "1e999999999", "-1e999999999", "1e-999999999", "1e99999999999999999999", "-0.0"),
    *("9" * 30, "9" * 5000, '"' + "9" * 5000 + '"', "2147483648", "-2147483649", "9223372036854775808", "1.5"),
    *("true", "null", "[]", "{}", "[null]", "[[]]", "[{}]", '{"id": 1}', "[true, 1, 1e400]", DEEP.decode()),
    *(f'"{UNKNOWN}"', f'["{UNKNOWN}"]', '"0000-00-00T00:00:00Z"', '"9999-12-31T23:59:59-23:59"', '"0001-01-01"'),
    *('"0001-01-01T00:00:00Z"', '"9999-12-31T23:59:59Z"', '"2026-01-01T00:00:00+99:99"', '"-"', '"--1"', '"."'),
]
IDS = [
    *(
        "0",
        "-1",
        "null",
        "undefined",
        "%00",
        "%FF",
        "%ED%A0%80",
        "..",
        "%2e%2e%2fusers",
        "%2F",
        "%5C",
        "*",
        "%25",
        "%0A",
    ),
    *("'%20OR%201=1--", "x" * 5000, f"{UNKNOWN}%00", f"{UNKNOWN}%20", f"{UNKNOWN};", f"%7B{UNKNOWN}%7D", UNKNOWN[:-1]),
    *("00000000-0000-4000-8000-00000000000%C2%B2", "%E2%80%AE", "1e3", UNKNOWN.replace("-", ""), f"urn:uuid:{UNKNOWN}"),
]
OWN_KEYS = [
    *(
        "%00",
        "x%00",
        "%ED%A0%80",
        "%FF",
        "x%FF",
        "%2F",
        "x%2F",
        "x//",
        "%2F%2F",
        "%20",
        "%C2%A0",
        "%E2%80%AE",
        "x" * 300,
    ),
    *(
        "..",
        "../..",
        "%2e%2e%2Fusers",
        "%2Fx",
        "//x",
        "x//y",
        "%0A",
        "x%0Ay",
        "x%0D%0AA: b",
        "%5C",
        "%25",
        "%2500",
        "*",
    ),
    *(
        "'%20OR%201=1--",
        "%F0%9F%98%80" * 255,
        "%C3%9F" * 256,
        "{}",
        "%3F%23",
        ";x=1",
        "by",
        "batch/create",
        "1/changes",
    ),
]
"""Keys as they stand in a path, percent-encoded."""
SOURCES = ["%00", "%FF", "%ED%A0%80", "..", "%2F", "%20", "%0A", "A", "x" * 41, "x" * 5000, "%C3%BC", "a%0A", "%2500"]
QUERIES = [
    *("page=%00", "page=%FF&per_page=%ED%A0%80", "&&&===", "=", "%", "%zz=%zz", "?", "page[]=1", "page=1;per_page=2"),
    *(
        f"{name}={value}"
        for name in ("page", "per_page", "user_owner_id", "active")
        for value in ("9" * 5000, "-" + "9" * 30)
    ),
    *(f"{name}=%00" for name in ("sort", "user_owner_id", "active", "nonsense")),
    *(
        "sort=-",
        "sort=password_hash",
        "sort=id;DROP",
        "sort=__class__",
        "user_owner_id=1%20OR%201=1",
        "x=" + "y" * 20000,
    ),
    *("&".join(f"p{number}=1" for number in range(3000)), "page=9223372036854775807&per_page=100", "page=2147483647"),
    *("page=9223372036854775808", "a=%3Cscript%3E&b=%22%27", "user_owner_id=%C2%B2", "page=%C2%B2", "per_page=1e400"),
]
QUESTIONS = [
    *(f"{name}={value}" for name in ("filter", "filter[]", "filter[a", "filter[a][b][c]") for value in ("", "1")),
    *(
        f"filter[{field}]={value}"
        for field in ("id", "version", "created_at", "labels", "external_keys.erp", "external_keys.%00", "%F0%9F%98%80")
        for value in ("%00", "%FF", "%ED%A0%80", "9" * 4000, "-" + "9" * 400, "1e400", "' OR 1=1", "%5C%25_", "")
    ),
    *(
        f"{name}={value}"
        for name in ("cursor", "fields", "search", "count", "include")
        for value in ("%00", "%FF", "'")
    ),
    *("search=" + "%F0%9F%98%80" * 201, "search=%25_%5C", "fields=" + ",".join("id" for _ in range(3000))),
    "&".join(f"filter[version][ne]={number}" for number in range(3000)),
    "&".join(f"filter[f{number}]=1" for number in range(300)),
    "filter[id][in]=" + "," * 3000,
    "sort=" + ",".join(["id", "-version"] * 1000),
]
"""What lists are strict about, with names and values that are none."""
_NEEDED = {"/search": "q=x"}
"""What a route needs to be asked."""
HEADERS = [
    *({"Accept": accept} for accept in ("x", "*/*;q=x", "text/html", ",,,;;;", "a" * 5000, "\xff")),
    *({"X-Team-ID": team} for team in ("x", "0", "-1", "9" * 5000, "\xb2", "")),
    *({"Content-Type": kind} for kind in (";", "application/json; charset=nonsense", "\xff", "x" * 5000)),
    *({"X-Forwarded-For": "' OR 1=1", "X-Forwarded-Host": "evil"}, {"X-HTTP-Method-Override": "DELETE"}),
    *({"Cookie": "session=x; ;;=\xff"}, {"If-None-Match": "*"}, {"Range": "bytes=0-1"}, {"User-Agent": "\xff" * 300}),
    *({"Expect": "nonsense"}, {"Content-Encoding": "gzip"}, {"If-Modified-Since": "x"}, {"Accept-Charset": "utf-16"}),
]
TOKENS = [
    *("", "Bearer", "Bearer ", "Bearer |", "Bearer 1|", "Bearer x|" + "a" * 43, "Basic dTpw", "Bearer 1|" + "a" * 100),
    *("Bearer 0|" + "a" * 50, "Bearer -1|" + "a" * 50, "Bearer " + "9" * 30 + "|" + "a" * 50, "Bearer 1|" + "é" * 50),
    *(
        "Bearer 1|" + "a" * 50 + "." + "b" * 43,
        "bearer",
        "Digest x=",
        "Bearer \xb2|" + "a" * 50,
        "Bearer " + "x" * 10000,
    ),
]

each_resource = pytest.mark.parametrize("resource", NAMES)


def brief(value):
    return ascii(value)[:25]


def body_of(names, value):
    """Return the text of a body that gives each of these fields a value, which need not be JSON."""
    fields = ", ".join(f'"{name}": {value}' for name in names)
    return f"{{{fields}}}"


def check(answer, *statuses):
    """Check that an answer has one of these statuses, and is JSON."""
    assert answer.status_code in statuses, answer.text
    if answer.status_code not in (204, 304):
        assert answer.mimetype == "application/json"
        assert answer.json is not None
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def refusals(path):
    """Return the statuses of a path beside the usual: 409 of what is not in the state, 202 of what is done later."""
    if path.startswith("/webhooks/"):
        return (202,)
    return (409,) if can_be_refused(path) else ()


def asked(path, query=""):
    """Return a path with a query, and with what the route needs to be asked."""
    return f"{path}?{'&'.join(filter(None, (_NEEDED.get(path), query)))}"


@pytest.fixture
def places(app, api):
    """Every route with its verbs, where those with an id name a record that exists."""
    keys = {resource: api.create(resource)["id"] for resource in NAMES}
    for resource, key in keys.items():
        assert api.patch(f"/{resource}/{key}", {"external_keys": {SOURCE: key}}).status_code == 200
    keys |= {table: str(create_row(api, table)["id"]) for table in WRITTEN}
    keys["webhooks"] = subscribe(api, "https://example.com/")["id"]
    message = api.post(f"/webhooks/{keys['webhooks']}/test").json["data"]["id"]
    return {
        path.replace(UNKNOWN, keys.get(path.split("/")[1], "")).replace(UNKNOWN_PARTS["message_id"], message): verbs
        for path, verbs in routes(app).items()
    }


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
