"""What every answer has in common, refusals, and their order (contract, sections 1 and 7)."""

import re
import time

import pytest

from crm import create_app
from tests.support.client import UNKNOWN, ApiClient, is_public, routes
from tests.support.databases import SECRET_KEY
from tests.support.factories import NAMES, add_member, create_team, create_user, sample

VERBS = {"GET", "POST", "PUT", "PATCH", "DELETE"}
JSON = {"content_type": "application/json"}
TEXT = {"content_type": "text/plain"}
TOO_LARGE = b'{"a": "' + b"x" * 1048576 + b'"}'
REFUSALS = {
    "400": (400, "POST", "/people", {"data": "{", **JSON}),
    "404 path": (404, "GET", "/nothing", {}),
    "404 row": (404, "GET", f"/people/{UNKNOWN}", {}),
    "405": (405, "DELETE", "/people", {}),
    "413": (413, "POST", "/people", {"data": TOO_LARGE, **JSON}),
    "415": (415, "POST", "/people", {"data": "{}", **TEXT}),
    "422": (422, "POST", "/people", {"json": {}}),
}

each_refusal = pytest.mark.parametrize(("status", "method", "path", "kwargs"), REFUSALS.values(), ids=REFUSALS)
each_resource = pytest.mark.parametrize("resource", NAMES)


def check_plain(answer, status):
    """Check that a refusal is JSON with one plain sentence."""
    own_fault = {"request_id"} if status in (500, 503) else set()
    assert (answer.status_code, answer.mimetype) == (status, "application/json")
    assert set(answer.json) == {"message", *own_fault}
    assert answer.json.get("request_id") in (None, answer.headers["X-Request-Id"])
    assert re.fullmatch(r"[A-Z][A-Za-z ,/]+\.([A-Za-z ,/]+\.)?", answer.json["message"])
    check_common(answer)


def check_common(answer):
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cache-Control"] == "no-cache, private"
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'; frame-ancestors 'none'"
    assert ("Retry-After" in answer.headers) == (answer.status_code in (429, 503))
    assert ("Allow" in answer.headers) == (answer.status_code == 405)


@each_refusal
@pytest.mark.parametrize("accept", ["text/html", "application/xml", "*/*", "", "application/json;q=0", "x/\xff"])
def test_a_refusal_is_json_with_a_plain_sentence_whatever_accept_says(api, status, method, path, kwargs, accept):
    answer = api.request(method, path, headers={"Accept": accept}, **kwargs)
    if status == 422:
        assert answer.json == {
            "message": "The given data was invalid.",
            "errors": {"first_name": ["The first_name field is required."]},
        }
        check_common(answer)
    else:
        check_plain(answer, status)


@each_resource
def test_every_success_has_the_common_headers_and_is_json_whatever_accept_says(api, resource):
    for accept in ["text/html", "application/xml", ""]:
        headers = {"Accept": accept}
        created = api.post(f"/{resource}", sample(resource), headers=headers)
        path = f"/{resource}/{created.json['data']['id']}"
        for answer in (
            created,
            *(api.request(verb, path, json={}, headers=headers) for verb in ("GET", "PUT", "PATCH")),
        ):
            assert answer.mimetype == "application/json"
            check_common(answer)
        check_common(api.delete(path))


def test_a_path_outside_the_api_is_a_404_with_the_common_headers(app):
    for path in ("/nothing", "/crm/api/v3/leads", "/crm/api/v2", "/crm/api/v2//leads", "/crm/api/v2/leads/x/y"):
        check_plain(app.test_client().get(path), 404)


def test_another_verb_is_a_405_that_allows_those_of_the_path(app, stranger):
    for path, methods in routes(app).items():
        for verb in (VERBS | {"TRACE", "NONSENSE"}) - methods:
            answer = stranger.request(verb, path)
            check_plain(answer, 405)
            assert set(answer.headers["Allow"].split(", ")) == methods


def test_options_answers_200_with_allow_without_a_token(app, stranger):
    for path, methods in routes(app).items():
        answer = stranger.request("OPTIONS", path)
        assert answer.status_code == 200
        assert set(answer.headers["Allow"].split(", ")) == methods


def test_a_stranger_gets_401_on_every_route_that_is_not_public(app, stranger):
    for path, methods in routes(app).items():
        for verb in (methods & VERBS) - {"OPTIONS"}:
            for place in (path, path.replace(UNKNOWN, "no-uuid")):
                answer = stranger.request(verb, place)
                assert (answer.status_code == 401) != is_public(verb, path)
                if answer.status_code == 401:
                    assert answer.json == {"message": "Unauthenticated."}
                    assert answer.headers["WWW-Authenticate"] == "Bearer"
                    check_common(answer)


def test_head_answers_as_get_without_the_body(app, api):
    api.create("people")
    for path in routes(app):
        if "GET" in routes(app)[path]:
            got, head = api.get(path), api.request("HEAD", path)
            assert (head.status_code, head.data) == (got.status_code, b"")
            assert head.headers["Content-Length"] == got.headers["Content-Length"]


def test_a_trailing_slash_makes_no_difference(app, api):
    for path, methods in routes(app).items():
        if "GET" in methods:
            assert api.get(f"{path}/").json == api.get(path).json
    created = api.post("/people/", {"first_name": "Jane"})
    assert created.status_code == 201
    one = f"/people/{created.json['data']['id']}/"
    assert [api.request(verb, one, json={}).status_code for verb in ("GET", "PUT", "PATCH", "DELETE")] == [
        *[200] * 3,
        204,
    ]


@each_resource
def test_every_verb_on_an_unknown_row_is_a_404(api, resource):
    api.create(resource)
    for key in (UNKNOWN, "1", "x", "0" * 32, f"{{{UNKNOWN}}}", UNKNOWN.replace("0", "%D9%A0"), f"{UNKNOWN}%0A", "%00"):
        for verb in ("GET", "PUT", "PATCH", "DELETE"):
            check_plain(api.request(verb, f"/{resource}/{key}", json={}), 404)


@each_resource
def test_a_path_takes_a_uuid_in_upper_case(api, resource):
    record = api.create(resource)
    assert api.get(f"/{resource}/{record['id'].upper()}").json["data"] == record


@each_resource
def test_refusals_come_in_the_contracts_order(make_app, resource):
    app = make_app(TEAMS="true", RATELIMIT_UNAUTHENTICATED="1 per minute")
    viewer, owner, stranger = create_user(app, "Viewer"), create_user(app), ApiClient(app)
    own, foreign = create_team(app, owner), create_team(app, create_user(app))
    add_member(app, own, viewer, "Viewer")
    limited, reads, writes = stranger, ApiClient(app, viewer), ApiClient(app, owner)
    one, row = f"/{resource}/{UNKNOWN}", f"/{resource}/{writes.create(resource)['id']}"
    wrong_team = {"headers": {"X-Team-ID": str(foreign)}}

    assert limited.get(f"/{resource}", **wrong_team).status_code == 401, "401 before team 403"
    assert limited.get(f"/{resource}").status_code == 429, "429 before 401"
    assert limited.get("/nothing").status_code == 404, "404 (no such path) before 429"
    assert limited.delete(f"/{resource}").status_code == 405, "405 before 429"
    not_member = reads.post(f"/{resource}", **wrong_team)
    assert not_member.status_code == 403, "team 403 before permission 403"
    assert not_member.json == {"message": "You are not a member of the requested team."}
    for verb in ("PUT", "PATCH", "DELETE"):
        forbidden = reads.request(verb, one, data="{", **TEXT)
        assert forbidden.status_code == 403, "permission 403 before 404 (no such row)"
        assert forbidden.json == {"message": "This action is unauthorized."}
    assert reads.request("POST", f"/{resource}", data="{", **TEXT).status_code == 403, "permission 403 before 415"
    assert writes.request("PUT", one, data="{", **TEXT).status_code == 404, "404 (no such row) before 415"
    assert writes.request("PUT", row, data=TOO_LARGE, **TEXT).status_code == 415, "415 before 413"
    assert writes.request("PUT", row, data=b"{" * 1048577, **JSON).status_code == 413, "413 before 400"
    assert writes.request("PUT", row, data=b'{"user_owner_id": "x"', **JSON).status_code == 400, "400 before 422"


def test_a_limit_that_is_spent_is_a_429_that_says_when_to_come_back(make_app):
    stranger = ApiClient(make_app(RATELIMIT_UNAUTHENTICATED="1 per minute"))
    stranger.get("/leads")
    answer = stranger.get("/leads")
    assert (answer.status_code, answer.json) == (429, {"message": "Too Many Attempts."})
    seconds, reset = int(answer.headers["Retry-After"]), int(answer.headers["X-RateLimit-Reset"])
    assert seconds >= 1
    assert abs(reset - time.time() - seconds) <= 2
    check_common(answer)


def test_an_unforeseen_error_is_a_500_that_tells_nothing_of_the_inside(tmp_path):
    app = create_app({"CRM_DATABASE_URL": "sqlite://", "CRM_SECRET_KEY": SECRET_KEY}, instance_path=str(tmp_path))

    def fail():
        raise RuntimeError("SELECT secret FROM users")

    app.add_url_rule("/crm/api/v2/fail", view_func=fail)
    answer = ApiClient(app).get("/fail", headers={"Accept": "text/html"})
    check_plain(answer, 500)
    assert "secret" not in answer.text
    assert "RuntimeError" not in answer.text


def test_a_database_that_is_away_is_a_503_that_says_when_to_come_back(api, tmp_path):
    away = "postgresql://nobody@127.0.0.1:1/nothing"
    app = create_app({"CRM_DATABASE_URL": away, "CRM_SECRET_KEY": SECRET_KEY}, instance_path=str(tmp_path))
    client = ApiClient(app, **api.headers)
    for answer in (
        client.get("/leads"),
        client.post("/auth/token", {"email": "jane@example.com", "password": "x"}),
    ):
        check_plain(answer, 503)
        assert int(answer.headers["Retry-After"]) >= 1
    assert ApiClient(app).get("/leads").status_code == 401
