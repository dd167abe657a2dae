"""Pages of other origins: what the server answers to them."""

import pytest

from crm.http.cors import READ, SENT
from tests.support.client import ApiClient
from tests.support.factories import create_user

PAGE = "https://app.example.com"
OTHER = "https://elsewhere.example"
ASK = {"Access-Control-Request-Method": "PUT", "Access-Control-Request-Headers": "authorization,if-match"}


@pytest.fixture
def app(make_app):
    """An application that lets two pages in."""
    return make_app(CORS_ORIGINS=f"{PAGE}, http://localhost:5173")


def ask(app, origin=PAGE, path="/leads", **headers):
    """Return the answer to what a browser asks before a page's request, which has no token."""
    return ApiClient(app).request("OPTIONS", path, headers={"Origin": origin, **ASK, **headers})


def names(header):
    return [name.strip() for name in header.split(",")]


@pytest.mark.parametrize("path", ["/leads", "/auth/token", "/quotes/1/accept", "/openapi.json", "/changes"])
def test_a_preflight_is_answered_without_a_token(app, path):
    answer = ask(app, path=path)
    assert (answer.status_code, answer.data) == (204, b"")
    assert answer.headers["Access-Control-Allow-Origin"] == PAGE
    assert {"GET", "POST", "PUT", "PATCH", "DELETE"} <= set(names(answer.headers["Access-Control-Allow-Methods"]))
    assert names(answer.headers["Access-Control-Allow-Headers"]) == [*SENT]
    assert "Access-Control-Allow-Credentials" not in answer.headers
    assert "Origin" in answer.vary


def test_the_headers_are_those_that_clients_need():
    assert set(SENT) == {
        "Authorization",
        "Content-Type",
        "X-Team-ID",
        "Idempotency-Key",
        "If-Match",
        "If-None-Match",
        "X-Request-Id",
    }
    assert set(READ) == {
        "ETag",
        "Location",
        "Retry-After",
        "X-Request-Id",
        "X-RateLimit-Limit",
        "X-RateLimit-Remaining",
        "X-RateLimit-Reset",
        "RateLimit",
        "RateLimit-Policy",
        "Idempotent-Replayed",
        "WWW-Authenticate",
    }


def test_preflights_are_not_counted_and_a_page_is_told_of_a_limit(make_app):
    app = make_app(CORS_ORIGINS=PAGE, RATELIMIT_UNAUTHENTICATED="1 per hour")
    assert [ask(app).status_code for _ in range(3)] == [204] * 3
    answers = [ApiClient(app).get("/leads", headers={"Origin": PAGE}) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [401, 429]
    for answer in answers:
        assert answer.headers["Access-Control-Allow-Origin"] == PAGE
        assert names(answer.headers["Access-Control-Expose-Headers"]) == [*READ]


@pytest.mark.parametrize(("path", "status"), [("/leads", 200), ("/leads/x", 404), ("/none", 404)])
def test_every_answer_may_be_read_by_an_allowed_page_alone(app, path, status):
    client = ApiClient(app, create_user(app))
    allowed, other, none = (client.get(path, headers=headers) for headers in ({"Origin": PAGE}, {"Origin": OTHER}, {}))
    assert allowed.headers["Access-Control-Allow-Origin"] == PAGE
    for answer in (allowed, other, none):
        assert (answer.status_code, "Origin" in answer.vary) == (status, True)
    for answer in (other, none):
        assert not [name for name, _ in answer.headers if name.startswith("Access-Control-")]


@pytest.mark.parametrize(
    "origin", [OTHER, f"{PAGE}.evil.example", f"{PAGE}:8443", "http://app.example.com", "null", PAGE.upper(), "*", ""]
)
def test_an_origin_counts_to_the_letter(app, origin):
    answer = ask(app, origin)
    assert answer.status_code == 200  # what OPTIONS is without the setting
    assert not [name for name, _ in answer.headers if name.startswith("Access-Control-")]


def test_a_star_lets_all_in(make_app):
    answer = ask(make_app(CORS_ORIGINS="*"), OTHER)
    assert (answer.status_code, answer.headers["Access-Control-Allow-Origin"]) == (204, "*")


def test_without_the_setting_nothing_is_said(make_app):
    for answer in (ask(make_app()), ApiClient(make_app()).get("/leads", headers={"Origin": PAGE})):
        assert not [name for name, _ in answer.headers if name.startswith("Access-Control-")]
        assert "Origin" not in answer.vary


def test_an_unknown_path_has_no_preflight(app):
    assert ask(app, path="/none").status_code == 404


def test_an_origin_is_kept_as_browsers_write_it(make_app):
    app = make_app(CORS_ORIGINS="HTTPS://App.Example.com:443,http://[::1]:80,capacitor://localhost")
    assert app.config["CORS_ORIGINS"] == [PAGE, "http://[::1]", "capacitor://localhost"]
