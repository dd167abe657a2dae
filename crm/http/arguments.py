"""The parameters in a request's query: the old ones are read leniently, the newer ones strictly.

What cannot be used of an old one is None (contract, section 6). Of a newer one it is a fault, so that nobody takes all
records for those that they have asked for.
"""

import re
from typing import NoReturn

from flask import request

from crm.http.errors import ValidationFailed

_WHOLE_NUMBER = re.compile(r"-?[0-9]+")
_VAST = 10**18  # beyond any count or id, and still a 64-bit integer
_MOST_DIGITS = 100

TRUTH_VALUES = {
    **dict.fromkeys(("true", "1", "yes", "on"), True),
    **dict.fromkeys(("false", "0", "no", "off"), False),
}
"""The words of a truth value, which may be in any case."""
STRICT_TRUTH_VALUES = {"true": True, "1": True, "false": False, "0": False}


def argument(name: str) -> str | None:
    """Return a query parameter, or None; of a repeated one the last counts."""
    values = request.args.getlist(name)
    return values[-1] if values else None


def whole_number(text: str | None) -> int | None:
    """Return the number that a query parameter holds, or None; vast numbers are all the same."""
    number = exact_number(text)
    return None if number is None else max(-_VAST, min(number, _VAST))


def exact_number(text: str | None) -> int | None:
    """Return the number that a query parameter holds, or None; only the first hundred of its digits count."""
    if text is None or not _WHOLE_NUMBER.fullmatch(text):
        return None
    digits = text.lstrip("-0")[:_MOST_DIGITS] or "0"
    return -int(digits) if text.startswith("-") else int(digits)


def boolean(text: str) -> bool | None:
    """Return the truth value that a query parameter holds, or None."""
    return TRUTH_VALUES.get(text.lower())


def strict_whole_number(name: str, *, default: int, most: int) -> int:
    """Return a number from 1 to `most`. Raises ValidationFailed."""
    text = argument(name)
    if text is None:
        return default
    number = whole_number(text)
    if number is None:
        refuse(name, "The :field field must be an integer.")
    if number < 1:
        refuse(name, "The :field field must be at least 1.")
    if number > most:
        refuse(name, f"The :field field must not be greater than {most}.")
    return number


def strict_boolean(name: str, *, default: bool = False) -> bool:
    """Return a truth value. Raises ValidationFailed."""
    text = argument(name)
    if text is None:
        return default
    if text not in STRICT_TRUTH_VALUES:
        refuse(name, "The :field field must be true or false.")
    return STRICT_TRUTH_VALUES[text]


def refuse(name: str, sentence: str) -> NoReturn:
    """Raise ValidationFailed for a parameter, which the sentence calls `:field`."""
    raise ValidationFailed({name: [sentence.replace(":field", name)]})
