"""Users, teams and memberships as the operator keeps them at the command line.

Every function is a transaction, or part of the caller's, and raises AccountError with a sentence for the operator.
"""

from typing import Any

import click
from flask import current_app
from marshmallow import ValidationError, validate
from sqlalchemy import ColumnElement, Connection, Row, func, select, update
from sqlalchemy.dialects.postgresql import insert  # SQLite's is the same SQL
from sqlalchemy.exc import IntegrityError
from werkzeug.security import generate_password_hash

from crm.access.adoption import adopt_records, end_writes_without_team
from crm.access.credentials import normalize_email
from crm.access.held_tokens import revoke_tokens
from crm.access.names import escape_controls, has_control
from crm.access.passwords import has_length, is_address
from crm.database.connections import transaction
from crm.database.locks import lock_installation
from crm.models import Membership, Team, User
from crm.models.user import MAX_PASSWORD_LENGTH, MIN_PASSWORD_LENGTH
from crm.operate.security import security_event

FIRST_EMAIL = "owner@example.com"
_EVENTS = {"password_hash": "password.changed", "role": "role.changed", "crm_access": "access.changed"}
"""What the security log calls a change of an attribute of a user."""
_USERS = User.__table__


class AccountError(click.ClickException):
    """What was asked for cannot be done: printed to stderr, exit code 1."""


def find_user(email: str) -> Row[Any]:
    """Return the user with an email, compared without case."""
    with transaction() as connection:
        user = connection.execute(select(_USERS).where(*_called(email))).one_or_none()
    return _known(user, email)


def create_user(email: str, name: str, password: str, role: str, crm_access: bool = True) -> Row[Any]:
    """Add a user, with an address and a password that a login takes."""
    _check_name(name)
    _check_address(email)
    _check_password(password, email)
    values = {"email": normalize_email(email), "name": name, "role": role, "crm_access": crm_access}
    values["password_hash"] = generate_password_hash(password)
    try:
        with transaction() as connection:
            user = connection.execute(insert(_USERS).values(values).returning(_USERS)).one()
    except IntegrityError:
        raise AccountError(f"The email {values['email']} is in use.") from None
    security_event("user.added", target_user_id=user.id, role=user.role, crm_access=user.crm_access)
    return user


def create_first_owner(password: str) -> Row[Any] | None:
    """Add an Owner, and in teams mode a team, if there is no user yet; return that user."""
    with transaction() as connection:
        lock_installation(connection)
        if connection.scalar(select(User.id).limit(1)):
            return None
        user = create_user(FIRST_EMAIL, "Owner", password, "Owner")
        if current_app.config["TEAMS"]:
            create_team("First team", user.email, adopt=True)
        return user


def update_user(email: str, *, password: str | None = None, keep_tokens: bool = False, **changes: Any) -> Row[Any]:
    """Change those attributes of a user that are not None; with another password all tokens end, unless kept."""
    _check_name(changes.get("name"))
    values = {name: value for name, value in changes.items() if value is not None}
    if password is not None:
        _check_password(password, email)
        values["password_hash"] = generate_password_hash(password)
    if not values:
        return find_user(email)
    change = update(_USERS).where(*_called(email)).values(values).returning(_USERS)
    with transaction() as connection:
        user = _known(connection.execute(change).one_or_none(), email)
        if password is not None and not keep_tokens:
            revoke_tokens(user.id)
    for attribute, event in _EVENTS.items():
        if attribute in values:
            told = {} if attribute == "password_hash" else {attribute: values[attribute]}
            security_event(event, target_user_id=user.id, **told)
    return user


def create_team(name: str, owner_email: str, adopt: bool) -> int:
    """Add a team with its owner and return its id; with `adopt`, give it every record that has no team."""
    _check_name(name)
    with transaction() as connection:
        owner = find_user(owner_email)
        end_writes_without_team(connection)
        team_id = int(connection.execute(insert(Team.__table__).values(name=name).returning(Team.id)).scalar_one())
        _join(connection, team_id, owner.id, "Owner", current=False)
        if adopt:
            adopt_records(connection, team_id)
    security_event("team.added", target_team_id=team_id)
    security_event("member.added", target_team_id=team_id, target_user_id=owner.id, role="Owner")
    return team_id


def add_member(team_id: int, email: str, role: str, current: bool) -> None:
    """Give a user a role in a team; with `current`, make it the user's current team."""
    with transaction() as connection:
        user = find_user(email)
        if connection.scalar(select(Team.id).where(Team.id == team_id)) is None:
            raise AccountError(f"There is no team {team_id}.")
        event = _join(connection, team_id, user.id, role, current)
    security_event(event, target_team_id=team_id, target_user_id=user.id, role=role)


def _check_name(name: str | None) -> None:
    if name and has_control(name):
        raise AccountError("A name cannot hold control characters.")


def _check_address(email: str) -> None:
    address = normalize_email(email)
    try:
        validate.Email()(address)
    except ValidationError:
        raise AccountError(f"{email!r} is no e-mail address.") from None
    if has_control(address):  # which may stand between quotes
        raise AccountError(f"{email!r} is no e-mail address.")


def _check_password(password: str, email: str) -> None:
    if not has_length(password):
        raise AccountError(f"A password must have {MIN_PASSWORD_LENGTH} to {MAX_PASSWORD_LENGTH} characters.")
    if is_address(password, email):
        raise AccountError("A password cannot be the e-mail address.")


def _called(email: str) -> tuple[ColumnElement[bool], ...]:
    """Return the condition that a user has this email, compared without case."""
    return User.email == normalize_email(email), User.removed_at.is_(None)


def _known(user: Row[Any] | None, email: str) -> Row[Any]:
    if user is None:
        raise AccountError(f"There is no user {escape_controls(email)}.")
    return user


def _join(connection: Connection, team_id: int, user_id: int, role: str, current: bool) -> str:
    """Add or change a membership, and return what that is called. A user's first team becomes the current one."""
    there = (Membership.team_id == team_id, Membership.user_id == user_id)
    was_member = connection.scalar(select(Membership.role).where(*there)) is not None
    membership = insert(Membership.__table__).values(team_id=team_id, user_id=user_id, role=role)
    keys = Membership.__table__.primary_key
    connection.execute(membership.on_conflict_do_update(index_elements=keys, set_={"role": role}))
    first_or_it = team_id if current else func.coalesce(User.current_team_id, team_id)
    connection.execute(update(_USERS).where(User.id == user_id).values(current_team_id=first_or_it))
    return "role.changed" if was_member else "member.added"
