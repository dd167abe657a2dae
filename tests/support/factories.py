"""Makes the rows that tests start from: users, teams, tokens, look-up rows, and minimal bodies of records."""

import itertools
from functools import cache
from typing import Any

from flask import Flask
from sqlalchemy import insert, select, update
from werkzeug.security import generate_password_hash

from crm.access import accounts, tokens
from crm.blueprints import RESOURCES
from crm.extensions import db
from crm.models import Label, Pipeline, PipelineStage, TaxRate, User
from crm.schemas import fields
from crm.schemas.base import RecordSchema
from crm.schemas.collections.contact_details import ContactDetails
from crm.schemas.collections.labels import Labels
from crm.schemas.fields import Text
from crm.schemas.references import OwnerReference, Reference, StageReference

PASSWORD = "correct horse battery staple"
KINDS = {kind.model.__tablename__: kind for kind in RESOURCES}
NAMES = list(KINDS)
"""The resources by name."""

_LOOKUP_COLUMNS: dict[Any, dict[str, Any]] = {Label: {"hex": "123456"}, TaxRate: {"rate": 0, "default": False}}
_VALUES: dict[type[fields.Field], Any] = {
    fields.Currency: "EUR",
    fields.Text: "Some text",
    fields.Integer: 7,
    fields.Boolean: False,
    fields.Scaled: 12.5,
    fields.Timestamp: "2026-03-04T05:06:07+00:00",
    fields.Day: "1985-04-12T00:00:00+00:00",
}
DETAILS: dict[str, list[dict[str, Any]]] = {
    "emails": [
        {"address": "Ada.Lovelace@example.com", "type": "work", "primary": False},
        {"address": "ada@example.org", "type": None, "primary": True},
    ],
    "phones": [{"number": "+44 (20) 7946-0018", "type": "mobile", "primary": True}],
    "addresses": [
        {
            "type": "office",
            "line1": "12 Straße",
            "line2": "Rear building",
            "line3": None,
            "city": "Berlin",
            "state": None,
            "code": "10115",
            "country": "DE",
            "primary": True,
        }
    ],
}
"""Contact details as they are shown."""
_numbers = itertools.count(1)


def cheap_hash(password: str) -> str:
    """Return a hash that is cheap to make and to check. Where its cost matters, tests give the one the API stores."""
    return generate_password_hash(password, "scrypt:256:8:1")


@cache
def _password_hash() -> str:
    return cheap_hash(PASSWORD)


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
    with app.app_context(), db.engine.begin() as connection:
        user_id: int = connection.execute(insert(User.__table__).returning(User.id), values).scalar_one()
        return user_id


def create_team(app: Flask, owner_id: int, name: str = "Team", adopt: bool = False) -> int:
    """Add a team and return its id."""
    with app.app_context():
        return accounts.create_team(name, email_of(owner_id), adopt)


def add_member(app: Flask, team_id: int, user_id: int, role: str = "Owner", current: bool = False) -> None:
    """Give a user a role in a team."""
    with app.app_context():
        accounts.add_member(team_id, email_of(user_id), role, current)


def email_of(user_id: int) -> str:
    """Return the email of a user, within an application's context."""
    with db.session() as session:
        return session.get_one(User, user_id).email


def create_token(app: Flask, user_id: int, name: str = "test", *abilities: str) -> str:
    """Issue a token, with all abilities unless some are named, and return its plain text."""
    with app.app_context():
        return tokens.issue_token(user_id, name, abilities or ("*",))


def create_lookup(app: Flask, model: Any, **columns: Any) -> Any:
    """Add a look-up row and return the id that clients send for it."""
    with app.app_context():
        row = model(**{"name": f"Look-up {next(_numbers)}", **_LOOKUP_COLUMNS.get(model, {}), **columns})
        db.session.add(row)
        db.session.commit()
        return getattr(row, "external_id", row.id)


@cache
def schema_of(resource: str) -> RecordSchema:
    return KINDS[resource].schema()


def sample(resource: str) -> dict[str, Any]:
    """Return the smallest body that creates a record of a resource: its required fields."""
    required = {name: field for name, field in schema_of(resource).load_fields.items() if field.required}
    assert all(isinstance(field, Text) for field in required.values())
    return {name: f"A {name} {next(_numbers)}" for name in required}


def full(api: Any, resource: str) -> dict[str, Any]:
    """Return a body with every field that a resource takes, each shown again as it stands here, without being asked."""
    schema = schema_of(resource)
    shown = {name: field for name, field in schema.load_fields.items() if not getattr(field, "on_request", False)}
    return {name: _value(api, name, field) for name, field in shown.items()}


def _value(api: Any, name: str, field: Any) -> Any:
    if name == "line_items":
        return [{"product_id": api.create("products")["id"], "quantity": 20, "unit_price": 1.5, "amount": 30}]
    if isinstance(field, ContactDetails):
        return DETAILS[name]
    if isinstance(field, Labels):
        return [create_lookup(api.app, Label) for _ in range(2)]
    if isinstance(field, Reference):
        return target(api, field)
    return next(value for kind, value in _VALUES.items() if isinstance(field, kind))


def fields_of(*kinds: type[fields.Field]) -> list[tuple[str, str]]:
    """Return resource and name of every field that a client may send and that is of one of these kinds."""
    return [
        (resource, name)
        for resource in NAMES
        for name, field in schema_of(resource).load_fields.items()
        if isinstance(field, kinds)
    ]


def field_of(resource: str, name: str) -> Any:
    return schema_of(resource).load_fields[name]


def target(api: Any, field: Reference) -> Any:
    """Add a row that a reference may name and return the id that clients send for it."""
    if isinstance(field, OwnerReference):
        return create_user(api.app)
    if isinstance(field, StageReference):
        return create_stage(api.app, field.resource)
    if field.model.__tablename__ in KINDS:
        return api.create(field.model.__tablename__)["id"]
    return create_lookup(api.app, field.model)


def create_stage(app: Flask, resource: str) -> str:
    """Add a pipeline for a resource with one stage, and return the stage's UUID."""
    create_lookup(app, Pipeline, resource=resource)
    with app.app_context():
        pipeline_id = db.session.scalar(select(Pipeline.id).order_by(Pipeline.id.desc()).limit(1))
    return create_lookup(app, PipelineStage, pipeline_id=pipeline_id, position=1)


def stored(app: Flask, resource: str, external_id: str) -> dict[str, Any]:
    """Return the row of a record by column, a deleted one too."""
    model = KINDS[resource].model
    with app.app_context():
        row = db.session.get_one(model, db.session.scalar(select(model.id).filter_by(external_id=external_id)))
        return {column.name: getattr(row, column.key) for column in model.__table__.columns}


def alter(app: Flask, model: Any, key: Any, **columns: Any) -> None:
    """Change a row behind the API's back, by the id that clients know it by."""
    with app.app_context():
        column = model.external_id if hasattr(model, "external_id") else model.id
        changed = db.session.execute(update(model.__table__).where(column == key).values(columns))
        assert changed.rowcount == 1
        db.session.commit()
