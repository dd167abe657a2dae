"""The operations on records by the keys of other systems: show, put (PUT and PATCH), delete."""

from crm.blueprints.resource import Resource
from crm.openapi.answers import AS_PUT, head_of, not_modified
from crm.openapi.forms import Components, Json, name_of, with_article
from crm.openapi.operations.bodies import change_body, changed_record, deleted, made_record, shown_record
from crm.openapi.parameters import include_of, shared
from crm.openapi.refusals import READ, WRITE, WRITE_OF_BODY, refusals

_NAMED = ("Source", "Key", "Team")
_SENTENCES = {
    "show": "Show {one} by the key that another system has for it.",
    "put": (
        "Change {one} by the key that another system has for it, or create one: then what is required of a new one has "
        "to be there. The caller must be allowed to do both."
    ),
    "patch": "Change {one} by the key that another system has for it, or create one: the same as PUT.",
    "delete": "Delete {one} by the key that another system has for it.",
}


def operation_by_key(resource: Resource, view: str, method: str, components: Components) -> Json:
    """Return the operation behind a method of the path of own keys, which is named by its view."""
    describe = {"show_by_key": _show, "put_by_key": _put, "delete_by_key": _delete}[view]
    noun = name_of(resource.schema)
    verb = "patch" if method == "PATCH" else view.removesuffix("_by_key")
    change = AS_PUT if method == "PATCH" else ""
    summary = f"{verb.capitalize()} {with_article(noun)} by its own key{change}"
    return {
        **head_of(f"{verb}{noun}ByKey", summary, resource.name),
        "description": _SENTENCES[verb].format(one=with_article(noun)),
        **describe(resource, components),
    }


def _show(resource: Resource, components: Components) -> Json:
    return {
        "parameters": shared(*_NAMED, "Fields", include_of(resource.rows.projection), "IfNoneMatch"),
        "responses": {
            "200": shown_record(resource, components),
            **not_modified(components),
            **refusals((404, 422, *READ)),
        },
    }


def _put(resource: Resource, components: Components) -> Json:
    return {
        "parameters": shared(
            *_NAMED, "Fields", include_of(resource.rows.projection), "IfMatch", "OnlyNew", "IdempotencyKey"
        ),
        "requestBody": change_body(resource, components),
        "responses": {
            "200": changed_record(resource, components),
            "201": made_record(resource, components),
            **refusals((412, *WRITE_OF_BODY)),
        },
    }


def _delete(resource: Resource, components: Components) -> Json:
    return {
        "parameters": shared(*_NAMED, "IfMatch", "IdempotencyKey"),
        "responses": {
            "204": deleted(components),
            **refusals((404, 412, *WRITE)),
        },
    }
