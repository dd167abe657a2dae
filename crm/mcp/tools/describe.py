"""The tool that tells what there is: the resources, their fields and look-ups, and what the caller may do."""

from collections.abc import Iterator
from typing import Any

from flask import current_app

from crm.access import acting
from crm.access.abilities import VERBS
from crm.blueprints import lookups_of, resources_of
from crm.blueprints.resource import Resource
from crm.http.errors import MESSAGES
from crm.lists.folding import fold_for_search
from crm.mcp.arguments import Arguments, ResourceName
from crm.mcp.calls import ApiError, ask
from crm.mcp.choices import TOLD, choices
from crm.mcp.forms import fields_of, requires
from crm.mcp.messages import Json
from crm.mcp.showing import called_by
from crm.mcp.tool import Given, Tool, permissions
from crm.models.types import now
from crm.openapi.forms import first_line
from crm.records.lookups import LOOKUPS, Lookup, Users
from crm.schemas.collections.labels import Labels
from crm.schemas.field_order import shown_fields
from crm.schemas.fields import Field, OneOf, Text
from crm.schemas.references import Reference

_LOOKUPS: tuple[type[Lookup], ...] = (*LOOKUPS, Users)
_LOOKUP_NAMES = [lookup.model.__tablename__ for lookup in _LOOKUPS]
_MOST = 100


class DescribeArguments(Arguments):
    """What is to be described."""

    resource = ResourceName(
        *_LOOKUP_NAMES, metadata={"description": "A resource, or a look-up; by default all of it in short."}
    )
    q = Text(max_length=200, metadata={"description": "Of a look-up: a part of the names of its rows."})


def describe(given: Given) -> Json:
    """Tell what there is, in short or of one resource or look-up."""
    name = given.get("resource")
    if name is None:
        return _overview()
    if name in lookups_of(current_app):
        return _rows(name, given.get("q", ""))
    return _described(resources_of(current_app)[name])


def _rows(lookup: str, q: str) -> Json:
    """Return the rows of a look-up that are called so."""
    rows = ask(f"/{lookup.replace('_', '-')}")["data"]
    found = [row for row in rows if fold_for_search(q) in fold_for_search(row["name"])]
    return {"rows": found[:_MOST], "total": len(found)}


def _overview() -> Json:
    caller, may = acting.caller(), permissions()
    return {
        "now": now().isoformat(timespec="seconds"),
        "you": {"id": caller.id, "name": caller.name, "role": acting.role(), "team_id": acting.team_id()},
        "resources": {
            name: {
                "about": first_line(type(resource)),
                "called_by": called_by(name),
                "you_may": [verb for verb in VERBS if (verb, name) in may],
            }
            for name, resource in resources_of(current_app).items()
        },
        "lookups": {name: first_line(type(lookup)) for name, lookup in lookups_of(current_app).items()},
    }


def _described(resource: Resource) -> Json:
    """Return what is needed to use a resource. Raises ApiError (403) for a caller who may do nothing to it."""
    verbs = [verb for verb in VERBS if (verb, resource.name) in permissions()]
    if not verbs:
        raise ApiError(403, {"message": MESSAGES[403]})
    taken = fields_of(resource.creation)
    return {
        "about": first_line(type(resource)),
        "called_by": called_by(resource.name),
        "you_may": verbs,
        "values": {name: _in_short(form, resource, name) for name, form in taken.items()},
        "fields": [name for name, _ in shown_fields(resource.creation)],
        "filters": {name: _asked(field) for name, field in resource.listing.filters.fields.items()},
        "sorts": [*resource.listing.sorting.fields],
        "lookups": dict(_lookups(resource)),
    }


def _in_short(form: Json, resource: Resource, name: str) -> Any:
    """Return the schema of a field with whether it is required, its type alone if there is no more to say."""
    if requires(resource.creation, name):
        return {**form, "required": True}
    return form if form.keys() - {"type"} else form["type"]


def _asked(field: Field) -> str:
    """Return the operators that a filter can ask a field by, and the words that it holds if they are few."""
    operators = " ".join(field.operators)
    return f"{operators}: {', '.join(field.words)}" if isinstance(field, OneOf) else operators


def _lookups(resource: Resource) -> Iterator[tuple[str, Json]]:
    """Yield the rows of look-ups that a field may name, by the field: the first ones, and how many there are."""
    for name, field in resource.creation.fields.items():
        if isinstance(field, Reference | Labels) and (rows := choices(field, None)):
            yield name, {"rows": rows[:TOLD], "total": len(rows)}


DESCRIBE = Tool(
    name="describe",
    sentences="Tell what there is: resources, their fields, filters and look-ups (stages, labels, users …), and what "
    "you may do. Call it before you write.",
    arguments=DescribeArguments,
    call=describe,
    reads_only=True,
)
