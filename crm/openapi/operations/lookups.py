"""The operations of look-ups: lists that are read whole, and the verbs of those whose rows are written."""

from typing import Any

from crm.blueprints.lookups import FORCE
from crm.http.idempotency import REPLAYED
from crm.models.base import Identified
from crm.openapi.answers import AS_PUT, LIMIT_HEADERS, head_of, header_references, not_modified, nothing, one, success
from crm.openapi.examples.lookups import CREATED, UPDATED, made_row
from crm.openapi.examples.world import SUMMARIES
from crm.openapi.forms import TEXT, UUID, Components, Json, array_of, object_of, with_article
from crm.openapi.parameters import shared
from crm.openapi.records import record_schema
from crm.openapi.refusals import READ, WRITE, WRITE_OF_BODY, refusal_content, refusals
from crm.openapi.requests import body_of, body_schema
from crm.records.lookups import Lookup, WrittenLookup

LOOKUPS = "look-ups"
_SENTENCES = {
    "create": "Create {one}, which records may name from then on. Owner and Admin only.",
    "show": "Show {one} by its `id`.",
    "update": "Change {one}: the fields that the body names. Owner and Admin only.",
    "patch": "Change {one}: the fields that the body names, the same as PUT. Owner and Admin only.",
    "delete": "Delete {one}. One that records refer to needs `force`: then they show null, and no label.",
}


def lookup_operation(lookup: Lookup, verb: str, method: str, components: Components) -> Json:
    """Return the operation of a verb of a look-up table."""
    if verb == "list" or not isinstance(lookup, WrittenLookup):
        return _list(lookup, components)
    noun = lookup.model.__name__
    described = {"create": _create, "show": _show, "update": _update, "delete": _delete}[verb](lookup, components)
    as_put = AS_PUT if method == "PATCH" else ""
    name = "patch" if method == "PATCH" else verb
    one = with_article(_words(noun))
    return {
        **head_of(f"{name}{noun}", f"{verb.capitalize()} {one}{as_put}", LOOKUPS),
        "description": _SENTENCES[name].format(one=one),
        **described,
    }


def _list(lookup: Lookup, components: Components) -> Json:
    words = lookup.name.split("_")
    title = "".join(word.capitalize() for word in words)
    rows = components.add(f"{title}List", object_of({"data": array_of(_row(lookup, components))}))
    example: dict[str, Any] = {"data": [SUMMARIES[lookup.name]]}
    return {
        **head_of(f"list{title}", f"List {' '.join(words)}", LOOKUPS),
        "description": f"List all {' '.join(words)} that requests may name, by name.",
        "parameters": shared("Team", "IfNoneMatch"),
        "responses": {
            "200": success("All rows, by name.", rows, example, ("ETag",)),
            **not_modified(components),
            **refusals(READ),
        },
    }


def _create(lookup: WrittenLookup, components: Components) -> Json:
    noun = lookup.model.__name__
    body = body_schema(lookup.creation, f"{noun}Create", components)
    made = _answer(lookup, "The new row.", components, ("Location", REPLAYED))
    return {
        "parameters": shared("Team", "IdempotencyKey"),
        "requestBody": body_of(body, CREATED[lookup.name]),
        "responses": {"201": made, **refusals(WRITE_OF_BODY)},
    }


def _show(lookup: WrittenLookup, components: Components) -> Json:
    return {
        "parameters": [_id_of(lookup), *shared("Team")],
        "responses": {"200": _answer(lookup, "The row.", components), **refusals((404, *READ))},
    }


def _update(lookup: WrittenLookup, components: Components) -> Json:
    noun = lookup.model.__name__
    body = body_schema(lookup.change, f"{noun}Update", components, updates=True)
    force = [_force("a stage that is left out")] if lookup.has_parts else []
    changed = _answer(lookup, "The changed row.", components, (REPLAYED,), changed=True)
    refused = refusals((404, *WRITE_OF_BODY)) | (_in_use(components) if lookup.has_parts else {})
    return {
        "parameters": [_id_of(lookup), *force, *shared("Team", "IdempotencyKey")],
        "requestBody": components.add_request_body(f"{noun}Change", body_of(body, UPDATED[lookup.name])),
        "responses": {"200": components.add_response(f"{noun}Changed", changed), **refused},
    }


def _delete(lookup: WrittenLookup, components: Components) -> Json:
    gone = components.add_response("RowDeleted", nothing("The row is deleted.", (REPLAYED,)))
    return {
        "parameters": [_id_of(lookup), _force("the row"), *shared("Team", "IdempotencyKey")],
        "responses": {"204": gone, **refusals((404, *WRITE)), **_in_use(components)},
    }


def _row(lookup: Lookup, components: Components) -> Json:
    return record_schema(lookup.shown, lookup.table, components)


def _answer(
    lookup: WrittenLookup,
    description: str,
    components: Components,
    headers: tuple[str, ...] = (),
    *,
    changed: bool = False,
) -> Json:
    example = made_row(lookup.name, numbered=not _has_uuid(lookup), changed=changed)
    return success(description, one(_row(lookup, components)), {"data": example}, headers)


def _id_of(lookup: WrittenLookup) -> Json:
    schema = UUID if _has_uuid(lookup) else {"type": "integer", "minimum": 1}
    row = {"name": "id", "in": "path", "required": True, "description": "The `id` of the row.", "schema": schema}
    return {**row, "example": SUMMARIES[lookup.name]["id"]}


def _has_uuid(lookup: WrittenLookup) -> bool:
    return issubclass(lookup.model, Identified)


def _force(what: str) -> Json:
    text = f"Whether {what} goes though records refer to it: they show null then, and no label."
    schema = {"type": "boolean", "default": False}
    return {"name": FORCE, "in": "query", "description": text, "schema": schema, "example": True}


def _in_use(components: Components) -> Json:
    """Return the 409 of a row that has to stay, or of a request whose first one is still running."""
    records = {"type": "integer", "minimum": 1, "description": "How many records refer to it."}
    body = components.add("InUse", object_of({"message": TEXT, "records": records}, required=["message"]))
    example = {"message": "12 records refer to it.", "records": 12}
    answer = {
        "description": "Records refer to it, or it is the default rate; or the first request is still running.",
        "headers": header_references((*LIMIT_HEADERS, "Retry-After"), ("Retry-After",)),
        "content": refusal_content(409, body, example),
    }
    return {"409": components.add_response("InUse", answer)}


def _words(noun: str) -> str:
    """Return a name such as `TaxRate` in words."""
    return "".join(f" {letter}" if letter.isupper() else letter for letter in noun).strip()
