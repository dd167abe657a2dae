"""Which person is meant, deleted or even removed: what is kept of changes may tell of one who has no row any more."""

from typing import NamedTuple

import click
from sqlalchemy import bindparam, select

from crm.access import acting
from crm.database.query import Query
from crm.models import NO_TEAM, Change, Person
from crm.models.types import is_uuid

_ROW = Query(select(Person.id, Person.team_id).where(Person.external_id == bindparam("external_id")))
_NOTED = Query(
    select(Change.team_id)
    .where(Change.record_id == bindparam("external_id"), Change.resource == Person.__tablename__)
    .limit(1)
)


class UnknownPersonError(click.ClickException):
    """There is no such person: printed to stderr, exit code 1."""


class Known(NamedTuple):
    """A person, and its row id unless it has been purged."""

    external_id: str
    row_id: int | None


def enter_team_of(text: str) -> Known:
    """Return the person of a UUID, of whatever team, and work in that team. Raises UnknownPersonError."""
    external_id = text.lower()
    if not is_uuid(external_id):
        raise UnknownPersonError(f"{text!r} is no UUID.")
    if row := _ROW.row(external_id=external_id):
        acting.enter_team(row[1])
        return Known(external_id, row[0])
    if noted := _NOTED.row(external_id=external_id):
        acting.enter_team(None if noted[0] == NO_TEAM else noted[0])
        return Known(external_id, None)
    raise UnknownPersonError(f"There is no person {external_id}.")
