"""Own keys: what other systems call a record (beyond, section 14)."""

from sqlalchemy import BigInteger, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from crm.extensions import db


class ExternalKey(db.Model):  # type: ignore[name-defined, misc]
    """The key of one live record in one other system, the source: it names that record alone in its team and resource.

    `team_id` is NO_TEAM for records without a team, as it is on counters.

    The index of records begins with them: by the resource, which nearly all rows may share, PostgreSQL would look a key
    up in it as long as it has no statistics.
    """

    __tablename__ = "external_keys"
    __table_args__ = (Index("uq_external_keys_record", "record_id", "resource", "source", unique=True),)

    team_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    resource: Mapped[str] = mapped_column(String(50), primary_key=True)
    key: Mapped[str] = mapped_column(String(255), primary_key=True)
    source: Mapped[str] = mapped_column(String(40), primary_key=True)
    record_id: Mapped[int] = mapped_column(BigInteger)
    """The row id of the record."""
