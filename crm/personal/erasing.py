"""Erasing a person: what tells who it is is overwritten in one transaction, and its record and all documents stay."""

from collections import Counter

from crm.blueprints.resource import Resource
from crm.database.connections import transaction
from crm.database.locks import wait_for_writes
from crm.personal.overwriting import OVERWRITTEN, overwrite_changed
from crm.personal.person import Known
from crm.personal.places import PLACES
from crm.records.writing import Values
from crm.schemas.collections.external_keys import FIELD as EXTERNAL_KEYS

WAITING_SECONDS = 30
"""For how long writes are waited for that may have read the person before: requests take less."""


class StillWritingError(Exception):
    """Something was being written all the time that may tell who the person is."""


def erase(people: Resource, person: Known) -> Counter[str]:
    """Overwrite a person of the team that is worked in, and return how many rows of each kind told who it was.

    The change of the record itself is noted, if there is something to change, without what it was before. What was
    being written meanwhile is overwritten as soon as it is there. Raises StillWritingError if that takes too long.
    """
    with transaction():
        erased = Counter({"record": _erase_record(people, person.row_id) if person.row_id else 0})
        erased.update(_overwrite_the_past(person))
    if not wait_for_writes(WAITING_SECONDS):
        raise StillWritingError
    with transaction():
        erased.update(_overwrite_the_past(person))
    return erased


def _erase_record(people: Resource, row_id: int) -> int:
    """Overwrite what tells who a person is in its record, its own keys too, and tell whether anything did."""
    (record,) = people.writer.lock.any([row_id])
    (shown,) = people.rows.read([row_id], frozenset([EXTERNAL_KEYS]))
    columns = {name: value for name, value in OVERWRITTEN.items() if name in people.creation.load_fields}
    values: Values = {**columns, EXTERNAL_KEYS: dict.fromkeys(shown[EXTERNAL_KEYS])}
    (written,) = people.writer.update([record], {row_id: values}, told=overwrite_changed)
    return int(written["version"] - record.version)


def _overwrite_the_past(person: Known) -> dict[str, int]:
    return {place.noun: place.overwrite(person.external_id) for place in PLACES}
