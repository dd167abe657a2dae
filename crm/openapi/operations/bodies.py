"""The bodies that the operations of a resource have in common: a record, and what is sent."""

from crm.blueprints.resource import Resource
from crm.openapi.answers import one
from crm.openapi.forms import MEDIA_TYPE, Components, Json, name_of
from crm.openapi.records import record_schema

_SUMMARIES = {
    "plain": "Without references",
    "full": "With all references, whose ids are only examples",
    "change": "Some fields",
    "batch": "One item of a hundred",
}


def record(resource: Resource, components: Components) -> Json:
    """Return the schema of a resource's records."""
    return record_schema(resource.schema, resource.table, components)


def envelope(resource: Resource, components: Components) -> Json:
    """Return the schema of an answer that shows one record."""
    return components.add(f"{name_of(resource.schema)}Envelope", one(record(resource, components)))


def wrapped(example: Json | None) -> Json | None:
    """Return the example of such an answer, if there is one of a record."""
    return {"data": example} if example else None


def request_body(schema: Json, **bodies: Json | None) -> Json:
    """Return what is sent, with the examples that there are."""
    examples = {name: {"summary": _SUMMARIES[name], "value": body} for name, body in bodies.items() if body}
    content = {"schema": schema, "examples": examples} if examples else {"schema": schema}
    return {"required": True, "content": {MEDIA_TYPE: content}}
