"""The operations of a resource: list, create, show, update (PUT and PATCH), delete."""

from crm.blueprints.resource import Resource
from crm.openapi.answers import AS_PUT, not_modified, success
from crm.openapi.envelopes import list_page_of
from crm.openapi.examples.bodies import COMPUTED, CREATED
from crm.openapi.examples.pages import page_example
from crm.openapi.examples.records import created_record, plain_body
from crm.openapi.forms import Components, Json, name_of, with_article
from crm.openapi.lists import list_parameters
from crm.openapi.operations.actions import action_operation
from crm.openapi.operations.batch import batch_operation
from crm.openapi.operations.bodies import (
    change_body,
    changed_record,
    deleted,
    made_record,
    record,
    request_body,
    shown_record,
)
from crm.openapi.operations.changes import history_operation
from crm.openapi.operations.own_keys import operation_by_key
from crm.openapi.operations.parts import part_operation
from crm.openapi.parameters import include_of, shared
from crm.openapi.refusals import READ, WRITE, WRITE_OF_BODY, refusals
from crm.openapi.requests import body_schema

_EVERYWHERE = {"created_at", "updated_at", "id", "version", "external_keys", "labels"}
"""The filters that all lists have."""
_MOST_FILTERS = 8
"""As many filters as a description names."""
_SENTENCES = {
    "list": "List {many}, newest first; sort them, search their text, filter by {filters} and more.",
    "create": "Create {one} and show it. Required: {required}.",
    "show": "Show {one} by its `id`{number}.",
    "update": "Change {one}: the fields that the body names, null clears one, and those that are absent stay.",
    "patch": "Change {one}: the fields that the body names, the same as PUT.",
    "delete": "Delete {one}. It is hidden and can be restored.",
}


def operation_of(resource: Resource, view: str, method: str, components: Components) -> Json:
    """Return the operation behind a method of a resource, which is named by its view."""
    for action in resource.actions:
        if action.name == view:
            return action_operation(resource, action, components)
    if (of_part := part_operation(resource, view, components)) is not None:
        return of_part
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
        "description": _description(resource, verb),
        "tags": [resource.name],
        **operation,
    }


def _description(resource: Resource, verb: str) -> str:
    """Return what a verb does to the records of a resource, in words that tell it from all other operations."""
    noun, fields = name_of(resource.schema), resource.creation.load_fields
    filters = [name for name in resource.listing.filters.fields if name not in _EVERYWHERE]
    return _SENTENCES[verb].format(
        one=with_article(noun),
        noun=noun.lower(),
        many=resource.name,
        filters=", ".join(filters[:_MOST_FILTERS]),
        required=" and ".join(f"`{name}`" for name, field in fields.items() if field.required) or "nothing",
        number=f" or its number (`{resource.model.number[1]}1001`)" if resource.model.number else "",
    )


def _summary(view: str, method: str, resource: Resource) -> str:
    if view == "list":
        return f"List {resource.name}"
    change = AS_PUT if method == "PATCH" else ""
    return f"{view.capitalize()} {with_article(name_of(resource.schema))}{change}"


def _list(resource: Resource, components: Components) -> Json:
    page = components.add(f"{name_of(resource.schema)}Page", list_page_of(record(resource, components), components))
    example = page_example(resource.name, created_record(resource))
    return {
        "parameters": list_parameters(resource.listing, name_of(resource.schema), components),
        "responses": {
            "200": success(f"A page of {resource.name}.", page, example, ("ETag",)),
            **not_modified(components),
            **refusals((422, *READ)),
        },
    }


def _create(resource: Resource, components: Components) -> Json:
    name = resource.name
    body = body_schema(resource.schema(), f"{name_of(resource.schema)}Create", components)
    examples = {"plain": plain_body(resource), "full": CREATED.get(name), "computed": COMPUTED.get(name)}
    return {
        "parameters": shared("Team", "Fields", include_of(resource.rows.projection), "IdempotencyKey"),
        "requestBody": request_body(body, **examples),
        "responses": {"201": made_record(resource, components), **refusals(WRITE_OF_BODY)},
    }


def _show(resource: Resource, components: Components) -> Json:
    return {
        "parameters": shared("Id", "Team", "Fields", include_of(resource.rows.projection), "IfNoneMatch"),
        "responses": {
            "200": shown_record(resource, components),
            **not_modified(components),
            **refusals((404, 422, *READ)),
        },
    }


def _update(resource: Resource, components: Components) -> Json:
    return {
        "parameters": shared("Id", "Team", "Fields", include_of(resource.rows.projection), "IfMatch", "IdempotencyKey"),
        "requestBody": change_body(resource, components),
        "responses": {"200": changed_record(resource, components), **refusals((404, 412, *WRITE_OF_BODY))},
    }


def _delete(resource: Resource, components: Components) -> Json:
    return {
        "parameters": shared("Id", "Team", "IfMatch", "IdempotencyKey"),
        "responses": {"204": deleted(components), **refusals((404, 412, *WRITE))},
    }
