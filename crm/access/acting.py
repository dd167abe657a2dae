"""Who is acting: the caller, the team that is worked in, and the caller's role there.

Kept for one request, or one command of the command line. This is the only place that sets them.
"""

from datetime import datetime
from typing import NamedTuple

from flask import g

from crm.database.connections import see_team


class Caller(NamedTuple):
    """The user behind a request, and the token that was used."""

    token_id: int
    token_name: str
    abilities: tuple[str, ...]
    expires_at: datetime | None
    """When the token does."""
    id: int
    name: str
    email: str
    crm_access: bool
    role: str
    current_team_id: int | None


def act_as(found: Caller | None) -> None:
    """Say whose request it is; None if no valid token was sent."""
    g.crm_caller = found


def caller_if_any() -> Caller | None:
    """Return the caller, or None without a valid token and on the command line."""
    found: Caller | None = g.get("crm_caller")
    return found


def caller_id() -> int | None:
    """Return the caller's row id, or None without a valid token and on the command line."""
    found = caller_if_any()
    return found.id if found else None


def caller() -> Caller:
    """Return the caller of a request that `require_user` or `require_token` has let pass."""
    if (found := caller_if_any()) is None:
        raise LookupError("Nobody is acting: this runs behind require_token only.")
    return found


def who() -> dict[str, int | None]:
    """Return who is acting, and in which team, as log lines name them: by row ids, null for what there is none of."""
    found = caller_if_any()
    return {
        "user_id": found.id if found else None,
        "team_id": g.get("crm_team_id"),
        "token_id": found.token_id if found else None,
    }


def enter_team(team_id: int | None, role: str | None = None) -> None:
    """Say which team is worked in, None outside teams mode, and which role the caller has there."""
    g.crm_team_id, g.crm_role = team_id, role
    see_team(team_id)


def team_id() -> int | None:
    """Return the row id of the team that is worked in, None outside teams mode."""
    found: int | None = g.crm_team_id
    return found


def role() -> str | None:
    """Return the caller's role in it, None on the command line."""
    found: str | None = g.get("crm_role")
    return found
