"""The operations of look-up lists."""

from typing import Any

from crm.openapi.answers import head_of, not_modified, success
from crm.openapi.examples.world import SUMMARIES
from crm.openapi.forms import Components, Json, array_of, object_of
from crm.openapi.parameters import shared
from crm.openapi.records import record_schema
from crm.openapi.refusals import READ, refusals
from crm.records.lookups import Lookup

LOOKUPS = "look-ups"


def lookup_operation(lookup: Lookup, components: Components) -> Json:
    """Return the operation of a look-up list."""
    words = lookup.name.split("_")
    title = "".join(word.capitalize() for word in words)
    row = record_schema(lookup.schema, lookup.model.__table__, components)
    rows = components.add(f"{title}List", object_of({"data": array_of(row)}))
    example: dict[str, Any] = {"data": [SUMMARIES[lookup.name]]}
    return {
        **head_of(f"list{title}", f"List {' '.join(words)}", LOOKUPS),
        "parameters": shared("Team", "IfNoneMatch"),
        "responses": {
            "200": success("All rows, by name.", rows, example, ("ETag",)),
            **not_modified(components),
            **refusals(READ),
        },
    }
