"""Teams and who belongs to them (contract, section 4)."""

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from crm.extensions import db
from crm.models.types import PrimaryKey, Timestamp, now


class Team(db.Model):  # type: ignore[name-defined, misc]
    """A group of users with records of its own. Its owner is the member with the role Owner."""

    __tablename__ = "teams"

    id: Mapped[int] = mapped_column(PrimaryKey, primary_key=True)
    name: Mapped[str] = mapped_column(String(255))
    created_at: Mapped[datetime] = mapped_column(Timestamp, default=now)


class Membership(db.Model):  # type: ignore[name-defined, misc]
    """One user in one team, with the role held there."""

    __tablename__ = "memberships"

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), primary_key=True)
    team_id: Mapped[int] = mapped_column(ForeignKey("teams.id"), primary_key=True)
    role: Mapped[str] = mapped_column(String(50))
