"""What a list holds, by a model in Python over the JSON of all records: filters, search, sorts (beyond, section 15)."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from decimal import ROUND_HALF_UP, Context, Decimal
from typing import Any, NamedTuple
from unicodedata import name, normalize

Json = dict[str, Any]
Kinds = Mapping[str, str]
"""The kinds of the fields of a resource, keys of READ, by the fields' names."""

SPELLED_OUT = {"ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "đ": "d", "ł": "l", "þ": "th", "\u0131": "i"}
ACCENTS = ((0x300, 0x36F), (0x1AB0, 0x1AFF), (0x1DC0, 0x1DFF), (0x20D0, 0x20FF), (0xFE20, 0xFE2F))
"""The blocks of Unicode that hold them."""
SORTED = 255
"""How many characters of a text count when it is sorted by."""


class Condition(NamedTuple):
    """One condition of a filter, its value as text."""

    field: str
    operator: str
    text: str


def rounded(unit: str) -> Callable[[Any], Decimal]:
    """Return what reads a number, of JSON or of a question, to the next unit."""
    return lambda value: Decimal(value).quantize(Decimal(unit), ROUND_HALF_UP, Context(99))


def is_true(value: Any) -> bool:
    return value in (True, "true", "1")


READ: dict[str, Callable[[Any], Any]] = {
    "text": str.lower,
    "number": str.lower,
    "currency": str.lower,
    "id": str.lower,
    "row id": int,
    "integer": int,
    "money": rounded("0.01"),
    "percent": rounded("0.0001"),
    "timestamp": lambda text: datetime.fromisoformat(text).replace(microsecond=0),
    "day": lambda text: text[:10],
    "truth": is_true,
    "labels": str.lower,
    "keys": str,
    "emails": str.lower,
    "phones": lambda text: "".join(str(int(each)) for each in text if each.isdecimal()),
}
"""What is compared, by kind: of a value in JSON as of the text of a question."""

DETAILS = {"emails": "address", "phones": "number"}
"""What is asked of contact details, by kind."""

COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "eq": lambda value, asked: value == asked,
    "ne": lambda value, asked: value != asked,
    "gt": lambda value, asked: value is not None and value > asked,
    "gte": lambda value, asked: value is not None and value >= asked,
    "lt": lambda value, asked: value is not None and value < asked,
    "lte": lambda value, asked: value is not None and value <= asked,
    "in": lambda value, asked: value in asked,
    "contains": lambda value, asked: value is not None and asked in value,
    "starts_with": lambda value, asked: value is not None and value.startswith(asked),
}


def meets(record: Json, condition: Condition, kinds: Kinds) -> bool:
    """Tell whether a record meets a condition."""
    field, _, part = condition.field.partition(".")
    read = READ[kinds[field]]
    value = record[field].get(part) if part else record[field]
    if condition.operator == "null":
        return (value in (None, [])) == is_true(condition.text)
    asked = [read(text.strip()) for text in condition.text.split("," if condition.operator == "in" else "\0")]
    if kinds[field] == "labels":
        return any(label["id"] in asked for label in value) != (condition.operator == "ne")
    if kinds[field] in DETAILS:
        return any(read(detail[DETAILS[kinds[field]]]) in filter(None, asked) for detail in value)
    given = asked if condition.operator == "in" else asked[0]
    return COMPARE[condition.operator](None if value is None else read(value), given)


def fold(text: str) -> str:
    """Return a text as it is searched, character by character: the accents right after a Latin letter are dropped."""
    kept: list[str] = []
    after_latin = False
    for character in normalize("NFKD", text):
        if after_latin and any(first <= ord(character) <= last for first, last in ACCENTS):
            continue
        after_latin = name(character, "").startswith("LATIN ")
        kept.append(character)
    folded = normalize("NFC", "".join(kept)).casefold()
    return "".join(SPELLED_OUT.get(character, character) for character in folded)


def holds(record: Json, search: str, kinds: Kinds) -> bool:
    """Tell whether every word of a search stands somewhere in a record's texts or in its number."""
    texts = [record[name] for name, kind in kinds.items() if kind in ("text", "number") and record[name]]
    details = [detail[DETAILS[kind]] for name, kind in kinds.items() if kind in DETAILS for detail in record[name]]
    folded = [*map(fold, (*texts, *details)), *map(READ["phones"], (text for text in details if "@" not in text))]
    return all(any(fold(word) in text for text in folded) for word in search.split())


def in_order(newest_first: Iterable[Json], sort: str, kinds: Kinds, offered: Iterable[str]) -> list[Json]:
    """Return records in the order of a sort, of which keys that are not offered do not count."""
    fields: dict[str, str] = {}
    for key in sort.split(","):
        if (field := key.removeprefix("-")) in offered:
            fields.setdefault(field, key)
    found = [*newest_first]
    for field, key in reversed([*fields.items()][:3] or [("created_at", "-created_at")]):
        found.sort(key=lambda record, field=field: sort_key(record[field], kinds[field]), reverse=key != field)
    return found


def sort_key(value: Any, kind: str) -> tuple[Any, ...]:
    """Return what a value sorts by: null before every value, text without case, then by code point."""
    if value is None:
        return (False,)
    if kind == "number":
        return True, int(value[1:])
    if kind == "text":
        return True, value[:SORTED].lower(), value[:SORTED]
    return True, READ[kind](value)
