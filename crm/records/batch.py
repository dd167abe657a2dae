"""Many records of one resource at once: all items are judged together, then those that are good are written together.

Either takes the same number of queries for any number of items.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from crm.database.connections import transaction
from crm.database.projection import NOTHING_MORE, Included, Json
from crm.http.errors import Overtaken
from crm.records.batch_verbs import BatchVerb, Item
from crm.records.locking import Locked
from crm.records.naming import require_still_named
from crm.records.rows import Rows
from crm.records.writing import Writer
from crm.schemas.base import RecordSchema
from crm.schemas.collections.arrays import Index
from crm.schemas.collections.external_keys import FIELD, give_key
from crm.schemas.fields import INVALID_REFERENCE
from crm.schemas.own_keys import OwnKey, records_named

_REPEATED = "The :field is in this batch already."
_OTHER_VERSION = "The :field is not the record's version."


class Batch:
    """Batches of the records that are shown by `rows`, written by `writer` and read by two schemas."""

    def __init__(self, rows: Rows, writer: Writer, creation: RecordSchema, change: RecordSchema):
        self.resource = rows.model.__tablename__
        self.rows = rows
        self.writer = writer
        self.creation = creation
        self.change = change

    def judge(self, verb: BatchVerb, bodies: Mapping[Index, Mapping[str, Any]]) -> dict[Index, Item]:
        """Read items and find their records; every fault that can be seen before the records are locked is in them."""
        heads = verb.head.read_all(bodies.values(), [None] * len(bodies))
        items = {index: Item(head) for index, head in zip(bodies, heads, strict=True)}
        self._find_records(verb, items.values())
        if not verb.removes:
            self._read_bodies(verb, [(items[index], body) for index, body in bodies.items()])
        _refuse_repeated(verb, items.values())
        for item in items.values():
            if isinstance(key := item.head.values.get("key"), OwnKey):
                give_key(item.body, key)
        return items

    def write(self, verb: BatchVerb, items: Sequence[Item], include: Included = NOTHING_MORE) -> list[Json | None]:
        """Write items without faults and return their records as they are then, None for each that is deleted.

        Raises Overtaken if something was changed since they were judged.
        """
        there = {item.row_id: item for item in items if item.row_id is not None}
        new = [item for item in items if item.row_id is None]
        with transaction():
            locked = self._lock(verb, there)
            made = self.rows.read(self.writer.create([item.body.values for item in new]), include) if new else []
            if verb.removes:
                self.writer.delete(locked)
                return [None for _ in items]
            values = {record.row_id: there[record.row_id].body.values for record in locked}
            changed = self.writer.update(locked, values, include=include) if locked else []
        written = dict(zip([record.row_id for record in locked], changed, strict=True))
        following = iter(made)
        return [next(following) if item.row_id is None else written[item.row_id] for item in items]

    def _find_records(self, verb: BatchVerb, items: Collection[Item]) -> None:
        names = {name for item in items if (name := item.head.values.get(verb.name_field))}
        own_keys = records_named([(self.resource, name) for name in names if isinstance(name, OwnKey)])
        found: dict[Any, int] = {key: row_id for (_, key), row_id in own_keys.items()}
        found |= self.rows.find_all(name for name in names if not isinstance(name, OwnKey))
        for item in items:
            name = item.head.values.get(verb.name_field)
            item.row_id = found.get(name)
            if name and item.row_id is None and not verb.makes:
                item.head.refuse({verb.name_field: [INVALID_REFERENCE]})
        self._judge_versions([item for item in items if item.row_id and item.version])

    def _judge_versions(self, items: Sequence[Item]) -> None:
        versions = self.rows.versions([item.row_id for item in items if item.row_id])
        for item in items:
            if versions.get(item.row_id or 0) != item.version:
                item.head.refuse({"version": [_OTHER_VERSION]})

    def _read_bodies(self, verb: BatchVerb, items: Sequence[tuple[Item, Mapping[str, Any]]]) -> None:
        """Read the bodies of new records as such, and the others as changes."""
        for schema, is_new in ((self.creation, True), (self.change, False)):
            some = [each for each in items if (verb.makes and each[0].row_id is None) == is_new]
            readings = schema.read_all([body for _, body in some], [item.row_id for item, _ in some])
            for (item, _), reading in zip(some, readings, strict=True):
                item.body = reading

    def _lock(self, verb: BatchVerb, items: Mapping[int, Item]) -> list[Locked]:
        """Lock records. Raises Overtaken if one of them is not as it was, or no longer has its name."""
        locked = self.writer.lock.any(items) if items else []
        if len(locked) != len(items) or not all(_is_as_judged(record, items[record.row_id]) for record in locked):
            raise Overtaken
        names = {item.head.values.get(verb.name_field): row_id for row_id, item in items.items()}
        require_still_named(self.resource, {name: names[name] for name in names if isinstance(name, OwnKey)})
        return locked


def _is_as_judged(record: Locked, item: Item) -> bool:
    return record.is_live and item.version in (None, record.version)


def _refuse_repeated(verb: BatchVerb, items: Collection[Item]) -> None:
    """Add a fault to each item that names a record, or gives a key, which an earlier one does."""
    seen: set[Any] = set()
    for item in items:
        name = item.head.values.get(verb.name_field)
        named = {each for each in (name, item.row_id) if each is not None}
        if named & seen:
            item.head.refuse({verb.name_field: [_REPEATED]})
        given = item.body.values.get(FIELD) or {}
        keys = {OwnKey(source, key): source for source, key in given.items() if key}
        for key, source in keys.items():
            if key in seen:
                item.body.refuse({FIELD: {source: [_REPEATED]}})
        seen |= named | keys.keys()
