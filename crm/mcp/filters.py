"""Conditions as agents write them, in the form in which the API's lists are asked (beyond, section 15)."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from crm.lists.filters import DELETED, MAX_CONDITIONS, MAX_VALUES
from crm.mcp.choices import nearest
from crm.mcp.faults import fault_on
from crm.mcp.names import id_of
from crm.schemas.fields import OneOf
from crm.schemas.references import Reference

_NULL = "null"
_LONGEST = 80  # characters
_WHOLE = ("eq", "ne", "in")
"""The operators that compare with a whole value."""
_SEPARATOR = ","


def parameters(conditions: Mapping[str, Any], fields: Mapping[str, Any]) -> dict[str, str]:
    """Return conditions as parameters of a query: `{"amount": {"gt": 100}}` as `filter[amount][gt]=100`.

    Records may be named by number or own key, where `fields` that can be asked refer to them. Raises ApiError (422) for
    a value that no parameter can hold, and for a word that the field never holds.
    """
    if sum(len(asked) if isinstance(asked, Mapping) else 1 for asked in conditions.values()) > MAX_CONDITIONS:
        raise fault_on("filter", f"The filter field must not have more than {MAX_CONDITIONS} items.")
    return dict(_parameters(conditions, fields))


def _parameters(conditions: Mapping[str, Any], fields: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for name, asked in conditions.items():
        field = fields.get(name.partition(".")[0])
        if field is None and name != DELETED:
            path = f"filter.{name}"[:_LONGEST]
            raise fault_on(path, f"There is no {path}; all conditions hold at once.", nearest([*fields], name))
        if asked is None:
            yield f"filter[{name}][{_NULL}]", "true"
        elif asked == {}:
            path = f"filter.{name}"
            raise fault_on(path, f"The {path} field is required.", getattr(field, "operators", ()))
        elif isinstance(asked, Mapping):
            for operator, value in asked.items():
                yield f"filter[{name}][{operator}]", _text(value, f"filter.{name}.{operator}", field, operator)
        elif isinstance(asked, list):
            yield f"filter[{name}][in]", _text(asked, f"filter.{name}.in", field, "in")
        else:
            yield f"filter[{name}]", _text(asked, f"filter.{name}", field)


def _text(value: Any, path: str, field: Any, operator: str = "eq") -> str:
    """Return the text of a value, of several with commas between."""
    if isinstance(value, list):
        if len(value) > MAX_VALUES:
            raise fault_on(path, f"The {path} field must not have more than {MAX_VALUES} items.")
        texts = [_text_of_one(each, path, field, operator) for each in value]
        if any(_SEPARATOR in text for text in texts):
            raise fault_on(path, f"The {path} field cannot hold a value with a comma.")
        return _SEPARATOR.join(texts)
    return _text_of_one(value, path, field, operator)


def _text_of_one(value: Any, path: str, field: Any, operator: str) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        if isinstance(field, OneOf) and operator in _WHOLE and value not in field.words:
            raise fault_on(path, f"The selected {path} is invalid.", field.words)
        is_reference = isinstance(field, Reference) and field.to_record
        return id_of(field.model.__tablename__, value) if is_reference else value
    if isinstance(value, int | Decimal):
        return str(value)
    raise fault_on(path, f"The {path} field must be text, a number, true, false, or an array of these.")
