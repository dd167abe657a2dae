"""The operations of changes: the history of a record, and the feed of a team."""

from collections.abc import Collection

from crm.blueprints import RESOURCES
from crm.blueprints.changes import DEFAULT_LIMIT, LATEST, MAX_LIMIT, MAX_LIMIT_WITH_RECORDS
from crm.blueprints.resource import Resource
from crm.changes.journal import CREATED, DELETED, UPDATED
from crm.models import Change, Lead
from crm.openapi.answers import head_of, success
from crm.openapi.envelopes import page_of
from crm.openapi.examples.changes import CURSOR, example_change
from crm.openapi.examples.pages import page_example
from crm.openapi.forms import (
    TEXT,
    TIMESTAMP,
    TRUTH,
    UUID,
    Components,
    Json,
    array_of,
    name_of,
    object_of,
    or_null,
    with_article,
)
from crm.openapi.parameters import shared
from crm.openapi.records import record_schema
from crm.openapi.refusals import READ, refusals

CHANGES = "changes"
_WORDS = dict.fromkeys((CREATED, UPDATED, DELETED, *(word for kind in RESOURCES for word in kind.words())))
_COUNT: Json = {"type": "integer", "minimum": 1}


def history_operation(resource: Resource, components: Components) -> Json:
    """Return the operation of a record's history."""
    noun = name_of(resource.schema)
    return {
        **head_of(f"list{noun}Changes", f"List the changes of {with_article(noun)}", resource.name),
        "description": f"List who changed {with_article(noun)}, when, and what from and to; the newest is the first.",
        "parameters": shared("Id", "PerPage", "Page", "Team"),
        "responses": {"200": _history(components), **refusals((404, *READ))},
    }


def _history(components: Components) -> Json:
    """Return the answer that shows a page of changes, the same for all resources."""
    page = components.add("ChangesPage", page_of(components.add("Change", _change()), components))
    change = example_change(Lead)
    example = page_example(f"{change['resource']}/{change['record_id']}/changes", change)
    return components.add_response("History", success("A page of its changes.", page, example))


def feed_operation(resources: Collection[Resource], components: Components) -> Json:
    """Return the operation of the feed."""
    shown = [record_schema(resource.schema, resource.table, components) for resource in resources]
    change = _change()
    change["properties"]["record"] = {
        "description": "With `records=true`: the record as it is now, null if it is deleted.",
        "anyOf": [*shown, {"type": "null"}],
    }
    meta = object_of({"cursor": TEXT, "has_more": TRUTH})
    feed = components.add("Feed", object_of({"data": array_of(components.add("FedChange", change)), "meta": meta}))
    example = {"data": [example_change(Lead)], "meta": {"cursor": CURSOR, "has_more": False}}
    return {
        **head_of("followChanges", "Follow the changes of all records", CHANGES),
        "description": "List all changes after a cursor, the oldest first. Nothing is missed or told twice.",
        "parameters": [
            *_parameters([resource.name for resource in resources]),
            *shared("Fields", "IncludeWithPayments", "Team"),
        ],
        "responses": {"200": success("The changes that come next.", feed, example), **refusals((410, 422, *READ))},
    }


def _change() -> Json:
    who = or_null(object_of({"id": _COUNT, "name": TEXT}))
    columns = Change.__table__.c
    return object_of(
        {
            "sequence": {**_COUNT, "description": "Counts by team, without holes, in the order of the changes."},
            "type": {**TEXT, "description": f"The singular of the resource and what happened: {', '.join(_WORDS)}."},
            "resource": TEXT,
            "record_id": UUID,
            "version": {**_COUNT, "description": "The version that the record has since."},
            "occurred_at": TIMESTAMP,
            "user": who,
            "token": who,
            "request_id": or_null({**TEXT, "maxLength": columns.request_id.type.length}),
            "changed": {
                "description": "Each field that differs; null where the record came, went, or came back.",
                "type": ["object", "null"],
                "additionalProperties": object_of({"from": {}, "to": {}}),
            },
        },
        description="A change of a record. `user` and `token` are as they were then; null on the command line.",
    )


def _parameters(resources: list[str]) -> list[Json]:
    limit = {**_COUNT, "maximum": MAX_LIMIT, "default": DEFAULT_LIMIT}
    records = {**TRUTH, "default": False}
    described = (
        (
            "after",
            f"The cursor of an earlier answer; without it, the oldest change kept. `{LATEST}`: from now on.",
            TEXT,
            LATEST,
        ),
        ("limit", f"Changes at most; with `records=true` not more than {MAX_LIMIT_WITH_RECORDS}.", limit, 100),
        (
            "resources",
            f"Only of these, with commas between: {', '.join(resources)}.",
            TEXT,
            ",".join((resources[0], resources[-1])),
        ),
        ("records", "Whether each change comes with its record as it is now.", records, True),
    )
    return [
        {"name": name, "in": "query", "description": description, "schema": dict(schema), "example": example}
        for name, description, schema, example in described
    ]
