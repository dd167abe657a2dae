"""How many requests a minute are answered (contract, section 8)."""

import time

import pytest

from crm.access import credentials
from tests.support.client import UNKNOWN, ApiClient
from tests.support.factories import PASSWORD, create_user, sample

TOO_MANY = (429, {"message": "Too Many Attempts."})
JSON = "application/json"


@pytest.fixture
def limited(make_app, rate_limit_storage):
    """An application that takes four requests a minute from a user and two from an address."""
    return make_app(
        RATELIMIT_STORAGE_URL=rate_limit_storage,
        RATELIMIT_AUTHENTICATED="4 per minute",
        RATELIMIT_UNAUTHENTICATED="2 per minute",
    )


@pytest.fixture
def user(limited):
    return ApiClient(limited, create_user(limited, email="jane@example.com"))


@pytest.fixture
def guest(limited):
    return ApiClient(limited)


def spend(client, times, path="/auth/me", **kwargs):
    """Send so many requests, which are within the limit, and return what remained after each."""
    responses = [client.get(path, **kwargs) for _ in range(times)]
    assert all(response.status_code != 429 for response in responses)
    return [int(response.headers["X-RateLimit-Remaining"]) for response in responses]


def is_refused(client, path="/auth/me", **kwargs):
    return client.get(path, **kwargs).status_code == 429


@pytest.mark.parametrize(("signed_in", "limit"), [(True, 60), (False, 30)])
def test_the_limits_are_sixty_for_a_user_and_thirty_for_an_address(make_app, rate_limit_storage, signed_in, limit):
    app = make_app(RATELIMIT_STORAGE_URL=rate_limit_storage, RATELIMIT_AUTHENTICATED="", RATELIMIT_UNAUTHENTICATED="")
    client = ApiClient(app, create_user(app) if signed_in else None)
    assert spend(client, limit) == [*range(limit - 1, -1, -1)]
    response = client.get("/auth/me")
    assert (response.status_code, response.headers["X-RateLimit-Limit"]) == (429, str(limit))


def test_a_refusal_says_when_to_come_back(user):
    spend(user, 4)
    before = int(time.time())
    response = user.get("/auth/me")
    assert (response.status_code, response.json) == TOO_MANY
    assert response.headers["X-RateLimit-Limit"] == "4"
    assert response.headers["X-RateLimit-Remaining"] == "0"
    assert 1 <= int(response.headers["Retry-After"]) <= 61
    assert before + 50 <= int(response.headers["X-RateLimit-Reset"]) <= before + 62
    assert abs(int(response.headers["X-RateLimit-Reset"]) - before - int(response.headers["Retry-After"])) <= 1


@pytest.fixture
def clocks(monkeypatch):
    """Both clocks, stopped: `clocks(monotonic=61, wall=61)` sets them so many seconds after the start."""
    wall, monotonic = time.time(), time.monotonic()

    def set_to(**seconds):
        monkeypatch.setattr(time, "time", lambda: wall + seconds["wall"])
        monkeypatch.setattr(time, "monotonic", lambda: monotonic + seconds["monotonic"])

    set_to(wall=0, monotonic=0)
    return set_to


def test_the_last_moment_still_waits_a_second(make_app, clocks):
    app = make_app(RATELIMIT_UNAUTHENTICATED="1 per minute")
    guest = ApiClient(app)
    spend(guest, 1)
    clocks(wall=59.999, monotonic=59.999)
    assert guest.get("/auth/me").headers["Retry-After"] == "1"


@pytest.mark.parametrize("wall", [-3600, 3600])
def test_a_clock_that_is_set_neither_refuses_longer_nor_frees_at_once(make_app, clocks, wall):
    app = make_app(RATELIMIT_UNAUTHENTICATED="1 per minute")
    guest = ApiClient(app)
    spend(guest, 1)
    clocks(wall=wall, monotonic=30)
    assert guest.get("/auth/me").headers["Retry-After"] == "30"
    clocks(wall=wall, monotonic=60.001)
    spend(guest, 1)


def test_a_new_minute_is_a_new_count(make_app, clocks):
    app = make_app(RATELIMIT_AUTHENTICATED="1 per minute", RATELIMIT_UNAUTHENTICATED="1 per minute")
    for client in (ApiClient(app, create_user(app)), ApiClient(app)):
        clocks(wall=0, monotonic=0)
        spend(client, 1)
        assert is_refused(client)
        clocks(wall=61, monotonic=61)
        spend(client, 1)


def test_a_user_is_counted_over_all_tokens_and_addresses(limited, user):
    other_token = ApiClient(limited, user.user_id)
    spend(user, 2)
    assert spend(other_token, 2, environ_base={"REMOTE_ADDR": "10.0.0.2"}) == [1, 0]
    assert is_refused(user)
    assert is_refused(other_token)


def test_a_new_token_gives_no_new_count(limited, user):
    spend(user, 4)
    assert is_refused(ApiClient(limited, user.user_id))


def test_users_at_one_address_do_not_count_for_each_other(limited, user, guest):
    spend(user, 4)
    assert spend(ApiClient(limited, create_user(limited)), 1) == [3]
    assert spend(guest, 1) == [1]


def test_a_user_may_go_on_at_an_address_that_may_not(user, guest):
    spend(guest, 2)
    assert is_refused(guest)
    assert spend(user, 1) == [3]


def test_each_address_has_a_count_of_its_own(guest):
    spend(guest, 2, environ_base={"REMOTE_ADDR": "10.0.0.1"})
    assert is_refused(guest, environ_base={"REMOTE_ADDR": "10.0.0.1"})
    assert spend(guest, 1, environ_base={"REMOTE_ADDR": "10.0.0.2"}) == [1]


def test_all_paths_share_one_count(user, guest):
    assert [spend(user, 1, path) for path in ("/auth/me", "/leads", "/labels", f"/people/{UNKNOWN}")] == [
        *([3], [2], [1], [0])
    ]
    spend(guest, 1, "/leads")
    spend(guest, 1, "/users")
    assert is_refused(guest, "/organizations")


def test_guessing_tokens_is_limited(limited):
    for number in range(2):
        spend(ApiClient(limited, Authorization=f"Bearer {number + 1}|{'x' * 60}"), 1)
    assert is_refused(ApiClient(limited, Authorization=f"Bearer 3|{'x' * 60}"))


def test_a_revoked_token_counts_by_address(limited, user, guest):
    user.delete("/auth/token")
    assert spend(user, 1) == [1]
    spend(guest, 1)
    assert is_refused(user)


def test_guessing_passwords_is_limited_before_any_is_checked(user, guest, monkeypatch):
    body = {"email": "jane@example.com", "password": "wrong"}
    assert [guest.post("/auth/token", body).status_code for _ in range(2)] == [422, 422]
    checked = []
    monkeypatch.setattr(credentials, "check_password_hash", lambda *args: checked.append(args))
    response = guest.post("/auth/token", {**body, "password": PASSWORD})
    assert (response.status_code, response.json) == TOO_MANY
    assert not checked


def test_a_log_in_that_succeeds_counts_too(user, guest):
    response = guest.post("/auth/token", {"email": "jane@example.com", "password": PASSWORD})
    assert (response.status_code, response.headers["X-RateLimit-Remaining"]) == (201, "1")


def test_the_limit_comes_before_every_refusal_but_404_and_405_of_a_path(guest, user):
    spend(guest, 2)
    spend(user, 4)
    for client in (guest, user):
        for verb, path in (("GET", "/leads"), ("GET", "/leads/no-uuid"), ("PUT", f"/leads/{UNKNOWN}")):
            response = client.request(verb, path, data="{", content_type="text/plain")
            assert (response.status_code, response.json) == TOO_MANY
            assert "WWW-Authenticate" not in response.headers
        assert client.get("/nowhere").status_code == 404
        assert client.request("PATCH", "/leads").status_code == 405


def test_every_answer_of_an_existing_path_and_verb_shows_the_count(app, api, stranger):
    viewer = ApiClient(app, create_user(app, "Viewer"))
    loser = ApiClient(app, create_user(app, crm_access=False))
    one = f"/leads/{api.create('leads')['id']}"
    answers = [
        (200, api.get("/leads")),
        (200, api.request("HEAD", "/leads")),
        (200, api.get(one)),
        (200, api.put(one)),
        (200, stranger.request("OPTIONS", "/leads")),
        (201, api.post("/leads", sample("leads"))),
        (204, api.delete(one)),
        (400, api.request("POST", "/leads", data="{", content_type=JSON)),
        (401, stranger.get("/leads")),
        (403, viewer.post("/leads")),
        (403, loser.get("/leads")),
        (404, api.get(one)),
        (404, api.get("/leads/no-uuid")),
        (413, api.request("POST", "/leads", data="x" * 2_000_000, content_type=JSON)),
        (415, api.request("POST", "/leads", data="{}", content_type="text/plain")),
        (422, api.post("/leads")),
        (422, stranger.post("/auth/token")),
    ]
    for status, response in answers:
        assert response.status_code == status, response.text
        assert response.headers["X-RateLimit-Limit"] == "1000000"
        assert 999_900 < int(response.headers["X-RateLimit-Remaining"]) < 1_000_000
        assert "X-RateLimit-Reset" not in response.headers
        assert "Retry-After" not in response.headers


@pytest.mark.parametrize("signed_in", [True, False])
def test_an_unknown_path_or_verb_is_neither_counted_nor_shown(user, guest, signed_in):
    client, left = (user, 3) if signed_in else (guest, 1)
    for verb, path, status in (("GET", "/nowhere", 404), ("PATCH", "/leads", 405), ("POST", "/timezones", 405)):
        for _ in range(3):
            response = client.request(verb, path)
            assert response.status_code == status
            assert not [name for name, _ in response.headers if "RateLimit" in name or name == "Retry-After"]
    assert spend(client, 1) == [left]


def test_a_trailing_slash_gives_no_new_count(user):
    assert [spend(user, 1, path) for path in ("/leads", "/leads/")] == [[3], [2]]


# The fields of the IETF's draft


def test_a_counted_answer_names_the_limit_and_what_is_left(user, guest):
    for client, name, amount in ((user, "user", 4), (guest, "address", 2)):
        for left in range(amount - 1, -1, -1):
            answer = client.get("/auth/me")
            assert answer.headers["RateLimit-Policy"] == f'"{name}";q={amount};w=60'
            named, remaining, ends = answer.headers["RateLimit"].split(";")
            assert (named, remaining) == (f'"{name}"', f"r={left}")
            assert 1 <= int(ends.removeprefix("t=")) <= 60
        refused = client.get("/auth/me")
        assert refused.status_code == 429
        assert refused.headers["RateLimit"] == f'"{name}";r=0;t={refused.headers["Retry-After"]}'


def test_what_is_not_counted_names_no_limit(guest):
    answer = guest.get("/no-such-path")
    assert "RateLimit" not in answer.headers
    assert "RateLimit-Policy" not in answer.headers
