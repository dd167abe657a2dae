"""Random questions to lists, which each can read and no two of which are likely to be the same."""

from contextlib import suppress
from random import Random
from urllib.parse import urlencode

from marshmallow.exceptions import ValidationError

from crm.schemas.fields import Field
from tests.support.factories import NAMES, schema_of

VALUES = ("1", "USD", "L1001", "2026-01-01T00:00:00Z", "00000000-0000-4000-8000-000000000000", "a@b.example")
"""Of each kind of field, one of these can be read."""


def random_question(chance: Random) -> str:
    """Return the path and query of a list: sorts, filters of both kinds, search, fields, and any kind of page."""
    resource = chance.choice(NAMES)
    fields = {**schema_of(resource).fields}
    query = {
        "sort": ",".join(chance.choice(("", "-")) + name for name in chance.sample(_sorted(fields), 3)),
        "per_page": str(chance.randint(1, 100)),
    }
    for _ in range(chance.randint(0, 3)):
        query.update([_filter(chance, fields)])
    optional = {
        "search": " ".join(chance.choices("abcdefghij", k=chance.randint(1, 6))),
        "fields": ",".join(chance.sample([*schema_of(resource).dump_fields], 3)),
        "include": "external_keys",
        "user_owner_id": str(chance.randint(1, 9)),
        "filter[deleted]": chance.choice(("with", "only")),
        "count": "false",
        **chance.choice(({"cursor": ""}, {"page": str(chance.randint(1, 3))})),
    }
    query |= {name: text for name, text in optional.items() if chance.random() < 0.4}
    return f"/{resource}?{urlencode(query)}"


def _sorted(fields: dict[str, Field]) -> list[str]:
    return [name for name, field in fields.items() if field.is_sorted]


def _filter(chance: Random, fields: dict[str, Field]) -> tuple[str, str]:
    name = chance.choice([name for name, field in fields.items() if field.is_asked])
    field = fields[name]
    operator = chance.choice(field.operators)
    part = f".{chance.choice(('erp', 'crm'))}" if field.has_parts else ""
    return f"filter[{field.asked_as or name}{part}][{operator}]", "true" if operator == "null" else _value(field)


def _value(field: Field) -> str:
    for text in VALUES:
        with suppress(ValidationError):
            field.ask(text)
            return text
    raise AssertionError(f"No value for {field}")
