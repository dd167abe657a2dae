"""Fields of numbers and truth values."""

import re
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal
from typing import Any

import orjson

from crm.http.arguments import STRICT_TRUTH_VALUES
from crm.schemas.fields.asking import ORDERED, TRUTH
from crm.schemas.fields.base import Field

MAX_INTEGER = 2147483647
_VAST = Decimal(10**18)
_EXACT_IN_FLOAT = 10**15
_DIGITS = re.compile(r"-?[0-9]+")
_DECIMAL = re.compile(r"-?[0-9]+(\.[0-9]+)?")


class Integer(Field):
    """A whole number within 32 bits, and at least `min`."""

    operators: tuple[str, ...] = ORDERED

    def __init__(self, *, min: int = -MAX_INTEGER - 1, **kwargs: Any):
        super().__init__(**kwargs)
        self.min = min

    def ask(self, text: str) -> int:
        """Return the number, whatever its bounds."""
        if not _DIGITS.fullmatch(text):
            raise self.make_error("integer")
        return _within(Decimal(text))

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

    operators = TRUTH

    def __init__(self, **kwargs: Any):
        super().__init__(keep_on_null=True, **kwargs)

    def parse(self, value: Any) -> bool:
        """Return the truth value."""
        if value in ("0", "1") or (type(value) in (bool, int) and value in (0, 1)):
            return bool(int(value))
        raise self.make_error("boolean")

    def ask(self, text: str) -> bool:
        """Return the truth value."""
        if text not in STRICT_TRUTH_VALUES:
            raise self.make_error("boolean")
        return STRICT_TRUTH_VALUES[text]

    def show(self, value: Any) -> bool:
        """Return the truth of a stored value, which SQLite keeps as a number."""
        return bool(value)


class Scaled(Field):
    """A decimal number kept exactly as an integer of its smallest `unit`, rounded half up."""

    operators = ORDERED
    unit: Decimal
    maximum: Decimal

    def __init__(self, *, min: int | Decimal | None = None, **kwargs: Any):
        super().__init__(**kwargs)
        self.min = min
        self.scale = int(1 / self.unit)

    def parse(self, value: Any) -> int:
        """Return the number in units, rounded half up (away from zero)."""
        number = self.number(value)
        if not -self.maximum - 1 < number < self.maximum + 1:  # no arithmetic before: 1e999999999 is a number, too
            raise self.make_error("number")
        units = int(number.quantize(self.unit, ROUND_HALF_UP) * self.scale)
        if self.min is not None and units < self.min * self.scale:
            raise self.make_error("min", min=self.min)
        if abs(units) > self.maximum * self.scale:
            raise self.make_error("number")
        return units

    def ask(self, text: str) -> int:
        """Return the number in units, rounded half up (away from zero), whatever its bounds."""
        number = self.number(text)
        if abs(number) >= _VAST:
            return _within(number)
        return _within(number.quantize(self.unit, ROUND_HALF_UP) * self.scale)

    def number(self, value: Any) -> Decimal:
        """Return the number as sent. Raises ValidationError for what is none."""
        if not _is_number(value) and not (isinstance(value, str) and _DECIMAL.fullmatch(value)):
            raise self.make_error("number")
        return Decimal(value)

    def show(self, value: int) -> float | orjson.Fragment:
        """Return the exact decimal: a float, which prints up to 15 digits as they are, or the digits themselves."""
        if -_EXACT_IN_FLOAT < value < _EXACT_IN_FLOAT:
            return value / self.scale
        return orjson.Fragment(str(value * self.unit))


class Money(Scaled):
    """Dollars on the wire, cents in storage (contract, section 1)."""

    unit = Decimal("0.01")
    maximum = Decimal("9999999999999.99")


LARGEST_MONEY = int(Money.maximum / Money.unit)
"""In cents."""
TOO_MUCH_MONEY = f"The :field field must not be greater than {Money.maximum}."
"""What is said of a sum, which the client has not sent itself."""


class Percent(Scaled):
    """A percentage on the wire, ten-thousandths of a percent in storage."""

    unit = Decimal("0.0001")
    maximum = Decimal(1000)


class Quantity(Scaled):
    """A number above 0 with up to four decimals, ten-thousandths in storage (contract, section 5)."""

    unit = Decimal("0.0001")
    maximum = Decimal(MAX_INTEGER)

    def parse(self, value: Any) -> int:
        """Return the number in ten-thousandths; zeros at the end of its decimals do not count."""
        number = self.number(value)
        if number <= 0:
            raise self.make_error("positive")
        if number >= self.maximum + 1:  # no arithmetic before, as for all Scaled
            raise self.make_error("number")
        exact = number.quantize(self.unit, ROUND_DOWN)
        if exact != number:
            raise self.make_error("decimals", decimals=4)
        if exact > self.maximum:
            raise self.make_error("number")
        return int(exact * self.scale)

    def show(self, value: int) -> float:
        """Return the number, a whole one as an integer."""
        whole, rest = divmod(value, self.scale)
        return value / self.scale if rest else whole


def _within(number: Decimal) -> int:
    """Return a whole number as near as one of 64 bits can be, which is beyond all that is kept."""
    return int(max(-_VAST, min(number, _VAST)))


def _is_number(value: Any) -> bool:
    return isinstance(value, int | Decimal) and not isinstance(value, bool)
