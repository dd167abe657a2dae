"""What a role may do (contract, section 3)."""

from collections.abc import Collection

from crm.access import acting
from crm.http.errors import Refusal

VERBS = ("view", "create", "edit", "delete")

_EVERYTHING = {"Owner", "Admin"}
_STAFF = {"Manager", "Employee"}
_READERS = {"Viewer"}
ROLES = ("Owner", "Admin", "Manager", "Employee", "Viewer")


def may(role: str | None, verb: str, staff_verbs: Collection[str] = VERBS) -> bool:
    """Tell whether a role may do one of VERBS to a resource of which staff may do `staff_verbs`."""
    if role in _EVERYTHING:
        return True
    if role in _STAFF:
        return verb in staff_verbs
    return role in _READERS and verb == "view"


def require(verb: str, staff_verbs: Collection[str] = VERBS) -> None:
    """Raise Refusal (403) unless the caller may do `verb` in the request's team."""
    if not may(acting.role(), verb, staff_verbs):
        raise Refusal(403)
