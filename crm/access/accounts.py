"""Users, teams and memberships as the operator keeps them at the command line.

Every function commits what it has read or changed, so that none holds up another connection, and raises AccountError
with a sentence for the operator.
"""

from collections.abc import Sequence
from typing import Any

import click
from flask import current_app
from sqlalchemy import select, update
from werkzeug.security import generate_password_hash

from crm.access.credentials import normalize_email
from crm.access.names import has_control
from crm.extensions import db
from crm.models import NO_TEAM, RECORDS, Counter, Membership, Team, Token, User

FIRST_EMAIL = "owner@example.com"


class AccountError(click.ClickException):
    """What was asked for cannot be done: printed to stderr, exit code 1."""


def find_user(email: str) -> User:
    """Return the user with an email, compared without case."""
    user: User | None = db.session.scalar(select(User).where(User.email == normalize_email(email)))
    db.session.commit()
    if user is None:
        raise AccountError(f"There is no user {email}.")
    return user


def create_user(email: str, name: str, password: str, role: str, crm_access: bool = True) -> User:
    """Add a user."""
    _check_name(name)
    email = normalize_email(email)
    if db.session.scalar(select(User.id).where(User.email == email)):
        raise AccountError(f"The email {email} is in use.")
    user = User(
        email=email, name=name, password_hash=generate_password_hash(password), role=role, crm_access=crm_access
    )
    db.session.add(user)
    db.session.commit()
    return user


def create_first_owner(password: str) -> User | None:
    """Add an Owner, and in teams mode a team, if there is no user yet; return that user."""
    if db.session.scalar(select(User.id).limit(1)):
        return None
    user = create_user(FIRST_EMAIL, "Owner", password, "Owner")
    if current_app.config["TEAMS"]:
        create_team("First team", user.email, adopt=True)
    return user


def update_user(email: str, *, password: str | None = None, **changes: Any) -> User:
    """Change those attributes of a user that are not None."""
    _check_name(changes.get("name"))
    user = find_user(email)
    if password:
        user.password_hash = generate_password_hash(password)
    for name, value in changes.items():
        if value is not None:
            setattr(user, name, value)
    db.session.commit()
    return user


def create_team(name: str, owner_email: str, adopt: bool) -> int:
    """Add a team with its owner and return its id; with `adopt`, give it every record that has no team."""
    _check_name(name)
    owner = find_user(owner_email)
    team = Team(name=name)
    db.session.add(team)
    db.session.flush()
    _join(team.id, owner, "Owner")
    if adopt:
        _adopt(team.id)
    db.session.commit()
    return team.id


def add_member(team_id: int, email: str, role: str, current: bool) -> None:
    """Give a user a role in a team; with `current`, make it the user's current team."""
    user = find_user(email)
    if db.session.get(Team, team_id) is None:
        raise AccountError(f"There is no team {team_id}.")
    _join(team_id, user, role)
    if current:
        user.current_team_id = team_id
    db.session.commit()


def tokens_of(email: str) -> Sequence[Token]:
    """Return a user's tokens, the oldest first."""
    user_id = find_user(email).id
    tokens = db.session.scalars(select(Token).where(Token.user_id == user_id).order_by(Token.id)).all()
    db.session.commit()
    return tokens


def _check_name(name: str | None) -> None:
    if name and has_control(name):
        raise AccountError("A name cannot hold control characters.")


def _join(team_id: int, user: User, role: str) -> None:
    """Add or change a membership. A user's first team becomes the current one."""
    db.session.merge(Membership(team_id=team_id, user_id=user.id, role=role))
    if user.current_team_id is None:
        user.current_team_id = team_id


def _adopt(team_id: int) -> None:
    """Give a new team all records without one, and their counters, so that numbers go on where they were."""
    for model in RECORDS:
        db.session.execute(update(model).where(model.team_id.is_(None)).values(team_id=team_id))
    db.session.execute(update(Counter).where(Counter.team_id == NO_TEAM).values(team_id=team_id))
