"""The keys by which other systems know a record (beyond, section 14)."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

from marshmallow.exceptions import ValidationError
from sqlalchemy import bindparam, delete, select, text
from sqlalchemy.dialects.postgresql import insert  # SQLite's is the same SQL

from crm.access.scope import team_key
from crm.database.functions import any_of
from crm.database.given_rows import given_rows
from crm.database.query import Query
from crm.http.errors import Overtaken
from crm.models import ExternalKey
from crm.schemas.collections.base import WrittenCollection
from crm.schemas.fields import INVALID_REFERENCE, Text
from crm.schemas.own_keys import LONGEST_KEY, OwnKey, is_source, own_key, records_named
from crm.schemas.reading import Reading

Keys = dict[str, str | None]
"""Keys by their sources; None for one that is to be removed."""

FIELD = "external_keys"
MAX_SOURCES = 20
_TAKEN = "The :field has already been taken."
_KEYS = ExternalKey.__table__
_KEY = Text(max_length=LONGEST_KEY)
_TOO_MANY = _KEY.make_error("max_items", max=MAX_SOURCES).messages


class ExternalKeys(WrittenCollection):
    """A record's keys by source, shown on request. The sources that are sent are set, null removes one."""

    on_request = True
    nothing = dict

    @property
    def resource(self) -> str:
        """The resource of the records."""
        name: str = self.root.model.__tablename__  # type: ignore[union-attr]
        return name

    def parse(self, value: Any) -> Keys:
        """Return the keys by source. Raises ValidationError with every fault."""
        value = {} if value == [] else value  # as PHP sends an empty object
        if not isinstance(value, Mapping):
            raise self.make_error("array")
        if len(value) > MAX_SOURCES:
            raise self.make_error("max_items", max=MAX_SOURCES)
        keys: Keys = {}
        faults = {}
        for source, key in value.items():
            try:
                keys[source] = self._parse_key(source, key)
            except ValidationError as error:
                faults[source] = error.messages
        if faults:
            raise ValidationError(faults, valid_data=keys)
        return keys

    def _parse_key(self, source: str, value: Any) -> str | None:
        if not is_source(source):
            raise self.make_error("selected")
        key: str | None = _KEY.deserialize(value)
        if key is not None and own_key(source, key) is None:
            raise self.make_error("selected")
        return key

    def resolve(self, readings: Sequence[Reading]) -> None:
        """Add a fault for each key that another live record has, and for each record that would have too many."""
        name = str(self.name)
        wanted = [OwnKey(*item) for reading in readings for item in reading.values[name].items() if item[1]]
        holders = records_named([(self.resource, key) for key in wanted])
        present = self.of([reading.record_id for reading in readings if reading.record_id])
        for reading in readings:
            keys = reading.values[name]
            taken = [
                source
                for source, key in keys.items()
                if holders.get((self.resource, OwnKey(source, key)), reading.record_id) != reading.record_id
            ]
            if taken:
                reading.refuse({name: {source: [_TAKEN] for source in taken}})
            elif len(_with(present.get(reading.record_id, {}), keys)) > MAX_SOURCES:  # type: ignore[arg-type]
                reading.refuse({name: _TOO_MANY})

    def of(self, record_ids: list[int]) -> dict[int, dict[str, str]]:
        """Return the keys of each record that has some, by the record's row id."""
        rows = self._of_records.rows(resource=self.resource, record_ids=record_ids) if record_ids else []
        found: dict[int, dict[str, str]] = defaultdict(dict)
        for record_id, source, key in rows:
            found[record_id][source] = key
        return found

    def write(self, keys_of: Mapping[int, Keys], *, new: bool) -> set[int]:
        """Set and remove keys of records, and return whose keys are others now.

        They are added in their order, so that writers who want the same ones do not wait for each other in a circle.
        Raises Overtaken if another record has got one meanwhile.
        """
        present = {} if new else self.of([*keys_of])
        gone, added = [], []
        for record_id, keys in keys_of.items():
            known = present.get(record_id, {})
            if len(_with(known, keys)) > MAX_SOURCES:
                raise Overtaken
            changed = {source: key for source, key in keys.items() if known.get(source) != key}
            gone += [{"record_id": record_id, "source": source} for source in changed if source in known]
            added += [self._row(record_id, source, key) for source, key in changed.items() if key]
        if gone:
            self._removal.execute(gone=gone, resource=self.resource)
        added.sort(key=lambda row: (row["source"], row["key"]))
        if added and len(self._addition.rows(added=added)) < len(added):
            raise Overtaken
        return {row["record_id"] for row in (*gone, *added)}

    def release(self, record_ids: Sequence[int]) -> None:
        """Remove the keys of deleted records, so that others may have them."""
        self._release.execute(resource=self.resource, record_ids=[*record_ids])

    def _row(self, record_id: int, source: str, key: str) -> dict[str, Any]:
        return {
            "team_id": team_key(),
            "resource": self.resource,
            "source": source,
            "key": key,
            "record_id": record_id,
        }

    @cached_property
    def _of_records(self) -> Query:
        columns = (_KEYS.c.record_id, _KEYS.c.source, _KEYS.c.key)
        return Query(select(*columns).where(*_of_records()).order_by(_KEYS.c.source))

    @cached_property
    def _addition(self) -> Query:
        added = given_rows("added", _KEYS.c)
        rows = select(*added.c).where(text("true"))  # without a condition SQLite takes ON CONFLICT for one of a join
        addition = insert(_KEYS).from_select([*added.c.keys()], rows)
        return Query(addition.on_conflict_do_nothing().returning(_KEYS.c.record_id))

    @cached_property
    def _removal(self) -> Query:
        gone = given_rows("gone", (_KEYS.c.record_id, _KEYS.c.source))
        is_gone = select(gone).where(gone.c.record_id == _KEYS.c.record_id, gone.c.source == _KEYS.c.source)
        of_resource = _KEYS.c.resource == bindparam("resource")
        return Query(delete(_KEYS).where(of_resource, is_gone.exists()))

    @cached_property
    def _release(self) -> Query:
        return Query(delete(_KEYS).where(*_of_records()))


def give_key(reading: Reading, key: OwnKey) -> None:
    """Add the own key by which a record is written to what its body gives; a fault if that gives the source another."""
    given = reading.values.get(FIELD) or {}
    if given.get(key.source, key.key) != key.key:
        reading.refuse({FIELD: {key.source: [INVALID_REFERENCE]}})
        return
    reading.values[FIELD] = {**given, key.source: key.key}
    if len(_with({}, reading.values[FIELD])) > MAX_SOURCES:
        reading.refuse({FIELD: _TOO_MANY})


def _of_records() -> tuple[Any, ...]:
    return _KEYS.c.resource == bindparam("resource"), any_of(_KEYS.c.record_id, "record_ids")


def _with(known: Mapping[str, str], keys: Keys) -> dict[str, str]:
    """Return the keys of a record after some of them were set and others removed."""
    return {source: key for source, key in {**known, **keys}.items() if key}
