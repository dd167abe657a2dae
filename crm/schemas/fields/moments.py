"""Fields of moments and days."""

import re
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

from crm.schemas.fields.asking import ORDERED
from crm.schemas.fields.base import Field

_DATE = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})")
_TIMESTAMP = re.compile(
    _DATE.pattern + r"T([0-9]{2}):([0-9]{2}):([0-9]{2})(?:\.[0-9]+)?(?:Z|([+-])([0-9]{2}):([0-9]{2}))"
)


class Timestamp(Field):
    """An RFC 3339 timestamp with an offset; read into UTC, a fraction of a second cut off."""

    operators = ORDERED

    def parse(self, value: Any) -> datetime:
        """Return the moment in UTC."""
        match = _TIMESTAMP.fullmatch(value) if isinstance(value, str) else None
        if match is None:
            raise self.make_error("timestamp")
        try:
            return _moment(match).astimezone(UTC)
        except (ValueError, OverflowError):
            raise self.make_error("date") from None


class Day(Field):
    """A date, or a timestamp whose date as written counts; shown as midnight UTC."""

    operators = ORDERED

    def parse(self, value: Any) -> date:
        """Return the date as written."""
        match = (_DATE.fullmatch(value) or _TIMESTAMP.fullmatch(value)) if isinstance(value, str) else None
        if match is None:
            raise self.make_error("date")
        try:
            return date.fromisoformat(value) if match.re is _DATE else _moment(match).date()
        except ValueError:
            raise self.make_error("date") from None

    def show(self, value: Any) -> str:
        """Return a date as the midnight that begins it."""
        return f"{value}T00:00:00+00:00"


def _moment(match: re.Match[str]) -> datetime:
    """Return the aware datetime of a match of _TIMESTAMP. Raises ValueError for an impossible one."""
    *numbers, sign, offset_hours, offset_minutes = match.groups(default="0")
    year, month, day, hour, minute, second = map(int, numbers)
    if int(offset_minutes) > 59:
        raise ValueError("An hour has sixty minutes.")
    offset = timedelta(hours=int(offset_hours), minutes=int(offset_minutes))
    zone = timezone(-offset if sign == "-" else offset)
    return datetime(year, month, day, hour, minute, second, tzinfo=zone)
