"""Where in a team's journal a follower is: at the last change that it has read.

A cursor is that position as a signed text, with the team that it is good for, and with the change that was the latest
by then: records that were shown beside the changes may be as it left them. Of a change it holds the random id beside
the sequence: after a backup was restored the same sequence may belong to another change.
"""

from typing import NamedTuple

from crm.access.scope import team_key
from crm.http.signed import sign, unsign

_PURPOSE = "changes"


class Position(NamedTuple):
    """A change by its sequence and random id."""

    sequence: int
    id: str


START = Position(0, "")
"""Where whoever has read nothing is, while nothing has been removed."""


class Bookmark(NamedTuple):
    """What a cursor stands for: the last change that was read, and the latest that there was then."""

    read: Position
    latest: Position

    def cursor(self) -> str:
        """Return the cursor, for the journal of the request's team."""
        return sign([team_key(), *self.read, *self.latest], _PURPOSE)


def bookmark_of(cursor: str) -> Bookmark:
    """Return what a cursor stands for. Raises ValueError for a forged one, and for another team's."""
    team_id, sequence, change_id, latest_sequence, latest_id = unsign(cursor, _PURPOSE)
    if team_id != team_key():
        raise ValueError("The cursor is another team's.")
    return Bookmark(Position(sequence, change_id), Position(latest_sequence, latest_id))
