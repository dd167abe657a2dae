"""What an agent writes, as the API's bodies take it.

Bodies ignore names that they do not know, for clients that have always sent them. An agent guesses names, and would
take what was ignored for done: so here they are faults. And where a body refers to a record by id or own key, an agent
may name it as it does elsewhere.
"""

from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any

from crm.mcp.calls import ApiError
from crm.mcp.choices import nearest
from crm.mcp.faults import EXPLAINED, invalid
from crm.mcp.messages import Json
from crm.mcp.names import id_of, read_key
from crm.mcp.tool import permissions
from crm.schemas.base import BodySchema
from crm.schemas.collections.ordered_rows import OrderedRows
from crm.schemas.references import Reference


def taken_values(verb: str, resource: str, schema: BodySchema, values: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return values as a body takes them. Raises ApiError (422) for names that it does not know.

    Who may not do that `verb` to the resource is to be told so by the API, and nothing of its fields. Members of lists
    may hold also what is only shown of them, so that they can be sent back as they were read.
    """
    if (verb, resource) not in permissions():
        return values
    unknown = dict(islice(_unknown(schema.load_fields, values, ""), EXPLAINED))
    if unknown:
        errors = {path: [f"There is no {path} field to write."] for path in unknown}
        raise ApiError(422, {**invalid(errors).body, "allowed": unknown})
    return _named(schema.load_fields, values)


def _unknown(fields: Mapping[str, Any], values: Mapping[str, Any], path: str) -> Iterator[tuple[str, list[str]]]:
    """Yield the path of each name that is no field's, with the names that come near."""
    for name, value in values.items():
        field = fields.get(name)
        if field is None:
            yield f"{path}{name}"[:80], nearest([*fields], name)
        elif isinstance(field, OrderedRows) and isinstance(value, list):
            for place, member in enumerate(value):
                if isinstance(member, Mapping):
                    yield from _unknown(field.member().fields, member, f"{path}{name}.{place}.")


def _named(fields: Mapping[str, Any], values: Mapping[str, Any]) -> Json:
    return {name: _as_taken(fields[name], value) if name in fields else value for name, value in values.items()}


def _as_taken(field: Any, value: Any) -> Any:
    """Return a value with records named as a body does: by an id, or by an own key as an object."""
    if isinstance(field, OrderedRows) and isinstance(value, list):
        members = field.member().fields
        return [_named(members, member) if isinstance(member, Mapping) else member for member in value]
    if not (isinstance(field, Reference) and field.to_record and isinstance(value, str)):
        return value
    if key := read_key(value):
        return key._asdict()
    return id_of(field.model.__tablename__, value)
