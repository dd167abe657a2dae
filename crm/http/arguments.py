"""The parameters in a request's query, read leniently: what cannot be used is None (contract, section 6)."""

import re

from flask import request

_WHOLE_NUMBER = re.compile(r"-?[0-9]+")
_VAST = 10**18  # beyond any count or id, and still a 64-bit integer


def argument(name: str) -> str | None:
    """Return a query parameter, or None; of a repeated one the last counts."""
    values = request.args.getlist(name)
    return values[-1] if values else None


def whole_number(text: str | None) -> int | None:
    """Return the number that a query parameter holds, or None; vast numbers are all the same."""
    if text is None or not _WHOLE_NUMBER.fullmatch(text):
        return None
    return max(-_VAST, min(int(text[:4000]), _VAST))  # Python reads no more than 4300 digits


def boolean(text: str) -> bool | None:
    """Return the truth value that a query parameter holds, or None."""
    return {"true": True, "1": True, "false": False, "0": False}.get(text)
