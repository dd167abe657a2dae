"""Which types of changes a webhook wants: `deal.won`, all of a resource (`lead.*`), or all (`*`)."""

from typing import NamedTuple

import orjson

from crm.models import RECORDS

ALL = "*"
_OF_RESOURCE = ".*"
_RESOURCES = {model.__name__.lower(): model.__tablename__ for model in RECORDS}


class Wanted(NamedTuple):
    """The same as columns of changes have it."""

    types: list[str]
    resources: list[str]


def wanted(types: str) -> Wanted:
    """Return what a webhook wants, from the JSON array that it keeps."""
    given: list[str] = orjson.loads(types)
    if ALL in given:
        return Wanted([], [*_RESOURCES.values()])
    whole = [each.removesuffix(_OF_RESOURCE) for each in given if each.endswith(_OF_RESOURCE)]
    return Wanted([each for each in given if not each.endswith(_OF_RESOURCE)], [_RESOURCES[each] for each in whole])


def with_patterns(types: frozenset[str]) -> frozenset[str]:
    """Return all that a webhook can ask for, where there are these types of changes."""
    return types | {f"{each.partition('.')[0]}{_OF_RESOURCE}" for each in types} | {ALL}
