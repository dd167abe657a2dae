"""Many log-ins at once: how many password hashes are worked out meanwhile, and what becomes of the rest."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from statistics import median

import pytest
from werkzeug.security import generate_password_hash

from crm.access import credentials, hashing
from crm.access.hashing import AT_ONCE
from crm.database.connections import THREADS
from tests.support.client import statements
from tests.support.factories import PASSWORD, create_token, create_user
from tests.support.server import wait_until

EMAIL = "jane@example.com"
UNLIMITED = {
    **{f"CRM_RATELIMIT_{users}": "1000000 per minute" for users in ("AUTHENTICATED", "UNAUTHENTICATED")},
    "CRM_LOGIN_ATTEMPTS": "1000000 per minute",
}
FULL = 2 * AT_ONCE
"""How many log-ins are hashing or waiting at the most."""


class SlowHash:
    """Stands for the check of a password: each lasts until all are let go. Tells how many run, and ran, at once."""

    def __init__(self):
        self.running = self.most = 0
        self._lock = threading.Lock()
        self._gone = threading.Event()

    def __call__(self, *_):
        with self._lock:
            self.running += 1
            self.most = max(self.most, self.running)
        assert self._gone.wait(20)
        with self._lock:
            self.running -= 1
        return True

    def let_go(self):
        self._gone.set()


@pytest.fixture
def slow_hash(monkeypatch):
    slow = SlowHash()
    monkeypatch.setattr(credentials, "check_password_hash", slow)
    monkeypatch.setattr(hashing, "WAIT_SECONDS", 20)
    yield slow
    slow.let_go()


@pytest.fixture
def jane(app):
    return create_user(app, email=EMAIL)


@pytest.fixture
def log_in(stranger):
    def send(email=EMAIL, password=PASSWORD):
        return stranger.post("/auth/token", {"email": email, "password": password})

    return send


@pytest.fixture
def crowd():
    """Threads for log-ins that are not awaited at once."""
    with ThreadPoolExecutor(16) as pool:
        yield pool


def fill(crowd, log_in, slow_hash, count):
    """Have so many log-ins hash and wait, and return them."""
    sent = [crowd.submit(log_in) for _ in range(count)]
    wait_until(lambda: slow_hash.running == min(count, AT_ONCE))
    wait_until(lambda: hashing._present._value == FULL - count)
    return sent


def is_refused(answer):
    return answer.status_code == 503 and answer.headers["Retry-After"] == "2"


def test_a_quarter_of_a_workers_threads_hash_and_wait_for_two_seconds():
    assert (max(1, THREADS // 4), 2) == (AT_ONCE, hashing.WAIT_SECONDS)


def test_as_many_wait_as_hash_and_the_others_are_refused_at_once(jane, crowd, log_in, slow_hash):
    sent = [crowd.submit(log_in) for _ in range(16)]
    wait_until(lambda: sum(login.done() for login in sent) == 16 - FULL)
    refused = [login.result() for login in sent if login.done()]
    assert slow_hash.running == AT_ONCE
    slow_hash.let_go()
    assert sorted(login.result().status_code for login in sent) == [201] * FULL + [503] * (16 - FULL)
    assert [is_refused(answer) for answer in refused] == [True] * (16 - FULL)
    assert slow_hash.most == AT_ONCE


def test_who_waits_in_vain_is_refused_and_leaves_the_place(jane, crowd, log_in, slow_hash, monkeypatch):
    monkeypatch.setattr(hashing, "WAIT_SECONDS", 0.2)
    hashed = fill(crowd, log_in, slow_hash, AT_ONCE)
    for _ in range(FULL):
        start = time.monotonic()
        assert is_refused(log_in())
        assert 0.2 <= time.monotonic() - start < 5
    slow_hash.let_go()
    assert [login.result().status_code for login in hashed] == [201] * AT_ONCE
    assert log_in().status_code == 201


@pytest.mark.parametrize("busy", [AT_ONCE, FULL], ids=["waiting in vain", "refused at once"])
def test_while_it_is_busy_the_same_is_asked_for_each_and_the_failures_are_the_same_bytes(
    app, jane, crowd, log_in, slow_hash, monkeypatch, busy
):
    create_user(app, email="gone@example.com", crm_access=False)
    fill(crowd, log_in, slow_hash, busy)
    monkeypatch.setattr(hashing, "WAIT_SECONDS", 0.2)
    failures = ((EMAIL, "wrong"), ("nobody@example.com", PASSWORD), ("gone@example.com", PASSWORD))
    with statements(app) as sent:
        answers = [log_in(*failure) for failure in (*failures, (EMAIL, PASSWORD))]
    assert [query for query, _ in sent] == [credentials._FIND_LOGIN] * 4
    own = {"X-RateLimit-Remaining", "RateLimit", "X-Request-Id"}
    assert [is_refused(answer) for answer in answers] == [True] * 4
    assert len({answer.data.replace(answer.json["request_id"].encode(), b"") for answer in answers}) == 1
    assert len({frozenset((k, v) for k, v in answer.headers if k not in own) for answer in answers}) == 1


def test_a_hash_that_fails_gives_its_place_back(jane, log_in, monkeypatch):
    with monkeypatch.context() as broken:
        broken.setattr(credentials, "check_password_hash", lambda *_: 1 / 0)
        for _ in range(FULL + 1):
            with pytest.raises(ZeroDivisionError):
                log_in()
    assert log_in().status_code == 201


def test_log_ins_do_not_stop_the_api(serving, app, database_url):
    """Thirty-two clients log in again and again, and meanwhile a request is sent every 20 milliseconds."""
    user = create_user(app, email=EMAIL, password_hash=generate_password_hash(PASSWORD))
    environ = {"CRM_DATABASE_URL": database_url, "CRM_SECRET_KEY": app.config["SECRET_KEY"], **UNLIMITED}
    over = threading.Event()

    def seconds():
        start = time.perf_counter()
        assert server.request("GET", "/leads").status == 200
        return time.perf_counter() - start

    def keep_logging_in():
        answers = []
        while not over.is_set():
            answers.append(server.request("POST", "/auth/token", {"email": EMAIL, "password": PASSWORD}))
            if answers[-1].status == 503:
                over.wait(0.25)
        return answers

    with serving(environ, create_token(app, user)) as server, ThreadPoolExecutor(100) as clients:
        normal = median(seconds() for _ in range(50))
        logging_in = [clients.submit(keep_logging_in) for _ in range(32)]
        reading = [clients.submit(seconds) for _ in range(50) if not over.wait(0.02)]
        took = [read.result() for read in reading]
        over.set()
        answers = [answer for client in logging_in for answer in client.result()]
    assert median(took) < 0.15 + 10 * normal, (normal, took)
    assert max(took) < 2
    refused = [answer for answer in answers if answer.status != 201]
    assert {(answer.status, answer.headers.get("Retry-After")) for answer in refused} == {(503, "2")}
    assert len(answers) - len(refused) >= FULL
