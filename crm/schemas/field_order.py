"""The order in which fields stand in JSON, in a list of faults and in the API description.

A reader of a record expects the id, then what is a resource's own, then what several resources have, and last what
all have. Other objects show their fields as they are declared.
"""

from typing import Any

from marshmallow import Schema

_LAST = (
    *("pipeline_stage", "person", "organization", "lead", "deal", "quote", "order"),
    *("labels", "line_items", "tax_breakdown", "payments"),
    *("external_keys", "owner", "version", "created_at", "updated_at", "deleted_at"),
)


def shown_fields(schema: Schema) -> list[tuple[str, Any]]:
    """Return the fields that a schema shows, with their names, in their order."""
    fields = _own_first(schema, schema.dump_fields)
    return sorted(fields, key=lambda item: _LAST.index(item[0]) if item[0] in _LAST else -1 - (item[0] == "id"))


def taken_fields(schema: Schema) -> list[tuple[str, Any]]:
    """Return the fields that a schema takes, with their names, in their order."""
    return _own_first(schema, schema.load_fields)


def _own_first(schema: Schema, fields: dict[str, Any]) -> list[tuple[str, Any]]:
    """Return fields in the order of their declaration, a record's own before those that its class inherits."""
    if not getattr(schema, "is_record", False):
        return [*fields.items()]
    inherited = {name for base in type(schema).__mro__[1:] for name in (*vars(base), *_declared(base))}
    return sorted(fields.items(), key=lambda item: item[0] in inherited)


def _declared(base: type) -> dict[str, Any]:
    declared: dict[str, Any] = getattr(base, "_declared_fields", {})
    return declared
