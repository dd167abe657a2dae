"""The operations of batches: many records of a resource in one request."""

from crm.blueprints.resource import Resource
from crm.http.idempotency import REPLAYED
from crm.openapi.answers import head_of, success
from crm.openapi.examples.bodies import UPDATED
from crm.openapi.examples.records import created_record, plain_body, updated_record
from crm.openapi.examples.world import example_id
from crm.openapi.forms import TEXT, Components, Json, array_of, name_of, object_of, or_null
from crm.openapi.operations.bodies import change_schema, record, request_body
from crm.openapi.parameters import include_of, shared
from crm.openapi.refusals import WRITE_OF_BODY, refusals
from crm.openapi.requests import body_schema, member
from crm.records.batch_verbs import BATCH_VERBS, BatchVerb
from crm.schemas.batch import MAX_ITEMS, BatchSchema

_KEY = {"source": "hubspot", "key": "42"}
_SENTENCES = {
    "create": "Create up to {most} {many}, each of the body of a POST.",
    "update": "Change up to {most} {many}, each as a PUT does, by `id` or own key; with a `version`, if it has that.",
    "upsert": "Change or create up to {most} {many} by their own keys: what is not there is made.",
    "delete": "Delete up to {most} {many}, by `id` or own key; with a `version`, if it has that.",
}
_REFUSED: Json = {
    "status": 422,
    "message": "The given data was invalid.",
    "errors": {"user_owner_id": ["The selected user_owner_id is invalid."]},
}


def batch_operation(resource: Resource, view: str, components: Components) -> Json:
    """Return the operation of a batch, which is named by its view."""
    verb = next(verb for verb in BATCH_VERBS if view == f"batch_{verb.name}")
    many = type(resource).__name__
    body = components.add(f"{many}To{verb.name.capitalize()}", _body(_item(resource, verb, components), components))
    return {
        **head_of(f"{verb.name}Many{many}", f"{verb.name.capitalize()} many {resource.name}", resource.name),
        "description": _SENTENCES[verb.name].format(most=MAX_ITEMS, many=resource.name),
        "parameters": shared("Team", "Fields", include_of(resource.rows.projection), "IdempotencyKey"),
        "requestBody": request_body(body, batch={"items": [_example_item(resource, verb)]}),
        "responses": {
            "200": _all_written(resource, verb, components),
            "207": _answer(f"{many}PartlyWritten", "Not all items are written.", _REFUSED, resource, components),
            **refusals(WRITE_OF_BODY),
        },
    }


def _body(item: Json, components: Components) -> Json:
    """Return the schema of a batch of such items."""
    batch = BatchSchema()
    text = "Whether all items are written or none, by default so."
    atomic = {**member(batch.load_fields["atomic"], batch, components), "description": text}
    items = {**array_of(item, MAX_ITEMS), "minItems": 1}
    return {**object_of({"items": items, "atomic": atomic}, required=["items"]), "additionalProperties": False}


def _item(resource: Resource, verb: BatchVerb, components: Components) -> Json:
    """Return the schema of an item: what names the record, and what is said of it."""
    noun = name_of(resource.schema)
    if not verb.name_field:
        return body_schema(resource.schema(), f"{noun}Create", components)
    name = body_schema(verb.head, type(verb.head).__name__, components)
    if verb.removes:
        return name
    item = {"allOf": [name, change_schema(resource, components)]}
    return components.add(f"{noun}To{verb.name.capitalize()}", item)


def _all_written(resource: Resource, verb: BatchVerb, components: Components) -> Json:
    """Return the answer to a batch without faults; batches that make records have it in common."""
    kind = "Made" if verb.makes else f"{verb.name.capitalize()}d"
    name = f"{type(resource).__name__}{kind}"
    return _answer(name, "All items are written.", _example(resource, verb), resource, components)


def _answer(name: str, description: str, result: Json, resource: Resource, components: Components) -> Json:
    """Return an answer to a batch, with what has come of its only item as the example."""
    noun = name_of(resource.schema)
    results = components.add(f"{noun}Batch", _results(record(resource, components), components))
    failed = int("errors" in result)
    example = {"data": [result], "meta": {"succeeded": 1 - failed, "failed": failed}}
    return components.add_response(name, success(description, results, example, (REPLAYED,)))


def _results(record_form: Json, components: Components) -> Json:
    """Return the schema of what has come of the items of a batch."""
    count: Json = {"type": "integer", "minimum": 0}
    meta = object_of({"succeeded": count, "failed": count}, description="How many items are written, and how many not.")
    errors = {"type": "object", "additionalProperties": array_of(TEXT)}
    result = {
        "status": {"type": "integer"},
        "data": or_null(record_form),
        "message": TEXT,
        "errors": errors,
    }
    item = object_of(result, required=["status"], description="What has come of one item: `data`, or its faults.")
    return object_of({"data": array_of(item), "meta": components.add("BatchMeta", meta)})


def _example_item(resource: Resource, verb: BatchVerb) -> Json:
    heads: dict[str, Json] = {"": {}, "key": {"key": _KEY}, "id": {"id": example_id(resource.name), "version": 1}}
    head = heads[verb.name_field]
    if verb.removes:
        return head
    made = plain_body(resource) or {}
    return {**head, **(made if verb.makes else UPDATED.get(resource.name, {}))}


def _example(resource: Resource, verb: BatchVerb) -> Json:
    if verb.removes:
        return {"status": 204, "data": None}
    shown = created_record(resource) if verb.makes else updated_record(resource)
    return {"status": 201 if verb.makes else 200, "data": shown}
