"""Tokens with abilities and an end, listed and ended by those who hold them (beyond, section 20)."""

import hashlib
import re
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import insert, select

from crm.access.tokens import _signer
from crm.extensions import db
from crm.models import Token
from tests.support.client import ApiClient
from tests.support.factories import PASSWORD, alter, create_token, create_user

EMAIL = "jane@example.com"


def log_in(app, **fields):
    return ApiClient(app).post("/auth/token", {"email": EMAIL, "password": PASSWORD, **fields})


def client_of(app, answer):
    assert answer.status_code == 201, answer.text
    return ApiClient(app, Authorization=f"Bearer {answer.json['token']}")


def in_future(**past):
    return (datetime.now(UTC) + timedelta(**past)).isoformat(timespec="seconds")


def id_of(client):
    return int(client.headers["Authorization"].removeprefix("Bearer ").partition("|")[0])


@pytest.fixture
def jane(app):
    return create_user(app, email=EMAIL)


@pytest.mark.parametrize("given", [{}, {"abilities": None}, {"abilities": ["*"]}])
def test_a_token_has_all_abilities_unless_it_is_given_some(app, jane, given):
    assert client_of(app, log_in(app, **given)).get("/auth/me").json["token"]["abilities"] == ["*"]


def test_a_token_has_the_abilities_that_it_is_given_in_their_order_and_once(app, jane):
    given = ["leads:view", "*:view", " leads:view ", "lookups:*"]
    client = client_of(app, log_in(app, abilities=given))
    assert client.get("/auth/me").json["token"]["abilities"] == ["leads:view", "*:view", "lookups:*"]
    assert client.get("/deals").status_code == 200
    assert client.post("/deals", {"title": "x"}).status_code == 403


@pytest.mark.parametrize(
    ("abilities", "errors"),
    [
        ([], {"abilities": ["The abilities field is required."]}),
        ({}, {"abilities": ["The abilities field is required."]}),
        ("leads:view", {"abilities": ["The abilities field must be an array."]}),
        (
            ["leads:view", "leads", "leads:fly", 7, None, [], "*:create", "webhooks:view", "changes:*", "users:view"],
            {f"abilities.{n}": [f"The selected abilities.{n} is invalid."] for n in range(1, 10)},
        ),
        ({"3": "no", "5": "leads:view"}, {"abilities.3": ["The selected abilities.3 is invalid."]}),
    ],
)
def test_unknown_abilities_are_refused(app, jane, stranger, abilities, errors):
    assert stranger.errors(log_in(app, abilities=abilities)) == errors


@pytest.mark.parametrize("email", [EMAIL, "nobody@example.com"])
def test_faults_are_told_before_a_password_is_looked_at(app, jane, stranger, email):
    answer = stranger.post(
        "/auth/token", {"email": email, "password": "x", "abilities": ["fly"], "expires_at": "2020-01-01T00:00:00Z"}
    )
    assert stranger.errors(answer) == {
        "abilities.0": ["The selected abilities.0 is invalid."],
        "expires_at": ["The expires_at field must be a moment in the future."],
    }


@pytest.mark.parametrize(
    ("expires_at", "sentence"),
    [
        pytest.param(in_future(seconds=-1), "The expires_at field must be a moment in the future.", id="past"),
        ("2099-01-01", "The expires_at field must be an ISO-8601 timestamp with a timezone offset."),
        (17, "The expires_at field must be an ISO-8601 timestamp with a timezone offset."),
    ],
    ids=["past", "day", "number"],  # the same in every process, whatever the time
)
def test_an_end_is_a_moment_in_the_future(app, jane, stranger, expires_at, sentence):
    assert stranger.errors(log_in(app, expires_at=expires_at)) == {"expires_at": [sentence]}


def test_a_token_ends_when_it_says(app, jane):
    end = in_future(hours=1)
    client = client_of(app, log_in(app, expires_at=end))
    assert client.get("/auth/me").json["token"]["expires_at"] == end
    alter(app, Token, id_of(client), expires_at=datetime.now(UTC) - timedelta(seconds=1))
    assert client.get("/auth/me").status_code == 401


@pytest.mark.parametrize(("minutes", "earlier"), [(5, True), (600, False)])
def test_of_two_ends_the_earlier_counts(make_app, minutes, earlier):
    app = make_app(TOKEN_LIFETIME_MINUTES="60")
    create_user(app, email=EMAIL)
    end = in_future(minutes=minutes)
    shown = client_of(app, log_in(app, expires_at=end)).get("/auth/me").json["token"]["expires_at"]
    assert (shown == end) is earlier
    assert datetime.fromisoformat(shown) - datetime.now(UTC) <= timedelta(minutes=60)


def test_a_secret_begins_so_that_scanners_find_it(app, jane):
    answer = log_in(app)
    pattern = r"[1-9][0-9]*\|crm_[A-Za-z0-9_-]{43}\.[A-Za-z0-9_-]{43}"
    assert re.fullmatch(pattern, answer.json["token"])
    assert re.fullmatch(pattern, create_token(app, jane))


def test_a_token_of_before_stays_good_with_all_abilities(app, jane):
    with app.app_context():
        secret = _signer().sign("x" * 43).decode()  # as secrets were made without a prefix
        before = {"user_id": jane, "name": "old", "secret_hash": hashlib.sha256(secret.encode()).hexdigest()}
        row = {**before, "created_at": datetime.now(UTC)}
        columns = [Token.__table__.c[name] for name in row]
        with db.engine.begin() as connection:  # as the code of before does it, which knows no abilities
            written = insert(Token.__table__).from_select(row, select(*map(bound, columns, row.values())))
            connection.execute(written.returning(Token.id))
            row_id = connection.scalar(select(Token.id).where(Token.name == "old"))
    old = ApiClient(app, Authorization=f"Bearer {row_id}|{secret}")
    assert old.get("/auth/me").json["token"] == {"id": row_id, "name": "old", "abilities": ["*"], "expires_at": None}
    assert old.post("/leads", {"title": "x"}).status_code == 201
    assert old.get("/auth/tokens").status_code == 200


def bound(column, value):
    from sqlalchemy import literal

    return literal(value, column.type)


def test_the_callers_tokens_are_listed_the_newest_first(app, jane):
    create_token(app, create_user(app), "of another user")
    end = in_future(days=1)
    first = ApiClient(app, jane)
    second = client_of(app, log_in(app, device_name="phone", abilities=["leads:view"], expires_at=end))
    assert second.get("/leads").status_code == 200
    listed = first.get("/auth/tokens").json
    assert listed.keys() == {"data"}
    moments = [(token.pop("created_at"), token.pop("last_used_at")) for token in listed["data"]]
    assert listed["data"] == [
        {"id": id_of(second), "name": "phone", "abilities": ["leads:view"], "expires_at": end, "current": False},
        {"id": id_of(first), "name": "test", "abilities": ["*"], "expires_at": None, "current": True},
    ]
    for moment in (each for pair in moments for each in pair):
        assert datetime.now(UTC) - datetime.fromisoformat(moment) < timedelta(minutes=1)
    assert list(first.get("/auth/tokens").json["data"][0]) == [
        *("id", "name", "abilities", "created_at", "last_used_at", "expires_at", "current")
    ]


def test_one_of_the_callers_tokens_is_ended(app, jane):
    first, second, third = (ApiClient(app, jane) for _ in range(3))
    answer = first.delete(f"/auth/tokens/{id_of(second)}")
    assert (answer.status_code, answer.data) == (204, b"")
    assert [client.get("/auth/me").status_code for client in (first, second, third)] == [200, 401, 200]
    assert first.delete(f"/auth/tokens/{id_of(second)}").status_code == 404
    assert first.delete(f"/auth/tokens/{id_of(first)}").status_code == 204
    assert first.get("/auth/me").status_code == 401


def test_another_users_token_is_not_there(app, jane):
    stranger = ApiClient(app, create_user(app))
    answer = ApiClient(app, jane).delete(f"/auth/tokens/{id_of(stranger)}")
    assert (answer.status_code, answer.json) == (404, {"message": "The requested resource was not found."})
    assert stranger.get("/auth/me").status_code == 200


@pytest.mark.parametrize("place", ["0", "-1", "x", "1.0", "²", "9" * 18, "9" * 30, "%00", "1%20"])
def test_what_is_no_id_of_a_token_is_a_404(app, jane, place):
    assert ApiClient(app, jane).delete(f"/auth/tokens/{place}").status_code == 404


def test_all_tokens_but_the_one_in_use_are_ended(app, jane):
    used, *others = (ApiClient(app, jane) for _ in range(3))
    stranger = ApiClient(app, create_user(app))
    answer = used.delete("/auth/tokens")
    assert (answer.status_code, answer.data) == (204, b"")
    assert [client.get("/auth/me").status_code for client in (used, *others, stranger)] == [200, 401, 401, 200]
    assert used.delete("/auth/tokens").status_code == 204


def test_a_token_with_few_abilities_sees_itself_and_can_be_given_back(app, jane):
    client = ApiClient(app, Authorization=f"Bearer {create_token(app, jane, 'few', 'leads:view')}")
    for refused in (client.get("/auth/tokens"), client.delete("/auth/tokens"), client.put("/auth/password")):
        assert refused.headers["WWW-Authenticate"] == 'Bearer error="insufficient_scope"'
    assert client.get("/auth/me").json["token"]["abilities"] == ["leads:view"]
    assert client.delete("/auth/token").status_code == 204
