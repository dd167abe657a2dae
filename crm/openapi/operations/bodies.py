"""What the operations of a resource have in common: what is sent, and the answers that show a record."""

from collections.abc import Iterable

from crm.blueprints.resource import Resource
from crm.http.idempotency import REPLAYED
from crm.openapi.answers import nothing, one, success
from crm.openapi.examples.bodies import UPDATED
from crm.openapi.examples.records import created_record, updated_record
from crm.openapi.forms import MEDIA_TYPE, Components, Json, name_of
from crm.openapi.records import record_schema
from crm.openapi.requests import body_schema

_SUMMARIES = {
    "plain": "Without references",
    "full": "With all references, whose ids are only examples",
    "computed": "With prices and totals worked out",
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


def shown_record(resource: Resource, components: Components) -> Json:
    """Return the answer that shows a record."""
    return _answer("Shown", "The record.", ("ETag",), created_record(resource), resource, components)


def made_record(resource: Resource, components: Components) -> Json:
    """Return the answer that shows a new record, and leads to what can be done with it."""
    noun = name_of(resource.schema)
    links = {
        verb + noun: {"operationId": verb + noun, "parameters": {"id": "$response.body#/data/id"}}
        for verb in ("show", "update", "patch", "delete")
    }
    headers = ("ETag", "Location", REPLAYED)
    return _answer("Made", "The new record.", headers, created_record(resource), resource, components, links=links)


def changed_record(resource: Resource, components: Components) -> Json:
    """Return the answer that shows a changed record."""
    headers = ("ETag", REPLAYED)
    return _answer("Changed", "The changed record.", headers, updated_record(resource), resource, components)


def deleted(components: Components) -> Json:
    """Return the answer to the deletion of a record."""
    return components.add_response("Deleted", nothing("The record is deleted.", ("ETag", REPLAYED)))


def _answer(
    kind: str,
    description: str,
    headers: Iterable[str],
    example: Json | None,
    resource: Resource,
    components: Components,
    **more: Json,
) -> Json:
    answer = success(description, envelope(resource, components), wrapped(example), headers)
    return components.add_response(f"{name_of(resource.schema)}{kind}", {**answer, **more})


def change_schema(resource: Resource, components: Components) -> Json:
    """Return the schema of a change of a record."""
    schema, name = resource.schema.for_update(), f"{name_of(resource.schema)}Update"
    return body_schema(schema, name, components, updates=True)


def change_body(resource: Resource, components: Components) -> Json:
    """Return what is sent to change a record."""
    body = request_body(change_schema(resource, components), change=UPDATED.get(resource.name))
    return components.add_request_body(f"{name_of(resource.schema)}Change", body)


def request_body(schema: Json, **bodies: Json | None) -> Json:
    """Return what is sent, with the examples that there are."""
    examples = {name: {"summary": _SUMMARIES[name], "value": body} for name, body in bodies.items() if body}
    content = {"schema": schema, "examples": examples} if examples else {"schema": schema}
    return {"required": True, "content": {MEDIA_TYPE: content}}
