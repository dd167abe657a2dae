"""What a tool is: declared once, and listed, described and called from that."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from flask import current_app

from crm.access.abilities import VERBS
from crm.access.permissions import FEED, may
from crm.blueprints import resources_of
from crm.mcp.arguments import RESOURCES, Arguments

Json = dict[str, Any]
Given = Mapping[str, Any]
"""The arguments of a call by their names, those that were given."""


Permitted = frozenset[tuple[str, str]]
"""Verbs, each with the name of the area in which the caller may do it."""


@dataclass(frozen=True)
class Need:
    """A permission: a verb in one of these areas at least."""

    verb: str
    areas: tuple[str, ...] = RESOURCES

    def met_in(self, permitted: Permitted) -> list[str]:
        """Return the areas in which it is there."""
        return [name for name in self.areas if (self.verb, name) in permitted]


@dataclass(frozen=True)
class Tool:
    """One tool.

    Its `call` does what it does by calls of the API, whose refusals it raises (ApiError), and returns the answer.
    """

    name: str
    sentences: str
    """What it does, for whoever chooses among tools."""
    arguments: type[Arguments]
    call: Callable[[Given], Json]
    needs: tuple[Need, ...] = ()
    """What its caller must be allowed to do: it is listed for nobody else. Its arguments name the areas of the last."""
    reads_only: bool = False
    destroys: bool = False
    """Whether it overwrites or takes away what was there."""

    def is_for(self, permitted: Permitted) -> bool:
        """Tell whether a caller with these permissions may use it."""
        return not self.needs or (all(need.met_in(permitted) for need in self.needs) and bool(self.areas(permitted)))

    def areas(self, permitted: Permitted) -> list[str]:
        """Return the areas that its arguments may name: those in which all is permitted that it needs there.

        Where it needs nothing, they are those in which anything is.
        """
        if not self.needs:
            return [name for name in RESOURCES if any((verb, name) in permitted for verb in VERBS)]
        named = self.needs[-1].met_in(permitted)
        needs = self.needs
        return [name for name in named if all((need.verb, name) in permitted for need in needs if name in need.areas)]


def permissions() -> Permitted:
    """Return all that the caller may do."""
    areas = (FEED, *(resource.area for resource in resources_of(current_app).values()))
    return frozenset((verb, area.name) for area in areas for verb in VERBS if may(verb, area))


def viewable() -> list[str]:
    """Return the resources whose records the caller may view."""
    return Need("view").met_in(permissions())
