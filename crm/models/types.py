"""Column types that mean the same on SQLite and on PostgreSQL."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from sqlalchemy import BigInteger, DateTime, Integer, String, Text, Uuid
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator, TypeEngine

PrimaryKey = BigInteger().with_variant(Integer, "sqlite")
"""A 64-bit row id; SQLite counts by itself only in a column it calls INTEGER."""

_UUID = re.compile("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE | re.ASCII)

_MOST_DIGITS = 18

ExternalId = Uuid(as_uuid=False).with_variant(String(36), "sqlite")
"""The UUID that clients see, as canonical text."""

Cents = BigInteger
"""An amount of money in cents."""

Quantity = BigInteger
"""How much of something, in ten-thousandths."""


class Timestamp(TypeDecorator[datetime]):
    """A moment in UTC to the second; on SQLite the text that the JSON shows, which sorts as time does."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Return how the database keeps it."""
        return dialect.type_descriptor(String(25) if dialect.name == "sqlite" else DateTime(timezone=True))

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        """Return what the driver takes: UTC, a fraction of a second cut off."""
        if value is None:
            return None
        value = value.astimezone(UTC).replace(microsecond=0)
        return value.isoformat() if dialect.name == "sqlite" else value

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        """Return an aware datetime."""
        return datetime.fromisoformat(value) if isinstance(value, str) else value


class Words(TypeDecorator[tuple[str, ...]]):
    """Words without white space, kept as text with a space between."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Sequence[str] | None, dialect: Dialect) -> str | None:
        """Return what the driver takes."""
        return None if value is None else " ".join(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> tuple[str, ...] | None:
        """Return the words."""
        return None if value is None else tuple(value.split())


def is_uuid(text: str) -> bool:
    """Tell whether a text is a UUID in its canonical form, in either case."""
    return bool(_UUID.fullmatch(text))


def row_id_of(text: str) -> int | None:
    """Return the row id that a text of a path is, None if it can be none."""
    is_number = text.isascii() and text.isdecimal() and len(text) <= _MOST_DIGITS
    return int(text) if is_number else None


def now() -> datetime:
    """Return the current time in UTC."""
    return datetime.now(UTC)


def new_external_id() -> str:
    """Return a new random UUID as text."""
    return str(uuid4())
