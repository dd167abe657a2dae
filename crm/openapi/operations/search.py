"""The operation of the search over all records."""

from collections.abc import Collection

from crm.blueprints.resource import Resource
from crm.blueprints.search import DEFAULT_LIMIT, MAX_LIMIT
from crm.lists.search import MAX_LENGTH
from crm.openapi.answers import head_of, success
from crm.openapi.examples.records import created_record
from crm.openapi.forms import TEXT, Components, Json, array_of, object_of
from crm.openapi.operations.bodies import record
from crm.openapi.parameters import shared
from crm.openapi.refusals import READ, refusals

SEARCH = "search"


def search_operation(resources: Collection[Resource], components: Components) -> Json:
    """Return the operation of the search."""
    names = [resource.name for resource in resources]
    shown = {"anyOf": [record(resource, components) for resource in resources]}
    match = object_of({"resource": {"type": "string", "enum": names}, "record": shown})
    found = components.add("Matches", object_of({"data": array_of(components.add("Match", match))}))
    resource = next(iter(resources))
    example = {"data": [{"resource": resource.name, "record": created_record(resource)}]}
    return {
        **head_of("searchRecords", "Search all records", SEARCH),
        "description": (
            "Search all resources for records that hold all words, the newest of each first. A number such as L1001, a "
            "key of another system, or an e-mail address, finds its records before all others."
        ),
        "parameters": [*_parameters(names), *shared("Fields", "IncludeWithPayments", "Team")],
        "responses": {"200": success("What was found.", found, example), **refusals((422, *READ))},
    }


def _parameters(names: list[str]) -> list[Json]:
    limit: Json = {"type": "integer", "minimum": 1, "maximum": MAX_LIMIT, "default": DEFAULT_LIMIT}
    words: Json = {"type": "string", "minLength": 1, "maxLength": MAX_LENGTH}
    return [
        {"name": "q", "in": "query", "required": True, "description": "The words.", "schema": words, "example": "acme"},
        {
            "name": "resources",
            "in": "query",
            "description": f"Only these, with commas between: {', '.join(names)}.",
            "schema": TEXT,
            "example": ",".join((names[0], names[-1])),
        },
        {
            "name": "limit",
            "in": "query",
            "description": "Records of each resource at most.",
            "schema": limit,
            "example": DEFAULT_LIMIT,
        },
    ]
