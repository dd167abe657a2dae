"""What a write changes: which of a record's columns, and which fields of its JSON from what to what."""

from collections.abc import Collection, Mapping
from typing import Any

import orjson

from crm.database.projection import Json
from crm.records.locking import Locked

_NEVER_NAMED = {"version", "updated_at"}


def differing_columns(record: Locked, values: Mapping[str, Any]) -> dict[str, Any]:
    """Return those of the new values that are columns and that the record does not have already."""
    own = record.columns
    return {name: value for name, value in values.items() if name in own and value != own[name]}


def differences(before: Json, after: Json, fields: Collection[str]) -> Json:
    """Return which of these fields of a record's JSON differ, each with its values `from` and `to`."""
    return {
        name: {"from": before[name], "to": after[name]}
        for name in after
        if name in fields and name not in _NEVER_NAMED and _differ(before[name], after[name])
    }


def _differ(one: Any, other: Any) -> bool:
    """Tell whether two values are not the same JSON; of what is written digit by digit only its text can tell."""
    return one != other and orjson.dumps(one) != orjson.dumps(other)
