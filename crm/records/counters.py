"""The next number of a team's resource, and how many records it has (contract, section 1).

Both are kept in one row for each team and resource, in the transaction of the record itself: the row lock makes
numbers unique and without holes, and a list knows its total without counting.
"""

from sqlalchemy import BigInteger, cast, func, select, text

from crm.database.query import Query
from crm.models import NO_TEAM, Counter

FIRST_NUMBER = 1001

_COUNT_CREATED = Query(
    text(
        "INSERT INTO counters (team_id, resource, last_number, live_records)"
        " VALUES (:team_id, :resource, :last_number, :how_many)"
        " ON CONFLICT (team_id, resource) DO UPDATE"
        " SET last_number = counters.last_number + :how_many, live_records = counters.live_records + :how_many"
        " RETURNING last_number"
    )
)
_COUNT_LIVE = Query(
    text("UPDATE counters SET live_records = live_records + :more WHERE team_id = :team_id AND resource = :resource")
)
_NUMBERS_GIVEN = Query(select(cast(func.coalesce(func.sum(Counter.last_number), 0), BigInteger)))


def count_created(team_id: int | None, resource: str, how_many: int = 1) -> int:
    """Count new records and return the number of the first. Holds the row lock until the transaction ends."""
    ((last_number,),) = _COUNT_CREATED.rows(
        team_id=team_id or NO_TEAM, resource=resource, last_number=FIRST_NUMBER - 1 + how_many, how_many=how_many
    )
    return int(last_number) - how_many + 1


def count_live(team_id: int | None, resource: str, more: int) -> None:
    """Count so many live records more, or less if `more` is negative."""
    _COUNT_LIVE.execute(team_id=team_id or NO_TEAM, resource=resource, more=more)


def numbers_given() -> int:
    """Return a number that rises with every record of any team and never falls."""
    ((numbers,),) = _NUMBERS_GIVEN.rows()
    return int(numbers)
