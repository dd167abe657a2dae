"""Every part of records that has paths of its own, and what its tests start from, written by hand."""

from typing import Any, NamedTuple

from crm.blueprints import RESOURCES
from crm.blueprints.part import Part
from tests.support.client import UNKNOWN_PARTS, ApiClient

Json = dict[str, Any]
Key = tuple[str, str]
"""A resource, and the name of its parts."""

PARTS: dict[Key, Part] = {
    (resource.model.__tablename__, part.name): part for resource in RESOURCES for part in resource.parts
}


class Case(NamedTuple):
    """A record to which a part can be added, and from which one can be removed."""

    fields: Json
    """What such a record has."""
    added: Json = {}  # noqa: RUF012 (nothing changes it)
    """A body that adds one; it can be sent twenty times."""
    key: str = ""
    """The key of one that such a record has, if none can be added."""


CASES: dict[Key, Case] = {
    ("invoices", "payments"): Case({"total": 100}, {"amount": 5}),
    ("products", "prices"): Case({"unit_price": 1, "currency": "EUR"}, key="EUR"),
}


def part_of(path: str) -> Part | None:
    """Return the parts that a path is about, None if it is about a record."""
    segments = path.split("/")
    return PARTS.get((segments[1], segments[3])) if len(segments) > 3 else None


def names_one(path: str) -> bool:
    """Tell whether a path names a part of a record."""
    return any(path.endswith(f"/{key}") for key in UNKNOWN_PARTS.values())


def record_with_parts(api: ApiClient, path: str) -> Json:
    """Return a record on which a write of a path of parts has something to do, with the key of the one that it names.

    The key is in `part`.
    """
    resource, name = path.split("/")[1], path.split("/")[3]
    part, case = PARTS[resource, name], CASES[resource, name]
    record = api.create(resource, **case.fields)
    if not names_one(path) or case.key:
        return {**record, "part": case.key}
    added = api.post(f"/{resource}/{record['id']}/{name}", case.added)
    assert added.status_code == 201, added.text
    return {**api.get(f"/{resource}/{record['id']}").json["data"], "part": str(added.json["data"][part.key])}
