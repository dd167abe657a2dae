"""What fields can be asked in filters: the operators of each kind, and their SQL (beyond, section 15)."""

from collections.abc import Callable
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Integer, bindparam, cast, func

from crm.database.functions import any_of, holds, starts_with

TEXT = ("eq", "ne", "in", "contains", "starts_with", "null")
KEY = ("eq", "ne", "in", "null")
NUMBER = ("eq", "ne", "in")
ORDERED = ("eq", "ne", "gt", "gte", "lt", "lte", "in", "null")
TRUTH = ("eq", "ne", "null")

FOUND_IN_ORDER = ("eq", "gt", "gte", "lt", "lte", "in")
"""What an index over the values finds."""

IS_NULL = {True: "is_null", False: "is_not_null"}
"""What `null` becomes by its value, which no parameter holds."""

PART = "_part"
"""What the parameter's name of a part of a field ends in."""

_SQL: dict[str, Callable[[Any, Any], ColumnElement[bool]]] = {
    "eq": lambda value, given: value == given,
    "ne": lambda value, given: value.is_distinct_from(given),  # nothing is equal to no value
    "gt": lambda value, given: value > given,
    "gte": lambda value, given: value >= given,
    "lt": lambda value, given: value < given,
    "lte": lambda value, given: value <= given,
    "contains": holds,
    "starts_with": starts_with,
    "is_null": lambda value, _given: value.is_(None),
    "is_not_null": lambda value, _given: value.is_not(None),
}


def compare(value: ColumnElement[Any], operator: str, parameter: str) -> ColumnElement[bool]:
    """Return the condition that an operator makes of a value and the parameter of that name."""
    kind = BigInteger() if isinstance(value.type, Integer) else value.type  # a number beyond the column's is none of it
    if operator == "in":
        return any_of(value, parameter, kind)
    return _SQL[operator](value, bindparam(parameter, type_=kind))


def number_in(column: ColumnElement[str]) -> ColumnElement[int]:
    """Return the number in what people read, such as L1001, as it sorts."""
    return cast(func.substr(column, 2), BigInteger)
