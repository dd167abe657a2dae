"""The team that a command works in: named where there are teams, and only there."""

from flask import current_app
from sqlalchemy import bindparam, select

from crm.access import acting
from crm.access.accounts import AccountError
from crm.database.query import Query
from crm.models import Team

_TEAM = Query(select(Team.id).where(Team.id == bindparam("team_id")))


def enter_named_team(team_id: int | None) -> None:
    """Work in the team that `--team` names. Raises AccountError if that is missing, not asked for, or unknown."""
    if not current_app.config["TEAMS"]:
        if team_id is not None:
            raise AccountError("--team is for teams mode (CRM_TEAMS=true).")
    elif team_id is None:
        raise AccountError("In teams mode, name the team whose data it is: --team ID.")
    elif _TEAM.row(team_id=team_id) is None:
        raise AccountError(f"There is no team {team_id}.")
    acting.enter_team(team_id)
