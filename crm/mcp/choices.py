"""The values that a field takes, where they can be told: words, rows of look-ups, and records that come near a name."""

import re
from collections.abc import Mapping, Sequence
from functools import singledispatch
from typing import Any

from flask import current_app, g
from marshmallow import Schema

from crm.blueprints import lookups_of, resources_of
from crm.lists.filters import DELETED, ONLY, WITH
from crm.lists.folding import fold_for_search
from crm.lists.listing import Listing
from crm.mcp.arguments import Names
from crm.mcp.calls import ask
from crm.mcp.messages import Json
from crm.mcp.names import near_to
from crm.schemas.collections.labels import Labels
from crm.schemas.collections.ordered_rows import OrderedRows
from crm.schemas.fields import OneOf, Timestamp, is_text
from crm.schemas.references import Reference, StageReference

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
TOLD = 20
"""How many values are told at most."""
_TELLING = 3  # letters that tell what is meant
_ROWS = "crm_mcp_rows"


def choices_of(schema: Schema, steps: Sequence[str], sent: Any) -> list[Any]:
    """Return what the field at a path takes, which was `sent` in what holds it; nothing if that cannot be told."""
    field = schema.fields.get(steps[0])
    value = _at(sent, steps[0])
    if isinstance(field, OrderedRows) and len(steps) > 2:
        return choices_of(field.member(), steps[2:], _at(value, steps[1]))
    if isinstance(field, Labels) and len(steps) > 1:
        value = _at(value, steps[1])
    return nearest(choices(field, value), value) if field else []


def asked_choices(listing: Listing, steps: Sequence[str], conditions: Mapping[str, Any]) -> Sequence[Any]:
    """Return what a condition of a list may name at a path: a field, an operator of it, or a value."""
    name, *operator = steps or [""]
    if name == DELETED:
        return [WITH, ONLY]
    field = listing.filters.fields.get(name)
    if field is None:
        return listing.filters.names
    if operator and operator[0] not in field.operators:
        return field.operators
    asked = _at(conditions, name)
    value = next(iter(asked.values()), None) if isinstance(asked, Mapping) else asked
    return nearest(choices(field, value), value)


@singledispatch
def choices(field: Any, sent: Any) -> list[Any]:
    """Return what a kind of field takes: by default what its declaration lists."""
    return list(getattr(field, "choices", ()))


@choices.register
def _one_of(field: OneOf, sent: Any) -> list[Any]:
    return [*field.words]


@choices.register
def _names(field: Names, sent: Any) -> list[Any]:
    return list(field.choices or ())


@choices.register
def _timestamp(field: Timestamp, sent: Any) -> list[Any]:
    day = _DAY.match(sent) if isinstance(sent, str) else None
    return [f"{day[0] if day else '2026-12-31'}T00:00:00Z"]


@choices.register
def _reference(field: Reference, sent: Any) -> list[Any]:
    table = field.model.__tablename__
    if table in resources_of(current_app):
        return near_to(table, sent) if isinstance(sent, str) else []
    return rows_of(table) if table in lookups_of(current_app) else []


@choices.register
def _stage(field: StageReference, sent: Any) -> list[Any]:
    return stages_of(field.resource)


@choices.register
def _labels(field: Labels, sent: Any) -> list[Any]:
    return rows_of("labels")


def rows_of(lookup: str) -> list[Json]:
    """Return the rows of a look-up by id and name, which are asked for once for all faults of a message."""
    kept: dict[str, list[Json]] = g.setdefault(_ROWS, {})
    if lookup not in kept:
        rows = ask(f"/{lookup.replace('_', '-')}")["data"]
        kept[lookup] = [{"id": row["id"], "name": row["name"]} for row in rows]
    return kept[lookup]


def stages_of(resource: str) -> list[Json]:
    """Return the stages that records of a resource go through, each with its pipeline."""
    return [
        {"id": stage["id"], "name": stage["name"], "pipeline": pipeline["name"]}
        for pipeline in ask("/pipelines")["data"]
        if pipeline["resource"] == resource
        for stage in pipeline["stages"]
    ]


def nearest(found: list[Any], sent: Any) -> list[Any]:
    """Return the values that are called as what was sent, or else those that hold it or lie in it, or else all.

    They are TOLD at most.
    """
    meant = fold_for_search(sent) if isinstance(sent, str) and is_text(sent) else ""
    called = [(value, fold_for_search(_called(value))) for value in found]
    same = [value for value, name in called if name == meant]
    near = [
        value for value, name in called if min(len(name), len(meant)) >= _TELLING and (meant in name or name in meant)
    ]
    return (same or near or found)[:TOLD]


def _called(value: Any) -> str:
    """Return what a value is called: a word itself, a row by its name; records come near anyway."""
    return str(value.get("name", "")) if isinstance(value, dict) else str(value)


def _at(value: Any, step: str) -> Any:
    """Return a member of a value by a step of a path, None if it has none."""
    if isinstance(value, Mapping):
        return value.get(step)
    if isinstance(value, list) and step.isdecimal() and int(step) < len(value):
        return value[int(step)]
    return None
