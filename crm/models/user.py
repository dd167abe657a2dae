"""Users, and the bearer tokens that they hold."""

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from crm.extensions import db
from crm.models.types import PrimaryKey, Timestamp, now

MIN_PASSWORD_LENGTH = 12
MAX_PASSWORD_LENGTH = 1000


class User(db.Model):  # type: ignore[name-defined, misc]
    """A person who may sign in. `role` counts outside teams mode; in it, the membership's does."""

    __tablename__ = "users"

    id: Mapped[int] = mapped_column(PrimaryKey, primary_key=True)
    name: Mapped[str] = mapped_column(String(255))
    email: Mapped[str] = mapped_column(String(255), unique=True)  # lower case: compared without case
    password_hash: Mapped[str] = mapped_column(String(255))
    role: Mapped[str] = mapped_column(String(50))
    crm_access: Mapped[bool]
    current_team_id: Mapped[int | None] = mapped_column(ForeignKey("teams.id"))
    created_at: Mapped[datetime] = mapped_column(Timestamp, default=now)


class Token(db.Model):  # type: ignore[name-defined, misc]
    """A bearer token, of which only the SHA-256 of its secret is kept."""

    __tablename__ = "tokens"

    id: Mapped[int] = mapped_column(PrimaryKey, primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    name: Mapped[str] = mapped_column(String(255))
    secret_hash: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime] = mapped_column(Timestamp, default=now)
    last_used_at: Mapped[datetime | None] = mapped_column(Timestamp)
    expires_at: Mapped[datetime | None] = mapped_column(Timestamp)
