"""The journal: one row for each change of a record, and where it was cut off."""

from datetime import datetime

from sqlalchemy import BigInteger, Index, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from crm.extensions import db
from crm.models.types import ExternalId, Timestamp


class Change(db.Model):  # type: ignore[name-defined, misc]
    """What happened to one record. `team_id` is NO_TEAM for records without a team, as it is on counters.

    Who and by which token is kept by id and name, without foreign keys: it stays as it was, whatever becomes of them.
    """

    __tablename__ = "changes"
    __table_args__ = (Index("ix_changes_record_id_sequence", "record_id", "sequence"),)

    team_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    sequence: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    """Its place in the team's journal, from 1 and without holes, in the order of the commits."""
    id: Mapped[str] = mapped_column(ExternalId)
    """Random: it tells this change from the one that has its place after a backup was restored."""
    type: Mapped[str] = mapped_column(String(50))
    resource: Mapped[str] = mapped_column(String(50))
    record_id: Mapped[str] = mapped_column(ExternalId)
    """The `external_id` of the record."""
    version: Mapped[int] = mapped_column(Integer)
    occurred_at: Mapped[datetime] = mapped_column(Timestamp)
    user_id: Mapped[int | None] = mapped_column(BigInteger)
    user_name: Mapped[str | None] = mapped_column(Text)
    token_id: Mapped[int | None] = mapped_column(BigInteger)
    token_name: Mapped[str | None] = mapped_column(Text)
    request_id: Mapped[str | None] = mapped_column(String(64))
    changed: Mapped[str | None] = mapped_column(Text)
    """The JSON of what differs, from and to; null where the record came, went, or came back."""


class PrunedChanges(db.Model):  # type: ignore[name-defined, misc]
    """For one team: the last change that was removed. Whoever has not read up to it has missed something."""

    __tablename__ = "pruned_changes"

    team_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    sequence: Mapped[int] = mapped_column(BigInteger)
    id: Mapped[str] = mapped_column(ExternalId)
