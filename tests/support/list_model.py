"""What lists hold, by a model in Python over the JSON of all records: filters, search, sorts (beyond, section 15)."""

from collections.abc import Callable, Iterable
from datetime import datetime
from decimal import Decimal
from functools import cmp_to_key
from typing import Any
from unicodedata import combining, name, normalize

Json = dict[str, Any]
Condition = tuple[str, str, str]
"""A field, an operator, and the text of the value."""

SPELLED_OUT = {"ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "đ": "d", "ł": "l", "þ": "th", "\u0131": "i"}
TEXTS = ("lead_id", "title", "description")
"""What a lead is searched by."""


def key_of(field: str, value: Any) -> Any:
    """Return a value of the JSON as it is compared."""
    if value is None:
        return None
    if field in ("title", "description"):
        return value.lower()
    if field in ("created_at", "updated_at", "expected_close"):
        return datetime.fromisoformat(value)
    return value


def read(field: str, text: str) -> Any:
    """Return the value that the text of a condition names."""
    if field == "amount":
        return Decimal(text).quantize(Decimal("0.01"), "ROUND_HALF_UP")
    if field == "version":
        return int(text)
    if field in ("created_at", "updated_at", "expected_close"):
        return datetime.fromisoformat(text.replace("Z", "+00:00")).replace(microsecond=0)
    if field == "lead_id":
        return text.upper()
    return key_of(field, text)


COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "eq": lambda value, given: value == given,
    "ne": lambda value, given: value != given,
    "gt": lambda value, given: value is not None and value > given,
    "gte": lambda value, given: value is not None and value >= given,
    "lt": lambda value, given: value is not None and value < given,
    "lte": lambda value, given: value is not None and value <= given,
    "contains": lambda value, given: value is not None and given in value,
    "starts_with": lambda value, given: value is not None and value.startswith(given),
}


def meets(record: Json, condition: Condition) -> bool:
    """Tell whether a record meets a condition."""
    field, operator, text = condition
    if field == "labels":
        return meets_labels({label["id"] for label in record["labels"]}, operator, text)
    if field.startswith("external_keys."):
        value = record["external_keys"].get(field.partition(".")[2])
    elif field.endswith("_id") and field != "lead_id":
        related = record[field.removesuffix("_id")]
        value = related and related["id"]
    else:
        value = key_of(field, record[field])
    if operator == "null":
        return (value is None) == (text in ("true", "1"))
    if operator == "in":
        return any(value == read(field, each) for each in text.split(","))
    return COMPARE[operator](value, read(field, text))


def meets_labels(labels: set[str], operator: str, text: str) -> bool:
    """Tell whether a record with these labels meets a condition of labels."""
    if operator == "null":
        return (not labels) == (text in ("true", "1"))
    return (operator == "ne") != bool(labels & {*text.split(",")})


def fold(text: str) -> str:
    """Return a text as it is searched, letter by letter."""
    folded, base = "", ""
    for letter in normalize("NFKD", text):
        if not combining(letter):
            base = letter
        elif base.isalpha() and name(base, "").startswith("LATIN "):
            continue
        folded += letter
    return "".join(SPELLED_OUT.get(letter, letter) for letter in normalize("NFC", folded).casefold())


def holds(record: Json, search: str) -> bool:
    """Tell whether a record holds every word of a search."""
    texts = [fold(record[field]) for field in TEXTS if record[field]]
    return all(any(word in text for text in texts) for word in fold(search).split())


def in_order(records: Iterable[Json], sort: str) -> list[Json]:
    """Return records, the newest first as they are given, in the order of a sort."""
    keys = [(each.removeprefix("-"), each.startswith("-")) for each in sort.split(",")]

    def compare(one: Json, other: Json) -> int:
        for field, is_descending in keys:
            first, second = (sort_key(field, record) for record in (one, other))
            if first != second:
                return -1 if (first < second) != is_descending else 1
        return 0

    return sorted(records, key=cmp_to_key(compare))


def sort_key(field: str, record: Json) -> tuple[Any, ...]:
    """Return what a record is sorted by; null before every value."""
    value = record[field]
    if value is None:
        return (0,)
    if field == "lead_id":
        return (1, int(value[1:]))
    if field in ("title", "description"):
        return (1, key_of(field, value)[:255] if len(value) <= 255 else value[:255].lower(), value[:255])
    return (1, key_of(field, value))
