"""The kinds of scalar values on the wire: how each is read from JSON (contract, section 1) and shown.

A message names its field as `:field`; `errors_by_path` of `crm.schemas.base` puts the whole path in its place.
"""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import ROUND_HALF_UP, Decimal
from operator import itemgetter
from typing import TYPE_CHECKING, Any

import orjson
from marshmallow import fields, missing, validate
from marshmallow.exceptions import ValidationError
from sqlalchemy import FromClause

from crm.query import Row

if TYPE_CHECKING:
    from crm.projection import Projection

Reader = Callable[[Row], Any]
"""Takes one value of the JSON out of a row of the projection's SELECT."""

MAX_INTEGER = 2147483647
UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE | re.ASCII)
SELECTED = "The selected :field is invalid."
_EXACT_IN_FLOAT = 10**15
_DIGITS = re.compile(r"-?[0-9]+")
_DECIMAL = re.compile(r"-?[0-9]+(\.[0-9]+)?")
_DATE = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})")
_TIMESTAMP = re.compile(
    _DATE.pattern + r"T([0-9]{2}):([0-9]{2}):([0-9]{2})(?:\.[0-9]+)?(?:Z|([+-])([0-9]{2}):([0-9]{2}))"
)


class Field(fields.Field[Any]):
    """What all fields share: strings are trimmed, a blank one is null, and a required field may not be null.

    `create_only` fields are ignored on update; with `keep_on_null` a null is the same as an absent field.
    """

    default_error_messages = {  # noqa: RUF012 (marshmallow declares it so)
        "required": "The :field field is required.",
        "null": "The :field field is required.",
        "string": "The :field field must be a string.",
        "number": "The :field field must be a number.",
        "integer": "The :field field must be an integer.",
        "boolean": "The :field field must be true or false.",
        "array": "The :field field must be an array.",
        "uuid": "The :field field must be a valid UUID.",
        "date": "The :field field must be a valid date.",
        "timestamp": "The :field field must be an ISO-8601 timestamp with a timezone offset.",
        "email": "The :field field must be a valid email address.",
        "selected": SELECTED,
        "min": "The :field field must be at least {min}.",
        "max_length": "The :field field must not be greater than {length} characters.",
        "length": "The :field field must be {length} characters.",
    }

    trimmed = True

    def __init__(self, *, create_only: bool = False, keep_on_null: bool = False, **kwargs: Any):
        super().__init__(allow_none=not kwargs.get("required"), **kwargs)
        self.create_only = create_only
        self.keep_on_null = keep_on_null

    def deserialize(self, value: Any, *args: Any, **kwargs: Any) -> Any:
        """Return the Python value of a JSON value. Raises ValidationError."""
        if self.trimmed and isinstance(value, str):
            value = value.strip()
        if value == "":
            value = None
        if value is None and self.keep_on_null:
            if self.root and self.root.partial:
                return missing
            value = missing
        return super().deserialize(value, *args, **kwargs)

    def parse(self, value: Any) -> Any:
        """Return the Python value of a JSON value that is neither absent nor null. Raises ValidationError."""
        return value

    def _deserialize(self, value: Any, *_args: Any, **_kwargs: Any) -> Any:
        return self.parse(value)

    def project(self, projection: "Projection", table: FromClause) -> Reader:
        """Add to a projection what showing this field takes, and return its reader."""
        position = projection.add(table.c[self.attribute or str(self.name)])
        if type(self).show is Field.show:
            return itemgetter(position)
        show = self.show
        return lambda row: None if row[position] is None else show(row[position])

    def show(self, value: Any) -> Any:
        """Return the JSON form of a stored value that is not null."""
        return value


class UuidField(Field):
    """A UUID in its canonical form."""

    def parse(self, value: Any) -> Any:
        """Return the UUID in lower case."""
        if not (isinstance(value, str) and UUID.fullmatch(value)):
            raise self.make_error("uuid")
        return value.lower()


class ExternalId(UuidField):
    """The UUID by which clients know a row."""

    def __init__(self, *, dump_only: bool = True):
        super().__init__(attribute="external_id", dump_only=dump_only)


class Text(Field):
    """A string of at most `max_length` characters, kept exactly but for surrounding space."""

    def __init__(self, *, max_length: int | None = None, **kwargs: Any):
        super().__init__(**kwargs)
        self.max_length = max_length

    def parse(self, value: Any) -> str:
        """Return the string itself."""
        if not isinstance(value, str) or "\0" in value or not _is_unicode(value):
            raise self.make_error("string")
        if self.max_length is not None and len(value) > self.max_length:
            raise self.make_error("max_length", length=self.max_length)
        return value


class FullName(Field):
    """First and last name in one; null if there is neither."""

    def __init__(self) -> None:
        super().__init__(dump_only=True)

    def project(self, projection: "Projection", table: FromClause) -> Reader:
        """Read both names and join what there is."""
        first, last = projection.add(table.c.first_name), projection.add(table.c.last_name)
        return lambda row: " ".join(filter(None, (row[first], row[last]))) or None


class Password(Text):
    """A string taken as sent."""

    trimmed = False


class Email(Text):
    """An email address."""

    def parse(self, value: Any) -> str:
        """Return the address as sent."""
        address = super().parse(value)
        try:
            return validate.Email()(address)
        except ValidationError:
            raise self.make_error("email") from None


class Currency(Text):
    """Three ASCII letters, kept in upper case. Null counts as absent."""

    def __init__(self, **kwargs: Any):
        super().__init__(keep_on_null=True, **kwargs)

    def parse(self, value: Any) -> str:
        """Return the code in upper case."""
        code = super().parse(value)
        if len(code) != 3:
            raise self.make_error("length", length=3)
        if not (code.isascii() and code.isalpha()):
            raise self.make_error("selected")
        return code.upper()


class Integer(Field):
    """A whole number within 32 bits, and at least `min`."""

    def __init__(self, *, min: int = -MAX_INTEGER - 1, **kwargs: Any):
        super().__init__(**kwargs)
        self.min = min

    def parse(self, value: Any) -> int:
        """Return the number."""
        if isinstance(value, str) and _DIGITS.fullmatch(value):
            value = Decimal(value)
        if not _is_number(value) or not -MAX_INTEGER - 1 <= value <= MAX_INTEGER or value != int(value):
            raise self.make_error("integer")
        if value < self.min:
            raise self.make_error("min", min=self.min)
        return int(value)


class Boolean(Field):
    """True or false. Null counts as absent."""

    def __init__(self, **kwargs: Any):
        super().__init__(keep_on_null=True, **kwargs)

    def parse(self, value: Any) -> bool:
        """Return the truth value."""
        if value in ("0", "1") or (type(value) in (bool, int) and value in (0, 1)):
            return bool(int(value))
        raise self.make_error("boolean")

    def show(self, value: Any) -> bool:
        """Return the truth of a stored value, which SQLite keeps as a number."""
        return bool(value)


class Scaled(Field):
    """A decimal number kept exactly as an integer of its smallest `unit`, rounded half up."""

    unit: Decimal
    maximum: Decimal

    def __init__(self, *, min: int | None = None, **kwargs: Any):
        super().__init__(**kwargs)
        self.min = min
        self.scale = int(1 / self.unit)

    def parse(self, value: Any) -> int:
        """Return the number in units, rounded half up (away from zero)."""
        if not _is_number(value) and not (isinstance(value, str) and _DECIMAL.fullmatch(value)):
            raise self.make_error("number")
        number = Decimal(value)
        if not -self.maximum - 1 < number < self.maximum + 1:  # no arithmetic before: 1e999999999 is a number, too
            raise self.make_error("number")
        units = int(number.quantize(self.unit, ROUND_HALF_UP) * self.scale)
        if self.min is not None and units < self.min * self.scale:
            raise self.make_error("min", min=self.min)
        if abs(units) > self.maximum * self.scale:
            raise self.make_error("number")
        return units

    def show(self, value: int) -> float | orjson.Fragment:
        """Return the exact decimal: as the nearest float, as whose shortest form up to 15 digits are written."""
        if -_EXACT_IN_FLOAT < value < _EXACT_IN_FLOAT:
            return value / self.scale
        return orjson.Fragment(str(value * self.unit))


class Money(Scaled):
    """Dollars on the wire, cents in storage (contract, section 1)."""

    unit = Decimal("0.01")
    maximum = Decimal("9999999999999.99")


class Percent(Scaled):
    """A percentage on the wire, ten-thousandths of a percent in storage."""

    unit = Decimal("0.0001")
    maximum = Decimal(1000)


class Timestamp(Field):
    """An RFC 3339 timestamp with an offset; read into UTC, a fraction of a second cut off."""

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


def _is_number(value: Any) -> bool:
    return isinstance(value, int | Decimal) and not isinstance(value, bool)


def _is_unicode(text: str) -> bool:
    """Tell whether a text can be written as UTF-8, which a lone surrogate cannot."""
    try:
        return text.isascii() or bool(text.encode())
    except UnicodeEncodeError:
        return False


def _moment(match: re.Match[str]) -> datetime:
    """Return the aware datetime of a match of _TIMESTAMP. Raises ValueError for an impossible one."""
    *numbers, sign, offset_hours, offset_minutes = match.groups(default="0")
    year, month, day, hour, minute, second = map(int, numbers)
    if int(offset_minutes) > 59:
        raise ValueError("An hour has sixty minutes.")
    offset = timedelta(hours=int(offset_hours), minutes=int(offset_minutes))
    zone = timezone(-offset if sign == "-" else offset)
    return datetime(year, month, day, hour, minute, second, tzinfo=zone)
