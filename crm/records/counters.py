"""The next number of a team's resource, and how many records it has (contract, section 1).

Both are kept in one row for each team and resource, in the transaction of the record itself: the row lock makes
numbers unique and without holes, and a list knows its total without counting.
"""

from sqlalchemy import BigInteger, bindparam, cast, func, or_, select, text
from sqlalchemy.dialects.postgresql import insert  # SQLite's is the same SQL

from crm.access.adoption import NO_TEAM_YET, refuse_write
from crm.database.query import Query
from crm.models import NO_TEAM, Counter

FIRST_NUMBER = 1001

_COUNTERS = Counter.__table__
_TEAM_ID, _, _, _MORE = _CREATED = [bindparam(each.name, type_=each.type) for each in _COUNTERS.c]
_COUNT_CREATED = Query(
    insert(_COUNTERS)
    .from_select(list(_COUNTERS.c), select(*_CREATED).where(or_(_TEAM_ID != NO_TEAM, NO_TEAM_YET)))
    .on_conflict_do_update(
        index_elements=_COUNTERS.primary_key,
        set_={"last_number": _COUNTERS.c.last_number + _MORE, "live_records": _COUNTERS.c.live_records + _MORE},
    )
    .returning(_COUNTERS.c.last_number)
)
_COUNT_LIVE = Query(
    text("UPDATE counters SET live_records = live_records + :more WHERE team_id = :team_id AND resource = :resource")
)
_NUMBERS_GIVEN = Query(select(cast(func.coalesce(func.sum(Counter.last_number), 0), BigInteger)))


def count_created(team_id: int | None, resource: str, how_many: int = 1) -> int:
    """Count new records and return the number of the first. Holds the row lock until the transaction ends."""
    row = _COUNT_CREATED.row(
        team_id=team_id or NO_TEAM, resource=resource, last_number=FIRST_NUMBER - 1 + how_many, live_records=how_many
    )
    if row is None:
        refuse_write()
    return int(row[0]) - how_many + 1


def count_live(team_id: int | None, resource: str, more: int) -> None:
    """Count so many live records more, or less if `more` is negative."""
    _COUNT_LIVE.execute(team_id=team_id or NO_TEAM, resource=resource, more=more)


def numbers_given() -> int:
    """Return a number that rises with every record of any team and never falls."""
    ((numbers,),) = _NUMBERS_GIVEN.rows()
    return int(numbers)
