"""Using and revoking tokens (contract, section 2)."""

import hashlib
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, update

from crm.blueprints import RESOURCES
from crm.database.query import Query
from crm.extensions import db
from crm.models import Token, User
from tests.support.client import UNKNOWN, ApiClient, protected_routes
from tests.support.factories import create_token, create_user


@pytest.fixture
def jane(app):
    return create_user(app, email="jane@example.com")


def stored_token(app):
    """The one token that is stored."""
    with app.app_context():
        return db.session.scalars(select(Token)).one()


def change(app, model, **columns):
    """Change every row of a table."""
    with app.app_context():
        db.session.execute(update(model).values(**columns))
        db.session.commit()


def test_a_secret_has_forty_random_characters_before_its_signature(app, jane):
    secrets = [create_token(app, jane).split("|")[1].rsplit(".", 1)[0] for _ in range(5)]
    differing = [len(set(characters)) > 1 for characters in zip(*secrets, strict=True)]
    assert sum(differing) >= 40


def test_only_the_sha256_of_a_secret_is_stored(app, jane):
    secret = create_token(app, jane).split("|")[1]
    row = stored_token(app)
    assert row.secret_hash == hashlib.sha256(secret.encode()).hexdigest()
    assert not any(secret in str(getattr(row, column.key)) for column in Token.__table__.c)


def test_every_other_route_needs_a_token(app, stranger):
    answers = {route: stranger.request(*route) for route in protected_routes(app)}
    for (verb, path), response in answers.items():
        assert response.status_code == 401, (verb, path)
        assert response.headers["WWW-Authenticate"] == "Bearer"
        assert verb == "HEAD" or response.json == {"message": "Unauthenticated."}


@pytest.mark.parametrize("resource", [resource.model.__tablename__ for resource in RESOURCES])
@pytest.mark.parametrize("verb", ["GET", "PUT", "PATCH", "DELETE"])
def test_without_a_token_every_uuid_and_body_is_a_401(stranger, resource, verb):
    for place in (UNKNOWN, "no-uuid"):
        response = stranger.request(verb, f"/{resource}/{place}", data="{", content_type="text/plain")
        assert response.status_code == 401


@pytest.mark.parametrize(
    "header",
    [
        *(
            "",
            "{id}|{secret}",
            "Bearer",
            "Bearer ",
            "Bearer{id}|{secret}",
            "Basic {id}|{secret}",
            "Token {id}|{secret}",
        ),
        *("Bearer {secret}", "Bearer {id}", "Bearer {id}|", "Bearer |{secret}", "Bearer {id}||{secret}"),
        *("Bearer {id}|{secret}x", "Bearer {id}|{secret}, x", "Bearer {id}|{secret} {secret}", "Bearer x{id}|{secret}"),
        *("Bearer 0|{secret}", "Bearer -{id}|{secret}", "Bearer 1e0|{secret}", "Bearer 999999999|{secret}"),
        *(
            "Bearer 99999999999999999999999|{secret}",
            "Bearer {id}|{short}",
            "Bearer {id}|é{secret}",
            "Bearer ²|{secret}",
        ),
        *("Bearer {id}|{hash}", "Bearer {id}|{upper}", "Bearer {other}|{secret}", "Bearer null", "\x00"),
    ],
)
def test_a_malformed_or_unknown_token_is_a_401(app, stranger, jane, header):
    other = create_token(app, jane).split("|")[0]
    row_id, secret = create_token(app, jane).split("|")
    hashed = hashlib.sha256(secret.encode()).hexdigest()
    header = header.format(
        id=row_id, secret=secret, other=other, short=secret[:-1], hash=hashed, upper=secret.swapcase()
    )
    response = stranger.get("/auth/me", headers={"Authorization": header})
    assert (response.status_code, response.json) == (401, {"message": "Unauthenticated."})
    assert response.headers["WWW-Authenticate"] == "Bearer"


def test_a_made_up_secret_is_turned_away_without_a_query(app, stranger, jane, monkeypatch):
    row_id, secret = create_token(app, jane).split("|")
    made_up = ("A" if secret[0] != "A" else "B") + secret[1:]
    queries = []
    read = Query.rows
    monkeypatch.setattr(Query, "rows", lambda query, **values: queries.append(values) or read(query, **values))
    assert stranger.get("/auth/me", headers={"Authorization": f"Bearer {row_id}|{made_up}"}).status_code == 401
    assert not queries
    assert stranger.get("/auth/me", headers={"Authorization": f"Bearer {row_id}|{secret}"}).status_code == 200
    assert queries


def test_the_secret_key_rotates_without_ending_tokens(make_app):
    old_key, new_key = "an old secret key that is long enough", "a new secret key that is long enough"
    old_app = make_app(SECRET_KEY=old_key)
    old = ApiClient(old_app, create_user(old_app))
    old.app = make_app(SECRET_KEY=new_key, SECRET_KEY_FALLBACKS=f"a short one, {old_key}")
    new = ApiClient(old.app, old.user_id)
    assert old.get("/auth/me").status_code == new.get("/auth/me").status_code == 200
    old.app = new.app = make_app(SECRET_KEY=new_key)
    assert (old.get("/auth/me").status_code, new.get("/auth/me").status_code) == (401, 200)


def test_tokens_do_not_expire_by_themselves(app, api):
    change(app, Token, created_at=datetime(2000, 1, 1, tzinfo=UTC))
    assert api.get("/auth/me").status_code == 200


def test_a_token_expires_after_its_lifetime(make_app):
    app = make_app(TOKEN_LIFETIME_MINUTES="10")
    api = ApiClient(app, create_user(app))
    assert api.get("/auth/me").status_code == 200
    left = stored_token(app).expires_at - datetime.now(UTC)
    assert timedelta(minutes=9) < left <= timedelta(minutes=10)
    change(app, Token, expires_at=datetime.now(UTC) - timedelta(seconds=1))
    assert api.get("/auth/me").status_code == 401


def test_revoking_ends_the_token_that_was_used_and_no_other(app, api):
    other = ApiClient(app, api.user_id)
    stranger = ApiClient(app, create_user(app))
    response = api.delete("/auth/token")
    assert (response.status_code, response.data) == (204, b"")
    assert api.get("/auth/me").status_code == api.delete("/auth/token").status_code == 401
    assert other.get("/auth/me").status_code == stranger.get("/auth/me").status_code == 200


def test_the_last_use_is_noted(app):
    api = ApiClient(app, create_user(app))
    assert stored_token(app).last_used_at is None
    api.get("/auth/me")
    assert datetime.now(UTC) - stored_token(app).last_used_at < timedelta(seconds=10)


@pytest.mark.parametrize(("seconds", "noted"), [(30, False), (62, True)])
def test_the_last_use_is_written_once_a_minute(app, api, seconds, noted):
    before = datetime.now(UTC).replace(microsecond=0) - timedelta(seconds=seconds)
    change(app, Token, last_used_at=before)
    api.get("/auth/me")
    assert (stored_token(app).last_used_at > before) is noted


def test_a_user_who_lost_crm_access_may_only_revoke_the_token(app, api):
    change(app, User, crm_access=False)
    for verb, path in protected_routes(app):
        if (verb, path) != ("DELETE", "/auth/token"):
            response = api.request(verb, path, data="{")
            assert response.status_code == 403, (verb, path)
            assert verb == "HEAD" or response.json == {"message": "This action is unauthorized."}
    assert api.delete("/auth/token").status_code == 204
