"""The parameters in a request's query, read leniently: what cannot be used is None (contract, section 6)."""

import re

from flask import request

_WHOLE_NUMBER = re.compile(r"-?[0-9]+")
_VAST = 10**18  # beyond any count or id, and still a 64-bit integer
_MOST_DIGITS = 100

TRUTH_VALUES = {
    **dict.fromkeys(("true", "1", "yes", "on"), True),
    **dict.fromkeys(("false", "0", "no", "off"), False),
}
"""The words of a truth value, which may be in any case."""


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
