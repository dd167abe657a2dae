"""Users, and the bearer tokens that they hold."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from crm.extensions import db
from crm.models.types import PrimaryKey, Timestamp, Words, now

MIN_PASSWORD_LENGTH = 12
MAX_PASSWORD_LENGTH = 1000

ALL_ABILITIES = "*"
"""The ability that is all of them: such a token may do whatever its user may."""

_NOT_REMOVED = text("removed_at IS NULL")


class User(db.Model):  # type: ignore[name-defined, misc]
    """A person who may sign in. `role` counts outside teams mode; in it, the membership's does.

    One who was removed stays as the owner of records, and the address may be another's.
    """

    __tablename__ = "users"
    __table_args__ = (
        Index("uq_users_email", "email", unique=True, postgresql_where=_NOT_REMOVED, sqlite_where=_NOT_REMOVED),
    )

    id: Mapped[int] = mapped_column(PrimaryKey, primary_key=True)
    name: Mapped[str] = mapped_column(String(255))
    email: Mapped[str] = mapped_column(String(255))  # lower case: compared without case
    password_hash: Mapped[str] = mapped_column(String(255))
    role: Mapped[str] = mapped_column(String(50))
    crm_access: Mapped[bool]
    current_team_id: Mapped[int | None] = mapped_column(ForeignKey("teams.id"))
    created_at: Mapped[datetime] = mapped_column(Timestamp, default=now)
    removed_at: Mapped[datetime | None] = mapped_column(Timestamp)


class Token(db.Model):  # type: ignore[name-defined, misc]
    """A bearer token, of which only the SHA-256 of its secret is kept."""

    __tablename__ = "tokens"

    id: Mapped[int] = mapped_column(PrimaryKey, primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    name: Mapped[str] = mapped_column(String(255))
    secret_hash: Mapped[str] = mapped_column(String(64))
    abilities: Mapped[tuple[str, ...]] = mapped_column(Words, default=(ALL_ABILITIES,), server_default=ALL_ABILITIES)
    created_at: Mapped[datetime] = mapped_column(Timestamp, default=now)
    last_used_at: Mapped[datetime | None] = mapped_column(Timestamp)
    expires_at: Mapped[datetime | None] = mapped_column(Timestamp)
