"""What counts as an array, and by what places its members are known (contract, section 1).

PHP sends an array with gaps as an object, and an empty one may come as `{}`.
"""

import re
from collections.abc import Iterator
from typing import Any

Index = int | str
"""Where a member stands in the payload, by which its faults are named: its index, or its key as sent."""

_WHOLE_NUMBER = re.compile(r"-?[0-9]{1,19}")  # as long as a key of PHP can be


def is_array(value: Any) -> bool:
    """Tell whether a JSON value counts as an array: it is one, or an object whose keys are all whole numbers."""
    return isinstance(value, list) or (isinstance(value, dict) and all(map(_WHOLE_NUMBER.fullmatch, value)))


def members_of(array: list[Any] | dict[str, Any]) -> Iterator[tuple[Index, Any]]:
    """Yield the members of what counts as an array with their places, in the order of these."""
    if isinstance(array, list):
        yield from enumerate(array)
    else:
        for key in sorted(array, key=int):
            yield key, array[key]
