"""Sample records before they are written, and how they are written: many rows with each statement."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Table, insert

from crm.blueprints.resource import Resource
from crm.records.counters import count_created

BATCH = 1000
Values = dict[str, Any]


@dataclass(slots=True, eq=False)
class Draft:
    """A record to be written: when it was made and last changed, whose it is, and its other columns.

    `members` holds rows of the tables that belong to it, still without its row id. `id` is its row id once written.
    """

    created_at: datetime
    updated_at: datetime
    owner_id: int | None
    values: Values = field(default_factory=dict)
    members: dict[Table, list[Values]] = field(default_factory=dict)
    id: int = 0


def write(
    connection: Connection,
    resource: type[Resource],
    drafts: Sequence[Draft],
    team_id: int | None,
    new_id: Callable[[], str],
) -> Iterator[int]:
    """Write the records of a resource, numbered as they stand; after each batch yield how many it held."""
    table = resource.model.__table__
    number = count_created(connection, team_id, table.name, len(drafts))
    for start in range(0, len(drafts), BATCH):
        batch = drafts[start : start + BATCH]
        rows = [
            {
                **_columns(draft),
                "external_id": new_id(),
                "team_id": team_id,
                **_number(resource, number + start + place),
            }
            for place, draft in enumerate(batch)
        ]
        ids = connection.execute(insert(table).returning(table.c.external_id, table.c.id), rows)
        id_of: dict[str, int] = dict(ids.all())
        for draft, row in zip(batch, rows, strict=True):
            draft.id = id_of[row["external_id"]]
        _write_members(connection, table, batch)
        yield len(batch)


def _columns(draft: Draft) -> Values:
    return {
        **draft.values,
        "user_owner_id": draft.owner_id,
        "created_at": draft.created_at,
        "updated_at": draft.updated_at,
    }


def _number(resource: type[Resource], number: int) -> Values:
    """Return the column of the number that people read, if the resource has one."""
    if resource.model.number is None:
        return {}
    column, prefix = resource.model.number
    return {column: f"{prefix}{number}"}


def _write_members(connection: Connection, records: Any, batch: Sequence[Draft]) -> None:
    """Write the rows that belong to records which have their row ids."""
    for table in dict.fromkeys(table for draft in batch for table in draft.members):
        (key,) = (column.name for column in table.c if column.references(records.c.id))
        rows = [{key: draft.id, **row} for draft in batch for row in draft.members.get(table, ())]
        for start in range(0, len(rows), BATCH):
            connection.execute(insert(table), rows[start : start + BATCH])
