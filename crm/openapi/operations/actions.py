"""The operation of an action, from its declaration."""

from crm.blueprints.action import Action
from crm.blueprints.resource import Resource
from crm.http.idempotency import REPLAYED
from crm.openapi.answers import head_of, success
from crm.openapi.examples.records import created_record
from crm.openapi.forms import MEDIA_TYPE, Components, Json, name_of, with_article
from crm.openapi.operations.bodies import envelope, wrapped
from crm.openapi.parameters import shared
from crm.openapi.refusals import WRITE_OF_BODY, refusals
from crm.openapi.requests import body_schema


def action_operation(resource: Resource, action: Action, components: Components) -> Json:
    """Return the operation of what can be done to a record of a resource."""
    noun = name_of(resource.schema)
    example = created_record(resource)
    operation = {
        **head_of(f"{action.name}{noun}", f"{action.name.capitalize()} {with_article(noun)}", resource.name),
        "description": action.sentence,
        "parameters": shared("Id", "Team", "Fields", "Include", "IfMatch", "IdempotencyKey"),
        "responses": {
            "200": success(action.answer, envelope(resource, components), wrapped(example), ("ETag", REPLAYED)),
            **refusals((404, 412, *WRITE_OF_BODY)),
        },
    }
    if action.body().load_fields:
        body = body_schema(action.body(), f"{noun}{action.name.capitalize()}", components)
        operation["requestBody"] = {"content": {MEDIA_TYPE: {"schema": body}}}
    return operation
