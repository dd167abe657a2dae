"""What a caller may do: what the role allows (contract, section 3) and the token is able to (beyond, section 20)."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from crm.access import acting
from crm.access.abilities import VERBS, InsufficientScope, sufficient
from crm.http.errors import Refusal
from crm.models.user import ALL_ABILITIES

_EVERYTHING = {"Owner", "Admin"}
_STAFF = {"Manager", "Employee"}
_READERS = {"Viewer"}
ROLES = ("Owner", "Admin", "Manager", "Employee", "Viewer")


@dataclass(frozen=True)
class Area:
    """What permissions are about: a resource, or another part of the API. An Owner and an Admin may do all of VERBS."""

    name: str
    """By which abilities name it."""
    staff_verbs: Collection[str] = VERBS
    """What a Manager or an Employee may do."""
    reader_verbs: Collection[str] = ("view",)
    """What a Viewer may do."""

    def allows(self, role: str | None, verb: str) -> bool:
        """Tell whether a role may do one of VERBS."""
        if role in _EVERYTHING:
            return True
        if role in _STAFF:
            return verb in self.staff_verbs
        return role in _READERS and verb in self.reader_verbs


FEED = Area("changes")
LOOKUP_ROWS = Area("lookups", staff_verbs=("view",))
WEBHOOKS = Area("webhooks", staff_verbs=(), reader_verbs=())


def may(verb: str, area: Area) -> bool:
    """Tell whether the caller may do `verb` in an area: both by the role in the request's team and by the token."""
    return _is_able(verb, area) and area.allows(acting.role(), verb)


def require(verb: str, area: Area) -> None:
    """Raise Refusal (403) unless the caller may do `verb` in an area, InsufficientScope if it is up to the token."""
    if not _is_able(verb, area):
        raise InsufficientScope
    if not area.allows(acting.role(), verb):
        raise Refusal(403)


def require_any(verb: str, areas: Iterable[Area]) -> None:
    """Raise InsufficientScope if the caller may do `verb` in none of these areas."""
    if not any(may(verb, area) for area in areas):
        raise InsufficientScope


def require_all_abilities() -> None:
    """Raise InsufficientScope unless the token may do all that its user may."""
    if ALL_ABILITIES not in acting.caller().abilities:
        raise InsufficientScope


def _is_able(verb: str, area: Area) -> bool:
    abilities = acting.caller().abilities
    return ALL_ABILITIES in abilities or not sufficient(area.name, verb).isdisjoint(abilities)
