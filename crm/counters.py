"""The next number of a team's resource, and how many records it has (contract, section 1).

Both are kept in one row for each team and resource, in the transaction of the record itself: the row lock makes
numbers unique and without holes, and a list knows its total without counting.
"""

from sqlalchemy import Connection, text, update

from crm.models import NO_TEAM, Counter

FIRST_NUMBER = 1001

_COUNT_CREATED = text(
    "INSERT INTO counters (team_id, resource, last_number, live_records)"
    " VALUES (:team_id, :resource, :first_number, 1)"
    " ON CONFLICT (team_id, resource) DO UPDATE"
    " SET last_number = counters.last_number + 1, live_records = counters.live_records + 1"
    " RETURNING last_number"
)


def count_created(connection: Connection, team_id: int | None, resource: str) -> int:
    """Count one more record and return its number. Holds the row lock until the transaction ends."""
    values = {"team_id": team_id or NO_TEAM, "resource": resource, "first_number": FIRST_NUMBER}
    number: int = connection.execute(_COUNT_CREATED, values).scalar_one()
    return number


def count_deleted(connection: Connection, team_id: int | None, resource: str) -> None:
    """Count one record less."""
    of_team = (Counter.team_id == (team_id or NO_TEAM)) & (Counter.resource == resource)
    connection.execute(update(Counter.__table__).where(of_team).values(live_records=Counter.live_records - 1))
