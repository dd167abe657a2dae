"""The counters from which records take their numbers and lists their totals."""

from sqlalchemy import BigInteger, String
from sqlalchemy.orm import Mapped, mapped_column

from crm.extensions import db

NO_TEAM = 0
"""The `team_id` of the counters of records that have no team: a key column cannot be null."""


class Counter(db.Model):  # type: ignore[name-defined, misc]
    """For one team and one resource: the last number given, and how many live records there are."""

    __tablename__ = "counters"

    team_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    resource: Mapped[str] = mapped_column(String(50), primary_key=True)
    last_number: Mapped[int] = mapped_column(BigInteger)
    live_records: Mapped[int] = mapped_column(BigInteger)
