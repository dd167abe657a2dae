"""The operations on records by the keys of other systems: show, put (PUT and PATCH), delete."""

from crm.blueprints.resource import Resource
from crm.http.idempotency import REPLAYED
from crm.openapi.answers import head_of, not_modified, nothing, success
from crm.openapi.examples.bodies import CREATED
from crm.openapi.examples.records import created_record
from crm.openapi.forms import Components, Json, name_of, with_article
from crm.openapi.operations.bodies import envelope, request_body, wrapped
from crm.openapi.parameters import shared
from crm.openapi.refusals import READ, WRITE, WRITE_OF_BODY, refusals
from crm.openapi.requests import body_schema

_NAMED = ("Source", "Key", "Team")


def operation_by_key(resource: Resource, view: str, method: str, components: Components) -> Json:
    """Return the operation behind a method of the path of own keys, which is named by its view."""
    describe = {"show_by_key": _show, "put_by_key": _put, "delete_by_key": _delete}[view]
    noun = name_of(resource.schema)
    verb = "patch" if method == "PATCH" else view.removesuffix("_by_key")
    change = " (as PUT does)" if method == "PATCH" else ""
    summary = f"{verb.capitalize()} {with_article(noun)} by its own key{change}"
    return {
        **head_of(f"{verb}{noun}ByKey", summary, resource.name),
        **describe(resource, components),
    }


def _show(resource: Resource, components: Components) -> Json:
    shown = success("The record.", envelope(resource, components), wrapped(created_record(resource)), ("ETag",))
    return {
        "description": "Answer the record that another system knows by this key.",
        "parameters": shared(*_NAMED, "Include", "IfNoneMatch"),
        "responses": {"200": shown, **not_modified(), **refusals((404, 422, *READ))},
    }


def _put(resource: Resource, components: Components) -> Json:
    noun = name_of(resource.schema)
    body = body_schema(resource.schema.for_update(), f"{noun}Update", components, updates=True)
    answer, example = envelope(resource, components), wrapped(created_record(resource))
    return {
        "description": (
            "Change the record that another system knows by this key, or make one: then what is required of a new one "
            "has to be there. The caller must be allowed to do both."
        ),
        "parameters": shared(*_NAMED, "Include", "IfMatch", "OnlyNew", "IdempotencyKey"),
        "requestBody": request_body(body, full=CREATED.get(resource.name)),
        "responses": {
            "200": success("The changed record.", answer, example, ("ETag", REPLAYED)),
            "201": success("The new record.", answer, example, ("ETag", "Location", REPLAYED)),
            **refusals((412, *WRITE_OF_BODY)),
        },
    }


def _delete(resource: Resource, components: Components) -> Json:
    return {
        "description": "Soft-delete the record that another system knows by this key.",
        "parameters": shared(*_NAMED, "IfMatch", "IdempotencyKey"),
        "responses": {
            "204": nothing("The record is deleted.", ("ETag", REPLAYED)),
            **refusals((404, 412, *WRITE)),
        },
    }
