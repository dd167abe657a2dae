"""The forms in which clients send the keys of other systems."""

from crm.openapi.forms import UUID, Components, Json, object_of, or_null
from crm.schemas.collections.key_rows import MAX_SOURCES
from crm.schemas.own_keys import LONGEST_KEY, SOURCE

SOURCE_FORM: Json = {"type": "string", "pattern": f"^{SOURCE}$"}
KEY_FORM: Json = {"type": "string", "minLength": 1, "maxLength": LONGEST_KEY, "pattern": r"[^/\s]$"}
"""A key as it is after trimming."""


def own_key_schema(components: Components) -> Json:
    """Register the form of an own key in bodies and return the reference to it."""
    properties = {"source": dict(SOURCE_FORM), "key": dict(KEY_FORM)}
    return components.add("OwnKey", object_of(properties, description="What another system calls a record."))


def named_record_schema(components: Components) -> Json:
    """Register how bodies name a record, by id or own key, and return the reference to it."""
    forms = [UUID, own_key_schema(components)]
    text = "Names a record: its `id`, or what another system calls it."
    return components.add("RecordReference", {"anyOf": forms, "description": text})


def external_keys_schema(components: Components) -> Json:
    """Register the form of a record's keys in bodies and return the reference to it."""
    keys = {
        "type": "object",
        "propertyNames": {"pattern": SOURCE_FORM["pattern"]},
        "additionalProperties": or_null(dict(KEY_FORM)),
        "maxProperties": MAX_SOURCES,
        "description": "What other systems call the record, by source: those named are set, null removes one.",
    }
    return components.add("ExternalKeys", keys)
