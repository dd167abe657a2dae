"""Makes the rows that tests start from: users, teams, tokens, look-up rows, and minimal bodies of records."""

import itertools
from functools import lru_cache
from typing import Any

from flask import Flask
from werkzeug.security import generate_password_hash

from crm import accounts, auth
from crm.blueprints import RESOURCES
from crm.extensions import db
from crm.models import User
from crm.schemas.fields import Text

PASSWORD = "correct horse battery staple"
_numbers = itertools.count(1)


@lru_cache
def _password_hash() -> str:
    return generate_password_hash(PASSWORD)


def create_user(app: Flask, role: str = "Owner", **columns: Any) -> int:
    """Add a user whose password is PASSWORD and return its id."""
    values = {
        "name": "Jane Doe",
        "email": f"user{next(_numbers)}@example.com",
        "password_hash": _password_hash(),
        "role": role,
        "crm_access": True,
        **columns,
    }
    with app.app_context():
        user = User(**values)
        db.session.add(user)
        db.session.commit()
        return user.id


def create_team(app: Flask, owner_id: int, name: str = "Team", adopt: bool = False) -> int:
    """Add a team and return its id."""
    with app.app_context():
        return accounts.create_team(name, db.session.get_one(User, owner_id).email, adopt)


def add_member(app: Flask, team_id: int, user_id: int, role: str = "Owner", current: bool = False) -> None:
    """Give a user a role in a team."""
    with app.app_context():
        accounts.add_member(team_id, db.session.get_one(User, user_id).email, role, current)


def create_token(app: Flask, user_id: int, name: str = "test") -> str:
    """Issue a token and return its plain text."""
    with app.app_context():
        return auth.issue_token(user_id, name)


def create_lookup(app: Flask, model: Any, **columns: Any) -> Any:
    """Add a look-up row and return the id that clients send for it."""
    with app.app_context():
        row = model(**{"name": f"Look-up {next(_numbers)}", **columns})
        db.session.add(row)
        db.session.commit()
        return getattr(row, "external_id", row.id)


def sample(resource: str) -> dict[str, Any]:
    """Return the smallest body that creates a record of a resource: its required fields."""
    schema = next(kind.schema for kind in RESOURCES if kind.model.__tablename__ == resource)()
    required = {name: field for name, field in schema.load_fields.items() if field.required}
    assert all(isinstance(field, Text) for field in required.values())
    return {name: f"A {name} {next(_numbers)}" for name in required}
