"""Shortening of answers for readers with little room: long texts and long collections are cut, and it is told which."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from crm.mcp.messages import Json


class Level(NamedTuple):
    """How much is left."""

    characters: int
    members: int


LEVELS = (Level(2000, 100), Level(500, 25), Level(150, 10), Level(60, 5), Level(30, 3))
"""The least shortening first."""
_CUT = "…"


def shorten(answer: Json, level: Level, asked: frozenset[str]) -> Json:
    """Return an answer with what is longer cut, and the names of that in `cut`; fields that were asked for stay whole.

    The arrays of the answer itself stay, too: they are as long as asked.
    """
    cut: dict[str, None] = {}

    def of(value: Any, name: str) -> Any:
        if isinstance(value, str) and len(value) > level.characters:
            cut[name] = None
            return value[: level.characters] + _CUT
        if isinstance(value, Mapping):
            return {key: member if key in asked else of(member, key) for key, member in value.items()}
        if isinstance(value, list):
            if len(value) > level.members:
                cut[name] = None
            return [of(member, name) for member in value[: level.members]]
        return value

    shortened = {
        name: [of(member, name) for member in value] if isinstance(value, list) else of(value, name)
        for name, value in answer.items()
    }
    return {**shortened, "cut": [*cut]} if cut else shortened
