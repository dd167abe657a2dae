"""Which resources a request about several is about: `resources`, by default all that the caller may view."""

from collections.abc import Collection, Mapping

from crm.access.permissions import may, require
from crm.blueprints.resource import Resource
from crm.http.arguments import argument, refuse
from crm.lists.showing import Shown, requested_fields
from crm.schemas.fields import INVALID_REFERENCE

PARAMETER = "resources"


def picked_resources(resources: Mapping[str, Resource]) -> list[str]:
    """Return the names of the resources that are asked for, in their order.

    Raises ValidationFailed for one that there is not, and Refusal (403) for one that the caller may not view.
    """
    text = argument(PARAMETER)
    if text is None:
        return [name for name, resource in resources.items() if may("view", resource.area)]
    picked = {*text.split(",")}
    if not resources.keys() >= picked:
        refuse(PARAMETER, INVALID_REFERENCE)
    named = [name for name in resources if name in picked]
    for name in named:
        require("view", resources[name].area)
    return named


def shown_of(resources: Collection[Resource]) -> Shown:
    """Return what is to be shown of the records of resources. Raises ValidationFailed for what none of them has."""
    projections = [resource.rows.projection for resource in resources]
    names = frozenset().union(*(projection.names for projection in projections))
    on_request = frozenset().union(*(projection.on_request for projection in projections))
    return requested_fields(names, on_request)
