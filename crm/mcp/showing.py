"""What is shown of records to readers with little room: what names them, and what was asked for."""

from collections.abc import Iterable
from typing import Any

from flask import current_app

from crm.blueprints import resources_of
from crm.mcp.messages import Json

_WORKED_OUT = frozenset({"total"})


def called_by(resource: str) -> tuple[str, ...]:
    """Return the fields by which people know a record of a resource."""
    return resources_of(current_app)[resource].schema.called_by


def worked_out(resource: str) -> tuple[str, ...]:
    """Return what is told of a record that has been written beside what names it: of a document its total."""
    return tuple(_WORKED_OUT & resources_of(current_app)[resource].rows.projection.names)


def naming_fields(resource: str, asked: Iterable[str] = ()) -> str:
    """Return the parameter `fields` of a request that is to show what names a record, and these."""
    return ",".join(dict.fromkeys((*called_by(resource), "version", *asked)))


def brief(resource: str, record: Json, asked: Iterable[str] = ()) -> Json:
    """Return of a record what names it, and these fields."""
    names = ("id", *called_by(resource), "version", *asked)
    return {name: record[name] for name in dict.fromkeys(names) if name in record}


def filled(record: Json) -> Json:
    """Return of a whole record the fields that hold something."""
    return {name: value for name, value in record.items() if not is_nothing(value)}


def is_nothing(value: Any) -> bool:
    """Tell whether a field holds nothing: null, or a collection without members."""
    return value is None or value in ([], {})
