"""Overwriting a person's values wherever JSON shows the person: in the record itself, in others, and in changes."""

import json
from typing import Any

import orjson

from crm.database.projection import Json
from crm.schemas.collections.external_keys import FIELD as EXTERNAL_KEYS

ERASED = "Erased"
"""What an erased person is called, since a person has a first name."""

OVERWRITTEN: Json = {
    "title": None,
    "first_name": ERASED,
    "middle_name": None,
    "last_name": None,
    "name": ERASED,
    "gender": None,
    "birthday": None,
    "description": None,
    "emails": [],
    "phones": [],
    "addresses": [],
    EXTERNAL_KEYS: {},
}
"""The fields that tell who a person is, as they are shown once the person is erased."""


def overwrite_changed(changed: Json) -> Json:
    """Return what differs in a change of the person's own record, without what it was and what it became."""
    return {
        name: {"from": OVERWRITTEN[name], "to": OVERWRITTEN[name]} if name in OVERWRITTEN else values
        for name, values in changed.items()
    }


def overwrite(text: str | bytes, person_id: str, *, is_own_change: bool = False) -> bytes:
    """Return JSON text in which no object that is the person, by its id, tells who that is; all else stays as it is.

    With `is_own_change` the text is what differs in a change of the person's own record.
    """
    told = json.loads(text, parse_float=orjson.Fragment, parse_int=orjson.Fragment)  # digits as they were
    return orjson.dumps(_overwritten(overwrite_changed(told) if is_own_change else told, person_id))


def _overwritten(value: Any, person_id: str) -> Any:
    if isinstance(value, list):
        return [_overwritten(each, person_id) for each in value]
    if not isinstance(value, dict):
        return value
    shown = {name: _overwritten(each, person_id) for name, each in value.items()}
    if shown.get("id") == person_id:
        shown |= {name: OVERWRITTEN[name] for name in shown if name in OVERWRITTEN}
    if shown.get("record_id") == person_id and shown.get("changed"):
        shown["changed"] = overwrite_changed(shown["changed"])
    return shown
