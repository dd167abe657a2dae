"""Random questions to a list: about every field that can be asked, with every operator, and mostly not in vain."""

from collections.abc import Iterator
from random import Random
from typing import Any, NamedTuple
from urllib.parse import urlencode

from tests.support.factories import schema_of
from tests.support.list_model import DETAILS, READ, Condition, Json, is_true
from tests.support.list_rows import SOURCES, Filled
from tests.support.list_values import ASKED, TEXTS

NEVER_OFFERED = ("owner", "labels", "nothing")
OPEN_EVERY = 10
ASKED_AS = {"emails": "email", "phones": "phone"}
"""What is asked for by another name than it is shown by."""


class Question(NamedTuple):
    """What a list is asked."""

    conditions: list[Condition]
    deleted: str
    search: str
    sort: str
    fields: list[str]

    def query(self, **more: str) -> str:
        """Return the text of the query."""
        named = ((ASKED_AS.get(each.field, each.field), each) for each in self.conditions)
        pairs = [(f"filter[{name}][{each.operator}]", each.text) for name, each in named]
        pairs += [("filter[deleted]", self.deleted)] if self.deleted else []
        pairs += [("search", self.search), ("sort", self.sort), ("fields", ",".join(self.fields))]
        return urlencode([*pairs, ("include", "external_keys"), *more.items()])


class Questions:
    """Makes questions, each with a record in mind."""

    def __init__(self, filled: Filled, seed: str):
        self.filled = filled
        self.random = Random(seed)
        fields: Any = schema_of(filled.resource).fields
        self.pairs = [(name, each) for name in _names(filled) for each in fields[name.partition(".")[0]].operators]
        self.sorts = [name for name in (*offered(filled.resource), *NEVER_OFFERED) for _ in range(2)]
        self.shown = sorted(schema_of(filled.resource).dump_fields)

    def ask(self, count: int) -> Iterator[Question]:
        """Yield a question about each field with each operator, and more up to `count`; and some about all records."""
        pairs = self.random.sample(self.pairs, len(self.pairs))
        pairs += self.random.choices(self.pairs, k=max(count - len(pairs), 0))
        for place, pair in enumerate(pairs):
            yield self._question([pair, *self.random.sample(self.pairs, self.random.choice([0, 0, 1, 2]))])
            if place % OPEN_EVERY == 0:
                yield self._question([])

    def _question(self, pairs: list[tuple[str, str]]) -> Question:
        random, record = self.random, self.random.choice(self.filled.records)
        sorts = random.sample(self.sorts, random.randrange(5))
        return Question(
            [self._condition(record, *each) for each in dict.fromkeys(pairs)],
            random.choice(["with", "only"] if record["deleted_at"] else ["", "with"]),
            " ".join(self._word(record) for _ in range(random.choice([0, 0, 1, 2]))),
            ",".join(f"{random.choice(['', '-'])}{name}" for name in sorts),
            random.sample(self.shown, random.choice([0, 0, 2])),
        )

    def _condition(self, record: Json, name: str, operator: str) -> Condition:
        """Return a condition that mostly has to do with what stands in a record."""
        field, _, part = name.partition(".")
        kind = self.filled.kinds[field]
        if operator == "null":
            return Condition(name, operator, self.random.choice(ASKED["truth"]))
        values = record[field].get(part) if part else record[field]
        members = {"labels": "id", **DETAILS}.get(kind)
        there = [member[members] for member in values] if members else [values]
        texts = [text for value in there if value is not None for text in self._texts(value, kind, operator)]
        if not texts or self.random.random() < 0.3:
            texts = [*ASKED[kind], *map(str, self.filled.targets.get(field, [])), self.filled.records[0]["id"]]
            texts = texts if kind in ("id", "labels", "text") else texts[:-1]
        texts = [text for text in texts if text.strip() and (operator != "in" or "," not in text)] or ASKED[kind]
        several = [self.random.choice(texts) for _ in range(self.random.randint(1, 3))]
        return Condition(name, operator, ",".join(several) if operator == "in" else several[0])

    def _texts(self, value: Any, kind: str, operator: str) -> list[str]:
        """Return how a value can be written in a question."""
        if kind == "truth":
            return ["true", "1"] if is_true(value) else ["false", "0"]
        if kind == "text" and operator in ("contains", "starts_with"):
            start = self.random.randrange(len(value)) if operator == "contains" else 0
            value = value[start : start + self.random.randint(1, 5)]
        if kind in ("text", "id", "labels", "number", "currency", "keys", "emails"):
            return [value, value.upper(), value.lower()]
        if kind == "phones":
            return [value, READ[kind](value)]
        if kind == "timestamp":
            return [value, value.replace("+00:00", ".9Z")]
        return [value, value[:10]] if kind == "day" else [str(value)]

    def _word(self, record: Json) -> str:
        """Return a part of a text of a record or, now and then, of any."""
        texts = [record[name] for name, kind in self.filled.kinds.items() if kind in ("text", "number")]
        for kind, value in DETAILS.items():
            texts += [detail[value] for detail in record.get(kind, [])]
        text = self.random.choice([text for text in texts if text] or TEXTS)
        word = self.random.choice((text if self.random.random() < 0.8 else self.random.choice(TEXTS)).split())
        start = self.random.randrange(len(word))
        part = word[start : start + self.random.randint(1, 6)]
        return self.random.choice([part, part.upper(), part.lower()])


def offered(resource: str) -> list[str]:
    """Return the fields that a list is sorted by."""
    return sorted(name for name, field in schema_of(resource).dump_fields.items() if getattr(field, "is_sorted", False))


def _names(filled: Filled) -> list[str]:
    """Return what can be filtered by, of own keys those of two sources."""
    return [
        f"{name}.{source}" if source else name
        for name, kind in sorted(filled.kinds.items())
        for source in (SOURCES if kind == "keys" else [""])
    ]
