"""The answers that are kept for clients who send a request again with its `Idempotency-Key` (beyond, section 13)."""

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, LargeBinary, SmallInteger, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from crm.extensions import db
from crm.models.types import Timestamp

MAX_KEY_LENGTH = 255


class KeptAnswer(db.Model):  # type: ignore[name-defined, misc]
    """The answer to one write. `team_id` is NO_TEAM where there is no team, as it is on counters.

    The row is there from the beginning of the write's transaction, and the answer from its end: nobody sees it without.
    """

    __tablename__ = "kept_answers"

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), primary_key=True, autoincrement=False)
    team_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    key: Mapped[str] = mapped_column(String(MAX_KEY_LENGTH), primary_key=True)
    fingerprint: Mapped[bytes | None] = mapped_column(LargeBinary)
    """The digest of the request; None of one whose body could not be read, which no other request is the same as."""
    status: Mapped[int | None] = mapped_column(SmallInteger)
    etag: Mapped[str | None] = mapped_column(Text)
    location: Mapped[str | None] = mapped_column(Text)
    body: Mapped[bytes | None] = mapped_column(LargeBinary)
    created_at: Mapped[datetime] = mapped_column(Timestamp, index=True)
