"""What a token may do of what its user may (beyond, section 20).

An ability is the name of an area and a verb, such as `leads:view`, or `*` in the place of the verb for all of them.
"""

from functools import cache

from crm.http.errors import Refusal
from crm.models import RECORDS
from crm.models.user import ALL_ABILITIES

VERBS = ("view", "create", "edit", "delete")
VIEW_RECORDS = "*:view"
"""Stands for the `view` of each of the resources."""
RESOURCES = frozenset(model.__tablename__ for model in RECORDS)

ABILITIES = (
    ALL_ABILITIES,
    VIEW_RECORDS,
    *(f"{name}:{verb}" for name in sorted(RESOURCES) for verb in ("*", *VERBS)),
    "changes:view",
    "lookups:*",
    "webhooks:*",
)
"""All abilities that a token can be given."""

_CHALLENGE = {"WWW-Authenticate": 'Bearer error="insufficient_scope"'}


class InsufficientScope(Refusal):
    """A 403 to a token whose abilities do not suffice: another token of the same user might."""

    def __init__(self) -> None:
        super().__init__(403, headers=_CHALLENGE)


@cache
def sufficient(area: str, verb: str) -> frozenset[str]:
    """Return the abilities each of which lets a token do a verb in an area."""
    abilities = {ALL_ABILITIES, f"{area}:*", f"{area}:{verb}"}
    if verb == "view" and area in RESOURCES:
        abilities.add(VIEW_RECORDS)
    return frozenset(abilities)
