"""The operations of a resource: list, create, show, update (PUT and PATCH), delete."""

from crm.blueprints.resource import Resource
from crm.blueprints.verbs import Verbs
from crm.http.idempotency import REPLAYED
from crm.openapi.answers import not_modified, nothing, page_of, success
from crm.openapi.examples.bodies import CREATED, UPDATED
from crm.openapi.examples.pages import page_example
from crm.openapi.examples.records import created_record, plain_body, updated_record
from crm.openapi.forms import Components, Json, first_line, name_of, with_article
from crm.openapi.operations.actions import action_operation
from crm.openapi.operations.batch import batch_operation
from crm.openapi.operations.bodies import envelope, record, request_body, wrapped
from crm.openapi.operations.changes import history_operation
from crm.openapi.operations.own_keys import operation_by_key
from crm.openapi.parameters import list_parameters, shared
from crm.openapi.refusals import READ, WRITE, WRITE_OF_BODY, refusals
from crm.openapi.requests import body_schema


def operation_of(resource: Resource, view: str, method: str, components: Components) -> Json:
    """Return the operation behind a method of a resource, which is named by its view."""
    for action in resource.actions:
        if action.name == view:
            return action_operation(resource, action, components)
    if view.endswith("_by_key"):
        return operation_by_key(resource, view, method, components)
    if view.startswith("batch_"):
        return batch_operation(resource, view, components)
    if view == "changes":
        return history_operation(resource, components)
    describe = {"list": _list, "create": _create, "show": _show, "update": _update, "delete": _delete}[view]
    operation = describe(resource, components)
    one_record, many_records = name_of(resource.schema), type(resource).__name__
    verb = "patch" if method == "PATCH" else view
    return {
        "operationId": verb + (many_records if view == "list" else one_record),
        "summary": _summary(view, method, resource),
        "description": first_line(getattr(Verbs, view)),
        "tags": [resource.name],
        **operation,
    }


def _summary(view: str, method: str, resource: Resource) -> str:
    if view == "list":
        return f"List {resource.name}"
    change = " (as PUT does)" if method == "PATCH" else ""
    return f"{view.capitalize()} {with_article(name_of(resource.schema))}{change}"


def _list(resource: Resource, components: Components) -> Json:
    page = components.add(f"{name_of(resource.schema)}Page", page_of(record(resource, components), components))
    example = page_example(resource.name, created_record(resource))
    return {
        "parameters": list_parameters(resource.listing),
        "responses": {
            "200": success(f"A page of {resource.name}.", page, example, ("ETag",)),
            **not_modified(),
            **refusals((422, *READ)),
        },
    }


def _create(resource: Resource, components: Components) -> Json:
    name = name_of(resource.schema)
    body = body_schema(resource.schema(), f"{name}Create", components)
    example = wrapped(created_record(resource))
    made = success("The new record.", envelope(resource, components), example, ("ETag", "Location", REPLAYED))
    parameters = {"id": "$response.body#/data/id"}
    links = {
        verb + name: {"operationId": verb + name, "parameters": parameters}
        for verb in ("show", "update", "patch", "delete")
    }
    return {
        "parameters": shared("Team", "Include", "IdempotencyKey"),
        "requestBody": request_body(body, plain=plain_body(resource), full=CREATED.get(resource.name)),
        "responses": {"201": {**made, "links": links}, **refusals(WRITE_OF_BODY)},
    }


def _show(resource: Resource, components: Components) -> Json:
    shown = success("The record.", envelope(resource, components), wrapped(created_record(resource)), ("ETag",))
    return {
        "parameters": shared("Id", "Team", "Include", "IfNoneMatch"),
        "responses": {"200": shown, **not_modified(), **refusals((404, 422, *READ))},
    }


def _update(resource: Resource, components: Components) -> Json:
    name = f"{name_of(resource.schema)}Update"
    body = body_schema(resource.schema.for_update(), name, components, updates=True)
    example = wrapped(updated_record(resource))
    changed = success("The changed record.", envelope(resource, components), example, ("ETag", REPLAYED))
    return {
        "parameters": shared("Id", "Team", "Include", "IfMatch", "IdempotencyKey"),
        "requestBody": request_body(body, change=UPDATED.get(resource.name)),
        "responses": {"200": changed, **refusals((404, 412, *WRITE_OF_BODY))},
    }


def _delete(resource: Resource, components: Components) -> Json:
    gone = nothing("The record is deleted.", ("ETag", REPLAYED))
    return {
        "parameters": shared("Id", "Team", "IfMatch", "IdempotencyKey"),
        "responses": {"204": gone, **refusals((404, 412, *WRITE))},
    }
