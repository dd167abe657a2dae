"""Shortening of answers for readers with little room: long texts and long collections are cut, and it is told which."""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from crm.mcp.messages import Json


class Level(NamedTuple):
    """How much is left."""

    characters: int
    members: int
    depth: int = 9
    """How many objects may lie within one another, the first in the answer itself."""


LEVELS = (
    Level(2000, 100),
    Level(500, 25),
    Level(150, 10),
    Level(60, 5),
    Level(40, 3),  # an id has 36 characters, and in part it would name nothing
    Level(40, 0, depth=3),
    Level(40, 0, depth=2),
    Level(40, 0, depth=1),
)
"""The least shortening first."""
_NOT_AS_ASKED = ("rows", "errors", "allowed")
"""The collections of an answer that are as long as it happens; the others are as long as asked."""
_CUT = "…"


def shorten(answer: Json, level: Level, asked: frozenset[str]) -> Json:
    """Return an answer with what is longer cut, and in `cut` which fields of records, or collections, that was done to.

    Fields that were asked for stay whole. So do the texts of the answer itself, such as the cursor of what comes next.
    """
    shortening = _Shortening(level, asked)
    shortened = {name: shortening.part(name, part) for name, part in answer.items()}
    return {**shortened, "cut": [*shortening.cut]} if shortening.cut else shortened


class _Shortening:
    """One shortening, which gathers what it has cut."""

    def __init__(self, level: Level, asked: frozenset[str]):
        self.level = level
        self.asked = asked
        self.cut: dict[str, None] = {}

    def part(self, name: str, part: Any) -> Any:
        """Return what is left of a part of the answer."""
        if isinstance(part, str):
            return part
        if name in _NOT_AS_ASKED:
            part = dict(self._first(name, part.items())) if isinstance(part, Mapping) else self._first(name, part)
        return [self._of(name, each, 1) for each in part] if isinstance(part, list) else self._of(name, part, 1)

    def _of(self, name: str, value: Any, depth: int) -> Any:
        """Return what is left of a value in a field, so many objects deep."""
        if isinstance(value, str) and len(value) > self.level.characters:
            self.cut[name] = None
            return value[: self.level.characters] + _CUT
        if isinstance(value, list):
            return [self._of(name, member, depth) for member in self._first(name, value)]
        return self._of_object(name, value, depth) if isinstance(value, Mapping) else value

    def _of_object(self, name: str, value: Mapping[str, Any], depth: int) -> Any:
        if depth == 1:
            return {key: member if key in self.asked else self._of(key, member, 2) for key, member in value.items()}
        if depth <= self.level.depth:
            return {key: self._of(name, member, depth + 1) for key, member in value.items()}
        self.cut[name] = None
        return _CUT

    def _first(self, name: str, members: Iterable[Any]) -> list[Any]:
        found = [*members]
        if len(found) > self.level.members:
            self.cut[name] = None
        return found[: self.level.members]
