"""The operation of an action, from its declaration."""

from crm.blueprints import RESOURCES
from crm.blueprints.action import Action
from crm.blueprints.resource import Resource
from crm.http.idempotency import REPLAYED
from crm.openapi.answers import LIMIT_HEADERS, head_of, header_references, success
from crm.openapi.examples.actions import acted_record, action_body, refused_action
from crm.openapi.forms import MEDIA_TYPE, Components, Json, name_of, with_article
from crm.openapi.operations.bodies import envelope, made_record, wrapped
from crm.openapi.parameters import include_of, shared
from crm.openapi.refusals import WRITE_OF_BODY, conflict_schema, refusal_content, refusals
from crm.openapi.requests import body_schema


def action_operation(resource: Resource, action: Action, components: Components) -> Json:
    """Return the operation of what can be done to a record of a resource."""
    noun = name_of(resource.schema)
    include = include_of(resource.answered_by(action).rows.projection)
    operation = {
        **head_of(f"{action.name}{noun}", f"{action.name.capitalize()} {with_article(noun)}", resource.name),
        "description": action.sentence.format(noun=noun.lower()),
        "parameters": shared("Id", "Team", "Fields", include, "IfMatch", "IdempotencyKey"),
        "responses": {**_success(resource, action, components), **_refusals(resource, action, components)},
    }
    if action.body().load_fields:
        operation["requestBody"] = {"content": {MEDIA_TYPE: _content(resource, action, components)}}
    return operation


def _success(resource: Resource, action: Action, components: Components) -> Json:
    if action.makes:
        return {"201": made_record(resource.answered_by(action), components)}
    example = wrapped(acted_record(resource, action))
    return {"200": success(action.answer, envelope(resource, components), example, ("ETag", REPLAYED))}


def _refusals(resource: Resource, action: Action, components: Components) -> Json:
    """Return what may be answered else; a 409 is the action's own where it can be refused."""
    common = refusals((404, 412, *WRITE_OF_BODY))
    if not action.refused:
        return common
    example = refused_action(resource, action)
    described = {
        "description": f"{action.refused} Or the first request with this `Idempotency-Key` has not been answered.",
        "headers": header_references((*LIMIT_HEADERS, "Retry-After"), ("Retry-After",)),
        "content": refusal_content(409, conflict_schema(_made(), components), example),
    }
    return dict(sorted({**common, "409": described}.items()))


def _made() -> list[str]:
    """Return by which names refusals tell what actions have made."""
    makes = (action.makes for resource in RESOURCES for action in resource.actions)
    return list(dict.fromkeys(model.number[0] for model in makes if model and model.number))


def _content(resource: Resource, action: Action, components: Components) -> Json:
    """Return what is sent, of which everything may be absent."""
    name = f"{name_of(resource.schema)}{action.name.capitalize()}"
    schema = body_schema(action.body(), name, components, updates=bool(action.makes))
    example = action_body(resource, action)
    return {"schema": schema, "example": example} if example else {"schema": schema}
