"""The Owner who sends the requests of most tests: one user and one token for a store, put back after each cleaning."""

from typing import Any, NamedTuple

from flask import Flask
from sqlalchemy import delete, insert

from crm.extensions import db
from crm.models import Token, User
from crm.models.types import now
from tests.support.databases import clean
from tests.support.factories import create_token, create_user

OWNER = "owner@example.com"
SPARE = "spare@example.com"
"""Another user of the real server, whose tokens may end."""
_ID = 1_000_000
"""Beyond the ids that a store gives."""


class Owner(NamedTuple):
    """The rows of the user and of the token, and the token as it is sent."""

    user: dict[str, Any]
    token: dict[str, Any]
    sent: str

    def put_into(self, app: Flask) -> int:
        """Add the rows to a database that was cleaned, the token as used right now, and return the user's id."""
        with app.app_context(), db.engine.begin() as connection:
            connection.execute(insert(User.__table__), self.user)
            connection.execute(insert(Token.__table__), {**self.token, "last_used_at": now()})
        return _ID


def make_owner(app: Flask) -> Owner:
    """Have the application make the user and the token, and take both out of its database again."""
    clean(app)
    _, secret = create_token(app, create_user(app, email=OWNER, id=_ID)).split("|")
    with app.app_context(), db.engine.begin() as connection:
        rows = [connection.execute(delete(model.__table__).returning(*model.__table__.c)) for model in (Token, User)]
        token, user = (dict(row.mappings().one()) for row in rows)
    return Owner(user, {**token, "id": _ID}, f"{_ID}|{secret}")
