"""Errors as problem details, for those who ask for them (RFC 9457, 21)."""

import pytest

from crm.http.errors import MESSAGES
from crm.http.problems import PROBLEM, pointer_to
from tests.support.client import UNKNOWN, ApiClient

ASKS = {"Accept": PROBLEM}
JSON = "application/json"
MEMBERS = ["type", "title", "status", "detail", "request_id"]


def client_of(api):
    """Return a client whose answers are not held against the description, which has them as JSON."""
    return lambda method, path, headers=None, **kwargs: api.app.test_client().open(
        f"/crm/api/v2{path}", method=method, headers={**api.headers, **ASKS, **(headers or {})}, **kwargs
    )


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "title"),
    [
        ("POST", "/leads", [1], 400, "Bad Request"),
        ("GET", f"/leads/{UNKNOWN}", None, 404, "Not Found"),
        ("GET", "/no-such-path", None, 404, "Not Found"),
        ("DELETE", "/leads", None, 405, "Method Not Allowed"),
    ],
)
def test_an_error_is_a_problem(api, method, path, body, status, title):
    answer = client_of(api)(method, path, {"X-Request-Id": "mine"}, json=body)
    assert answer.status_code == status
    assert answer.headers["Content-Type"] == PROBLEM
    assert answer.json == {
        "type": "about:blank",
        "title": title,
        "status": status,
        "detail": MESSAGES[status],
        "request_id": "mine",
    }
    assert ("Allow" in answer.headers) is (status == 405)


def test_headers_are_as_ever(app, stranger, make_app):
    answer = client_of(stranger)("GET", "/leads")
    assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (401, "Bearer")
    limited = client_of(ApiClient(make_app(RATELIMIT_UNAUTHENTICATED="1 per minute")))
    limited("GET", "/leads")
    answer = limited("GET", "/leads")
    assert (answer.status_code, answer.json["title"], answer.mimetype) == (429, "Too Many Requests", PROBLEM)
    assert int(answer.headers["Retry-After"]) >= 1


def test_every_fault_is_pointed_at(api):
    body = {"title": "", "line_items": [{}, {"quantity": "x"}]}
    plain = api.post("/quotes", body)
    answer = client_of(api)("POST", "/quotes", json=body)
    assert answer.status_code == 422
    assert list(answer.json) == [*MEMBERS, "errors", "invalid"]
    assert answer.json["errors"] == plain.json["errors"]
    assert answer.json["detail"] == plain.json["message"]
    assert answer.json["invalid"] == [
        {"pointer": "#/" + path.replace(".", "/"), "detail": sentence}
        for path, sentences in plain.json["errors"].items()
        for sentence in sentences
    ]
    assert "#/line_items/1/quantity" in [fault["pointer"] for fault in answer.json["invalid"]]


@pytest.mark.parametrize(
    ("path", "pointer"),
    [
        ("title", "#/title"),
        ("line_items.2.quantity", "#/line_items/2/quantity"),
        ("a/b~c", "#/a~1b~0c"),
        ("filter[amount][gte]", "#/filter%5Bamount%5D%5Bgte%5D"),
    ],
)
def test_a_pointer_is_one_of_a_fragment(path, pointer):
    assert pointer_to(path) == pointer


def test_what_else_a_body_has_stays(api):
    lead = api.create("leads")
    answer = client_of(api)("PUT", f"/leads/{lead['id']}", {"If-Match": '"7"'}, json={"title": "x"})
    assert answer.status_code == 412
    assert list(answer.json) == [*MEMBERS, "version"]
    assert answer.json["version"] == 1


def test_a_database_that_cannot_be_used_is_a_problem_too(tmp_path, make_app):
    app = make_app(DATABASE_URL=f"sqlite:///{tmp_path}/none/crm.sqlite3")
    answer = app.test_client().get("/crm/api/v2/leads", headers={**ASKS, "Authorization": "Bearer 1|x"})
    assert answer.status_code == 401
    assert answer.mimetype == PROBLEM


@pytest.mark.parametrize(
    ("accept", "media_type"),
    [
        (None, JSON),
        ("*/*", JSON),
        ("application/*", JSON),
        (JSON, JSON),
        (f"{PROBLEM}, {JSON}", JSON),
        (f"{JSON}, {PROBLEM}", JSON),
        (f"{PROBLEM}, */*", JSON),
        (f"{PROBLEM};q=0.5, {JSON}", JSON),
        (f"{PROBLEM};q=0", JSON),
        ("text/html", JSON),
        (";;,=", JSON),
        (PROBLEM, PROBLEM),
        ("Application/Problem+JSON", PROBLEM),
        (f"{PROBLEM}, {JSON};q=0.9", PROBLEM),
        (f"{PROBLEM};q=0.9, */*;q=0.1", PROBLEM),
    ],
)
def test_json_is_sent_unless_problems_are_preferred(api, accept, media_type):
    headers = {"Accept": accept} if accept else {}
    answer = api.app.test_client().get("/crm/api/v2/no-such-path", headers=headers)
    assert answer.headers["Content-Type"] == media_type
    assert ("message" in answer.json) is (media_type == JSON)


def test_a_good_answer_is_json_whatever_is_preferred(api):
    answer = client_of(api)("GET", "/leads")
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, JSON)
