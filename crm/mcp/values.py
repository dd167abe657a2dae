"""What an agent writes, as the API's bodies take it, and what of it they ignore.

Bodies ignore names that they do not know, for clients that have always sent them. An agent guesses names, and would
take what was ignored for done: so it is told. And where a body refers to a record by id or own key, an agent may name
it as it does elsewhere.
"""

from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any

from crm.mcp.choices import nearest
from crm.mcp.messages import Json
from crm.mcp.names import id_of, read_key
from crm.schemas.base import BodySchema
from crm.schemas.collections.ordered_rows import OrderedRows
from crm.schemas.references import Reference

_TOLD = 10
_LONGEST = 80  # characters


def as_taken(schema: BodySchema, values: Mapping[str, Any]) -> Json:
    """Return values with records named as a body does: by an id, or by an own key as an object."""
    return _named(schema.load_fields, values)


def telling_ignored(answer: Json, schema: BodySchema, values: Mapping[str, Any]) -> Json:
    """Return an answer to values that says what of them a body ignores, and which of its names come near that.

    Members of lists that have an `id` were read before: what is only shown of them may be sent back.
    """
    ignored = dict(islice(_ignored(schema.load_fields, values, ""), _TOLD))
    return {**answer, "ignored": ignored} if ignored else answer


def is_ignored(schema: BodySchema, values: Mapping[str, Any]) -> bool:
    """Tell whether a body ignores all that there is of values."""
    return bool(values) and schema.load_fields.keys().isdisjoint(values)


def _ignored(fields: Mapping[str, Any], values: Mapping[str, Any], path: str) -> Iterator[tuple[str, list[str]]]:
    """Yield the path of each name that is no field's, with the names that come near."""
    for name, value in values.items():
        field = fields.get(name)
        if field is None:
            yield f"{path}{name}"[:_LONGEST], nearest([*fields], name)
        elif isinstance(field, OrderedRows) and isinstance(value, list):
            for place, member in enumerate(value):
                if isinstance(member, Mapping):
                    schema = field.member()
                    known = schema.fields if "id" in member else schema.load_fields
                    yield from _ignored(known, member, f"{path}{name}.{place}.")


def _named(fields: Mapping[str, Any], values: Mapping[str, Any]) -> Json:
    return {name: _as_taken(fields[name], value) if name in fields else value for name, value in values.items()}


def _as_taken(field: Any, value: Any) -> Any:
    if isinstance(field, OrderedRows) and isinstance(value, list):
        members = field.member().fields
        return [_named(members, member) if isinstance(member, Mapping) else member for member in value]
    if not (isinstance(field, Reference) and field.to_record and isinstance(value, str)):
        return value
    if key := read_key(value):
        return key._asdict()
    return id_of(field.model.__tablename__, value)
