"""The next number of a team's resource, and how many records it has (contract, section 1).

Both are kept in one row for each team and resource, in the transaction of the record itself: the row lock makes
numbers unique and without holes, and a list knows its total without counting.
"""

from sqlalchemy import Connection, func, select, text

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
_COUNT_DELETED = Query(
    text("UPDATE counters SET live_records = live_records - 1 WHERE team_id = :team_id AND resource = :resource")
)


def count_created(connection: Connection, team_id: int | None, resource: str, how_many: int = 1) -> int:
    """Count more records and return the number of the first. Holds the row lock until the transaction ends."""
    before_first = FIRST_NUMBER - 1
    ((last_number,),) = _COUNT_CREATED.execute(
        connection,
        team_id=team_id or NO_TEAM,
        resource=resource,
        last_number=before_first + how_many,
        how_many=how_many,
    )
    return int(last_number) - how_many + 1


def count_deleted(connection: Connection, team_id: int | None, resource: str) -> None:
    """Count one record less."""
    _COUNT_DELETED.execute(connection, team_id=team_id or NO_TEAM, resource=resource)


def numbers_given(connection: Connection) -> int:
    """Return a number that rises with every record of any team and never falls."""
    return int(connection.execute(select(func.coalesce(func.sum(Counter.last_number), 0))).scalar_one())
