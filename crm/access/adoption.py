"""Turning teams on: with the first team, writing without one ends, and the team may take over what has none.

A server that runs without teams does not notice by itself (contract, section 4). So the first statement of each of its
writes asks whether there is a team, and keeps `teams` locked until the write is committed. Who makes the first team
locks that table against them: those under way are waited for, and whoever comes later sees the team.
"""

from typing import NoReturn

from flask import current_app
from sqlalchemy import ColumnElement, Connection, select, true, update
from werkzeug.exceptions import ServiceUnavailable

from crm.database.faults import RETRY_SECONDS
from crm.database.locks import lock_table
from crm.http.idempotency import oldest_kept
from crm.models import (
    NO_TEAM,
    RECORDS,
    SOUGHT_DETAILS,
    Change,
    Counter,
    ExternalKey,
    KeptAnswer,
    PrunedChanges,
    Team,
    Webhook,
)

NO_TEAM_YET: ColumnElement[bool] = ~select(Team.id).with_for_update(read=True, key_share=True).exists()
"""The condition that there is no team. Asking keeps others from making the first one until the transaction ends."""


def may_write() -> ColumnElement[bool]:
    """Return the condition that the application may write records: in teams mode always, else while there is no team.

    Needs an application's context, as `crm.access.scope.visible` does.
    """
    return true() if current_app.config["TEAMS"] else NO_TEAM_YET


def refuse_write() -> NoReturn:
    """Tell the operator why nothing more can be written. Raises ServiceUnavailable."""
    current_app.logger.error(
        "Nothing can be written: the database holds a team, and this server runs without teams."
        " Set CRM_TEAMS=true and start it again."
    )
    raise ServiceUnavailable(retry_after=RETRY_SECONDS)


def end_writes_without_team(connection: Connection) -> None:
    """Before a team is made: if it is the first, wait for all writes without one and let no other begin."""
    if connection.scalar(select(Team.id).limit(1)) is None:
        lock_table(connection, Team.__tablename__, "EXCLUSIVE")


def adopt_records(connection: Connection, team_id: int) -> None:
    """Give a new team all records without one, and what names their team: changes, keys, counters, webhooks.

    Numbers go on where they were. Answers past their time are left: one may be locked by a write whose key is used
    anew, and which waits for the team.
    """
    for model in RECORDS:
        connection.execute(update(model.__table__).where(model.team_id.is_(None)).values(team_id=team_id))
    of_models = (model.__table__ for model in (Counter, Change, PrunedChanges, ExternalKey, Webhook))
    for kept in (*of_models, *SOUGHT_DETAILS):
        connection.execute(update(kept).where(kept.c.team_id == NO_TEAM).values(team_id=team_id))
    answers = update(KeptAnswer).where(KeptAnswer.team_id == NO_TEAM, KeptAnswer.created_at >= oldest_kept())
    connection.execute(answers.values(team_id=team_id))
