"""Conditions as agents write them, in the form in which the API's lists are asked (beyond, section 15)."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from crm.mcp.faults import fault_on

_EQUAL, _NULL = "eq", "null"
_SEPARATOR = ","


def parameters(conditions: Mapping[str, Any]) -> dict[str, str]:
    """Return conditions as parameters of a query: `{"amount": {"gt": 100}}` as `filter[amount][gt]=100`.

    Raises ApiError (422) for a value that no parameter can hold.
    """
    return dict(_parameters(conditions))


def _parameters(conditions: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for field, asked in conditions.items():
        if asked is None:
            yield f"filter[{field}][{_NULL}]", "true"
        elif isinstance(asked, Mapping):
            for operator, value in asked.items():
                yield f"filter[{field}][{operator}]", _text(value, f"filter.{field}.{operator}")
        elif isinstance(asked, list):
            yield f"filter[{field}][in]", _text(asked, f"filter.{field}.in")
        else:
            yield f"filter[{field}]", _text(asked, f"filter.{field}")


def _text(value: Any, path: str) -> str:
    """Return the text of a value, of several with commas between."""
    if isinstance(value, list):
        texts = [_text(each, path) for each in value]
        if any(_SEPARATOR in text for text in texts):
            raise fault_on(path, f"The {path} field cannot hold a value with a comma.")
        return _SEPARATOR.join(texts)
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return value
    if isinstance(value, int | Decimal):
        return str(value)
    raise fault_on(path, f"The {path} field must be text, a number, true, false, or an array of these.")
