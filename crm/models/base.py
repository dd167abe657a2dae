"""What every record of the eight resources has."""

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import ForeignKey, Index, Integer, Text, text
from sqlalchemy.orm import Mapped, declared_attr, mapped_column

from crm.extensions import db
from crm.models.indexes import add_record_indexes
from crm.models.types import ExternalId, PrimaryKey, Timestamp, new_external_id, now


def unique_by_team(table: str, *columns: str, among: str = "") -> tuple[Index, Index]:
    """Return the indexes of rows that are unique in their team: one of those that have a team, one of the others.

    To a unique index no null is equal to another. `among` is the SQL of what else holds for the rows that count.
    """
    also = f" AND {among}" if among else ""
    return (
        _unique_index(table, ("team_id", *columns), f"team_id IS NOT NULL{also}"),
        _unique_index(table, columns, f"team_id IS NULL{also}"),
    )


def _unique_index(table: str, columns: tuple[str, ...], where: str) -> Index:
    name = "_".join(("uq", table, *columns))
    return Index(name, *columns, unique=True, postgresql_where=text(where), sqlite_where=text(where))


class Identified:
    """A row that clients know by its UUID."""

    id: Mapped[int] = mapped_column(PrimaryKey, primary_key=True)
    external_id: Mapped[str] = mapped_column(ExternalId, unique=True, default=new_external_id)


class OfTeam:
    """A row of one team; without a team where teams are off or, in a look-up table, for all teams."""

    shared_without_team = False

    team_id: Mapped[int | None] = mapped_column(ForeignKey("teams.id"))
    deleted_at: Mapped[datetime | None] = mapped_column(Timestamp)


class Timestamped:
    """A row that knows when it was made and last changed."""

    created_at: Mapped[datetime] = mapped_column(Timestamp, default=now)
    updated_at: Mapped[datetime] = mapped_column(Timestamp, default=now)


class Record(Identified, OfTeam, Timestamped, db.Model):  # type: ignore[name-defined, misc]
    """A row of one of the resources. No request removes it: `deleted_at` hides it."""

    __abstract__ = True

    number: ClassVar[tuple[str, str] | None] = None
    """The column of the number that people read, and its prefix."""

    sorts: ClassVar[tuple[str, ...]] = ()
    """The columns that lists are often sorted by, beside the times: each has an index."""

    user_owner_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    version: Mapped[int] = mapped_column(Integer, default=1, server_default="1")
    """1 when it is made, one more with every change of the record itself."""

    search_text: Mapped[str] = mapped_column(Text, default="", server_default="")
    """The record's own text as it is searched, each on a line of its own. It is never shown."""

    @classmethod
    def indexed(cls) -> frozenset[str]:
        """Return the columns in whose order an index of the table is."""
        return frozenset((*cls.sorts, "created_at", "updated_at"))

    def __init_subclass__(cls, **options: Any) -> None:
        """Give the table of a resource its indexes, once it is there."""
        super().__init_subclass__(**options)
        if "__table__" in vars(cls):
            add_record_indexes(cls.__table__, (*cls.sorts, "updated_at"))

    @declared_attr.directive
    @classmethod
    def __table_args__(cls) -> tuple[Index, ...]:
        return unique_by_team(cls.__tablename__, cls.number[0]) if cls.number else ()
