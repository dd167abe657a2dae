"""Getting a token for an email and a password (contract, section 2)."""

import re
import time
from functools import cache
from statistics import median

import pytest
from sqlalchemy import select
from werkzeug.security import generate_password_hash

from crm.access import credentials
from crm.extensions import db
from crm.models import Token
from tests.support.factories import PASSWORD, create_user

WRONG = {
    "message": "The given data was invalid.",
    "errors": {"email": ["The provided credentials are incorrect."]},
}
hash_as_stored = cache(generate_password_hash)
FAILURES = ("wrong password", "unknown email", "no CRM access")


def log_in(client, email="jane@example.com", password=PASSWORD, headers=None, **fields):
    return client.post("/auth/token", {"email": email, "password": password, **fields}, headers=headers)


@pytest.fixture
def jane(app):
    return create_user(app, email="jane@example.com")


@pytest.fixture
def failures(app, stranger):
    """The three log-ins that fail, by what is wrong with them; their hashes are such as the API stores."""
    stored = hash_as_stored(PASSWORD)
    create_user(app, email="jane@example.com", password_hash=stored)
    create_user(app, email="gone@example.com", crm_access=False, password_hash=stored)
    return {
        "wrong password": lambda: log_in(stranger, password="wrong"),
        "unknown email": lambda: log_in(stranger, "nobody@example.com"),
        "no CRM access": lambda: log_in(stranger, "gone@example.com"),
    }


def stored_token(app):
    """The one token that is stored."""
    with app.app_context():
        return db.session.scalars(select(Token)).one()


def test_a_log_in_answers_a_token_and_its_user(app, stranger, jane):
    response = log_in(stranger)
    assert response.status_code == 201
    assert response.json == {
        "token": response.json["token"],
        "user": {"id": jane, "name": "Jane Doe", "email": "jane@example.com"},
    }
    row_id, secret = response.json["token"].split("|")
    assert int(row_id) == stored_token(app).id
    assert re.fullmatch(r"[A-Za-z0-9._-]{40,}", secret)


def test_an_answer_with_a_token_is_not_kept_on_its_way(stranger, jane):
    assert log_in(stranger).headers["Cache-Control"] == "no-store"
    assert log_in(stranger, password="wrong").headers["Cache-Control"] == "no-cache, private"


def test_the_token_of_a_log_in_works(stranger, jane):
    headers = {"Authorization": f"Bearer {log_in(stranger).json['token']}"}
    response = stranger.get("/auth/me", headers=headers)
    assert response.status_code == 200
    assert response.json["user"] == {"id": jane, "name": "Jane Doe", "email": "jane@example.com"}


@pytest.mark.parametrize("email", ["JANE@Example.COM", "  jane@example.com "])
def test_emails_are_compared_without_case_and_trimmed(stranger, jane, email):
    assert log_in(stranger, email).status_code == 201


def test_the_three_failures_are_the_same_bytes(failures):
    responses = [fail() for fail in failures.values()]
    assert {response.status_code for response in responses} == {422}
    assert responses[0].json == WRONG
    assert len({response.data for response in responses}) == 1
    own = {"X-RateLimit-Remaining", "RateLimit", "X-Request-Id"}
    headers = [{k: v for k, v in response.headers if k not in own} for response in responses]
    assert headers[0] == headers[1] == headers[2]


@pytest.mark.parametrize("failure", FAILURES)
def test_a_failure_checks_exactly_one_password_hash(failures, failure, monkeypatch):
    checked = []
    check = credentials.check_password_hash
    monkeypatch.setattr(credentials, "check_password_hash", lambda *args: checked.append(args) or check(*args))
    failures[failure]()
    assert len(checked) == 1


def test_the_three_failures_take_the_same_time(failures):
    """Time of this thread alone, whatever else the machine does."""

    def seconds(fail):
        start = time.thread_time()
        fail()
        return time.thread_time() - start

    times = {name: [] for name in failures}
    for _ in range(5):
        for name, fail in failures.items():
            times[name].append(seconds(fail))
    medians = [median(of_one) for of_one in times.values()]
    assert max(medians) < 2 * min(medians), times


def test_a_wrong_password_without_crm_access_fails_alike(failures, stranger):
    assert log_in(stranger, "gone@example.com", "wrong").json == WRONG


@pytest.mark.parametrize(
    ("body", "errors"),
    [
        (
            {},
            {"email": ["The email field is required."], "password": ["The password field is required."]},
        ),
        (
            {"email": " ", "password": None},
            {"email": ["The email field is required."], "password": ["The password field is required."]},
        ),
        (
            {"email": "jane", "password": 1, "device_name": "x" * 256},
            {
                "email": ["The email field must be a valid email address."],
                "password": ["The password field must be a string."],
                "device_name": ["The device_name field must not be greater than 255 characters."],
            },
        ),
        (
            {"email": "a@b.example", "password": "x", "device_name": 7},
            {"device_name": ["The device_name field must be a string."]},
        ),
    ],
)
def test_a_faulty_body_is_refused(stranger, body, errors):
    assert stranger.errors(stranger.post("/auth/token", body)) == errors


def test_a_password_is_taken_as_sent(stranger, jane):
    assert log_in(stranger, password=f" {PASSWORD} ").json == WRONG


@pytest.mark.parametrize(
    ("fields", "agent", "name"),
    [
        ({"device_name": "Jane's phone"}, "Agent/1.0", "Jane's phone"),
        ({"device_name": "x" * 255}, "Agent/1.0", "x" * 255),
        ({}, "Agent/1.0", "Agent/1.0"),
        ({"device_name": None}, "Agent/1.0", "Agent/1.0"),
        ({"device_name": "  "}, "Agent/1.0", "Agent/1.0"),
        ({}, "y" * 300, "y" * 255),
        ({}, "", "api-token"),
    ],
)
def test_a_token_is_named_after_the_device_else_the_user_agent(app, stranger, jane, fields, agent, name):
    assert log_in(stranger, headers={"User-Agent": agent}, **fields).status_code == 201
    assert stored_token(app).name == name


def test_logging_in_needs_no_token_and_a_bad_one_does_not_hinder(stranger, jane):
    assert log_in(stranger, headers={"Authorization": "Bearer nonsense"}).status_code == 201
