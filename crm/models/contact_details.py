"""How people and organizations are reached: their e-mail addresses, phone numbers and postal addresses, in order.

E-mail addresses and phone numbers are looked for. So each has a `key`, by which two of them are the same, and its row
names the team of its record, NO_TEAM for none: the index finds those of one team, however many there are elsewhere.
"""

from typing import Any

from sqlalchemy import BigInteger, Boolean, Column, ForeignKey, Index, Integer, String, Table, Text

from crm.extensions import db
from crm.models.base import Record

PARTS = ("line1", "line2", "line3", "city", "state", "code")
"""The parts of a postal address, beside its country."""


def email_table(model: type[Record]) -> Table:
    """Return the table of the e-mail addresses of `model`; the key is the address without case."""
    return _sought(f"{model.__tablename__}_emails", model, Column("address", String(255), nullable=False))


def phone_table(model: type[Record]) -> Table:
    """Return the table of the phone numbers of `model`; the key are the digits, null if there are none."""
    return _sought(f"{model.__tablename__}_phones", model, Column("number", String(50), nullable=False))


def address_table(model: type[Record]) -> Table:
    """Return the table of the postal addresses of `model`; `country` is two letters in upper case."""
    parts = (Column(name, String(255)) for name in PARTS)
    return _table(f"{model.__tablename__}_addresses", model, *parts, Column("country", String(2)))


def _sought(name: str, model: type[Record], value: Column[Any]) -> Table:
    team = Column("team_id", BigInteger, nullable=False)
    key = Column("key", Text)
    found = Index(f"ix_{name}_key", "team_id", "key", "record_id")
    return _table(name, model, team, value, key, found)


def _table(name: str, model: type[Record], *particular: Column[Any] | Index) -> Table:
    """Return a table of details; `position` counts from 1."""
    return Table(
        name,
        db.metadata,
        Column("record_id", ForeignKey(model.id), primary_key=True),
        Column("position", Integer, primary_key=True, autoincrement=False),
        *particular,
        Column("type", String(50)),
        Column("primary", Boolean, nullable=False),
    )
