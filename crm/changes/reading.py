"""Changes as the API shows them, and the history of one record."""

import orjson
from sqlalchemy import BigInteger, bindparam, func, select

from crm.access.scope import in_team
from crm.database.projection import Json
from crm.database.query import Query, Row
from crm.models import Change

SHOWN = (
    Change.sequence,
    Change.type,
    Change.resource,
    Change.record_id,
    Change.version,
    Change.occurred_at,
    Change.user_id,
    Change.user_name,
    Change.token_id,
    Change.token_name,
    Change.request_id,
    Change.changed,
)
"""The columns from which a change is shown."""

_OF_RECORD = (*in_team(Change), Change.record_id == bindparam("record_id"))
_COUNT = Query(select(func.count()).select_from(Change).where(*_OF_RECORD))
_HISTORY = Query(
    select(*SHOWN)
    .where(*_OF_RECORD)
    .order_by(Change.sequence.desc())
    .limit(bindparam("limit", type_=BigInteger))
    .offset(bindparam("offset", type_=BigInteger))
)


def history(record_id: str, limit: int, offset: int) -> tuple[list[Json], int]:
    """Return changes of a record, the newest first, and how many there are in all."""
    total = _COUNT.rows(record_id=record_id)[0][0]
    if offset >= total:
        return [], total
    return [shown(row) for row in _HISTORY.rows(record_id=record_id, limit=limit, offset=offset)], total


def shown(row: Row) -> Json:
    """Return the JSON of a row of SHOWN."""
    sequence, kind, resource, record_id, version, occurred_at, *who, request_id, changed = row
    user_id, user_name, token_id, token_name = who
    return {
        "sequence": sequence,
        "type": kind,
        "resource": resource,
        "record_id": record_id,
        "version": version,
        "occurred_at": occurred_at,
        "user": None if user_id is None else {"id": user_id, "name": user_name},
        "token": None if token_id is None else {"id": token_id, "name": token_name},
        "request_id": request_id,
        "changed": None if changed is None else orjson.Fragment(changed),
    }
