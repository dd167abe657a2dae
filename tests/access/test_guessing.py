"""Guessing passwords: how many tries an account has, from one network and from anywhere (beyond, section 20)."""

import time
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from statistics import median

import pytest
from werkzeug.security import generate_password_hash

from crm.access import credentials, hashing
from tests.support.client import ApiClient, CommandLine
from tests.support.databases import SECRET_KEY
from tests.support.factories import PASSWORD, create_token, create_user
from tests.support.server import wait_until

EMAIL = "jane@example.com"
NOBODY = "nobody@example.com"
WRONG = {"email": ["The provided credentials are incorrect."]}
HERE, ELSEWHERE = "192.0.2.1", "198.51.100.1"
UNLIMITED = {f"CRM_RATELIMIT_{users}": "1000000 per minute" for users in ("AUTHENTICATED", "UNAUTHENTICATED")}

each_account = pytest.mark.parametrize("email", [EMAIL, NOBODY, "gone@example.com"])


@pytest.fixture
def guarded(make_app, rate_limit_storage):
    """An application with the default guard."""
    app = make_app(RATELIMIT_STORAGE_URL=rate_limit_storage, LOGIN_ATTEMPTS="")
    create_user(app, email=EMAIL)
    create_user(app, email="gone@example.com", crm_access=False)
    return app


@pytest.fixture
def hashed(monkeypatch):
    """Counts the passwords that are looked at."""
    looked_at = []
    check = credentials.check_password_hash
    monkeypatch.setattr(credentials, "check_password_hash", lambda *args: looked_at.append(args) or check(*args))
    return looked_at


def log_in(app, password="wrong", email=EMAIL, address=HERE):
    body = {"email": email, "password": password}
    return ApiClient(app).post("/auth/token", body, environ_base={"REMOTE_ADDR": address})


def statuses(app, times, **kwargs):
    return [log_in(app, **kwargs).status_code for _ in range(times)]


@each_account
def test_five_from_one_network_fail_and_no_more_are_tried(guarded, hashed, email):
    assert statuses(guarded, 8, email=email) == [422] * 5 + [429] * 3
    assert log_in(guarded, PASSWORD, email).status_code == 429
    assert len(hashed) == 5


def test_a_refusal_says_when_to_come_back(guarded):
    statuses(guarded, 5)
    before = time.time()
    answer = log_in(guarded)
    assert answer.json == {"message": "Too Many Attempts."}
    assert 890 <= int(answer.headers["Retry-After"]) <= 901
    assert abs(int(answer.headers["X-RateLimit-Reset"]) - before - int(answer.headers["Retry-After"])) <= 2
    assert answer.headers["X-RateLimit-Limit"] == "1000000"


@pytest.mark.parametrize(
    ("first", "same", "other"),
    [
        ("192.0.2.1", "192.0.2.254", "192.0.3.1"),
        ("2001:db8::1", "2001:db8::ffff:1", "2001:db8:0:1::1"),
        ("::ffff:192.0.2.1", "192.0.2.9", "::ffff:192.0.3.1"),
    ],
)
def test_a_network_is_an_ipv4_24_or_an_ipv6_64(guarded, first, same, other):
    assert statuses(guarded, 5, address=first) == [422] * 5
    assert log_in(guarded, address=same).status_code == 429
    assert log_in(guarded, address=other).status_code == 422


def test_a_stranger_elsewhere_does_not_bar_the_owner(guarded):
    assert statuses(guarded, 100, address=ELSEWHERE) == [422] * 5 + [429] * 95
    assert log_in(guarded, PASSWORD).status_code == 201


@each_account
def test_fifty_from_a_thousand_networks_fail_and_no_more_are_tried(guarded, monkeypatch, email):
    looked_at = count()
    monkeypatch.setattr(credentials, "check_password_hash", lambda *_: next(looked_at) < 0)
    answers = [
        log_in(guarded, email=email, address=f"10.{network // 250}.{network % 250}.1").status_code
        for network in range(1000)
    ]
    assert answers == [422] * 50 + [429] * 950
    assert next(looked_at) == 50


def test_who_was_barred_from_anywhere_is_not_barred_longer_from_here(make_app, monkeypatch):
    app = make_app(LOGIN_ATTEMPTS="1 per minute")
    create_user(app, email=EMAIL)
    clock = [time.monotonic()]
    monkeypatch.setattr(time, "monotonic", lambda: clock[0])
    assert [log_in(app, address=f"10.0.{network}.1").status_code for network in range(10)] == [422] * 10
    clock[0] += 50
    assert log_in(app, PASSWORD).status_code == 429
    clock[0] += 11
    assert log_in(app, PASSWORD).status_code == 201


def test_other_accounts_go_on(guarded):
    create_user(guarded, email="other@example.com")
    statuses(guarded, 6)
    assert log_in(guarded, PASSWORD, "other@example.com").status_code == 201


@pytest.mark.parametrize("spelt", ["JANE@Example.COM", "  jane@example.com "])
def test_an_address_is_one_however_it_is_spelt(guarded, spelt):
    statuses(guarded, 5, email=spelt)
    assert log_in(guarded).status_code == 429


def test_a_right_password_clears_the_count(guarded):
    for _ in range(3):
        assert statuses(guarded, 4) == [422] * 4
        assert log_in(guarded, PASSWORD).status_code == 201


def test_the_tries_come_back_after_the_time(make_app, monkeypatch):
    app = make_app(LOGIN_ATTEMPTS="")
    create_user(app, email=EMAIL)
    clock = [time.monotonic()]
    monkeypatch.setattr(time, "monotonic", lambda: clock[0])
    statuses(app, 5)
    clock[0] += 899
    assert log_in(app).status_code == 429
    clock[0] += 2
    assert log_in(app, PASSWORD).status_code == 201


def test_the_setting_says_how_many(make_app):
    app = make_app(LOGIN_ATTEMPTS="2 per hour")
    create_user(app, email=EMAIL)
    assert statuses(app, 3) == [422, 422, 429]
    assert int(log_in(app).headers["Retry-After"]) > 3000
    others = [log_in(app, address=f"10.0.{network}.1").status_code for network in range(25)]
    assert others == [422] * 18 + [429] * 7


def test_what_is_refused_is_the_same_bytes_whether_or_not_there_is_such_a_user(guarded):
    own = {"X-RateLimit-Remaining", "RateLimit", "X-Request-Id", "X-RateLimit-Reset", "Retry-After"}
    seen = []
    for email in (EMAIL, NOBODY, "gone@example.com"):
        answers = [log_in(guarded, email=email) for _ in range(7)]
        seen.append([(each.status_code, each.data, [h for h in each.headers if h[0] not in own]) for each in answers])
        assert own <= {name for name, _ in answers[-1].headers}
    assert seen[0] == seen[1] == seen[2]


def test_what_is_refused_takes_the_same_time_and_far_less_than_a_hash(make_app):
    """Time of this thread alone, whatever else the machine does."""
    app = make_app(LOGIN_ATTEMPTS="")
    create_user(app, email=EMAIL, password_hash=generate_password_hash(PASSWORD))

    def seconds(email):
        start = time.thread_time()
        log_in(app, email=email)
        return time.thread_time() - start

    tried = {email: median(seconds(email) for _ in range(5)) for email in (EMAIL, NOBODY)}
    refused = {email: [] for email in tried}
    for _ in range(15):
        for email, times in refused.items():
            times.append(seconds(email))
    medians = [median(times) for times in refused.values()]
    assert max(medians) < 2 * min(medians)
    assert max(medians) < min(tried.values()) / 3


def test_tokens_go_on_meanwhile(guarded):
    client = ApiClient(guarded, create_user(guarded, email="owner@example.com"))
    statuses(guarded, 6, email="owner@example.com")
    assert client.get("/leads", environ_base={"REMOTE_ADDR": HERE}).status_code == 200


def test_a_new_password_from_the_operator_clears_the_count_everywhere(guarded):
    for network in range(10):
        statuses(guarded, 6, address=f"10.0.{network}.1")
    assert log_in(guarded, PASSWORD).status_code == 429
    new = "a password of the operator's"
    CommandLine(guarded).done("update-user", EMAIL, "--password", new)
    assert log_in(guarded, address="10.0.0.1").status_code == 422
    assert log_in(guarded, new).status_code == 201


def test_a_wrong_current_password_is_a_failed_log_in(guarded, hashed):
    user = create_user(guarded, email="owner@example.com")
    client = ApiClient(guarded, user)

    def change(current):
        body = {"current_password": current, "password": "another long password"}
        return client.put("/auth/password", body, environ_base={"REMOTE_ADDR": HERE})

    assert [change("wrong").status_code for _ in range(3)] == [422] * 3
    assert statuses(guarded, 3, email="owner@example.com") == [422, 422, 429]
    assert (change(PASSWORD).status_code, len(hashed)) == (429, 5)
    assert client.get("/auth/me").status_code == 200


def test_a_right_current_password_clears_the_count(guarded):
    client = ApiClient(guarded, create_user(guarded, email="owner@example.com"))
    statuses(guarded, 4, email="owner@example.com")
    body = {"current_password": PASSWORD, "password": "another long password"}
    assert client.put("/auth/password", body, environ_base={"REMOTE_ADDR": HERE}).status_code == 204
    assert statuses(guarded, 6, email="owner@example.com") == [422] * 5 + [429]


def test_a_faulty_body_is_no_try(guarded):
    for _ in range(6):
        assert ApiClient(guarded).post("/auth/token", {"email": EMAIL}).status_code == 422
    assert log_in(guarded, PASSWORD).status_code == 201


def test_who_gets_no_turn_to_hash_has_not_tried(guarded, monkeypatch):
    with monkeypatch.context() as busy:
        busy.setattr(hashing, "WAIT_SECONDS", 0.01)
        places = hashing._hashing
        taken = [places.acquire() for _ in range(hashing.AT_ONCE)]
        try:
            assert statuses(guarded, 8) == [503] * 8
        finally:
            for _ in taken:
                places.release()
    assert statuses(guarded, 6) == [422] * 5 + [429]


def test_of_simultaneous_guesses_at_most_five_are_tried(guarded, monkeypatch):
    looked_at = []

    def slow(*_):
        looked_at.append(1)
        time.sleep(0.05)
        return False

    monkeypatch.setattr(credentials, "check_password_hash", slow)
    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(lambda _: log_in(guarded).status_code, range(60)))
    assert answers.count(422) == len(looked_at) <= 5
    assert {*answers} <= {422, 429, 503}


@pytest.mark.parametrize("storage", ["memory", "redis"])
def test_guesses_at_a_server_stop_at_five_over_all_workers(serving, make_app, database_url, storage, request):
    url = request.getfixturevalue("redis_url") if storage == "redis" else "memory://"
    app = make_app(RATELIMIT_STORAGE_URL=url)
    token = create_token(app, create_user(app, email=EMAIL))
    environ = {"CRM_DATABASE_URL": database_url, "CRM_SECRET_KEY": SECRET_KEY, "CRM_RATELIMIT_STORAGE_URL": url}
    workers = 2 if storage == "redis" else 1

    def guess(number):
        email = EMAIL if number % 2 else NOBODY
        return email, server.request("POST", "/auth/token", {"email": email, "password": "wrong"}).status

    with serving({**environ, **UNLIMITED}, token) as server, ThreadPoolExecutor(12) as guessers:
        wait_until(lambda: len(server.workers()) == workers)
        answers = [*guessers.map(guess, range(60)), *map(guess, range(24))]
        assert server.request("GET", "/leads").status == 200
        owner = server.request("POST", "/auth/token", {"email": EMAIL, "password": PASSWORD})
    for email in (EMAIL, NOBODY):
        told = [status for asked, status in answers if asked == email]
        assert told.count(422) == 5
        assert {*told} <= {422, 429, 503}
        assert told[-1] == 429
    assert (owner.status, owner.data) == (429, {"message": "Too Many Attempts."})
