"""The keys by which other systems know a record (beyond, section 14)."""

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

from marshmallow.exceptions import ValidationError
from sqlalchemy import ColumnElement, FromClause

from crm.schemas.collections.base import WrittenCollection
from crm.schemas.collections.key_rows import MAX_SOURCES, KeyRows, Keys, with_keys
from crm.schemas.fields import INVALID_REFERENCE, Text, is_text
from crm.schemas.fields.asking import KEY
from crm.schemas.own_keys import LONGEST_KEY, OwnKey, is_source, own_key, records_named
from crm.schemas.reading import Reading

FIELD = "external_keys"
_TAKEN = "The :field has already been taken."
_KEY = Text(max_length=LONGEST_KEY)
_TOO_MANY = _KEY.make_error("max_items", max=MAX_SOURCES).messages


class ExternalKeys(WrittenCollection):
    """A record's keys by source, shown on request. The sources that are sent are set, null removes one."""

    on_request = True
    nothing = dict
    operators = KEY
    has_parts = True

    def ask(self, text: str) -> str:
        """Return a key exactly."""
        if not is_text(text):
            raise self.make_error("string")
        return text

    def condition(self, table: FromClause, operator: str, parameter: str) -> ColumnElement[bool]:
        """Return the condition of the key of one source, which is the part that the filter asks for."""
        return self._rows.condition(table, operator, parameter)

    def parse(self, value: Any) -> Keys:
        """Return the keys by source. Raises ValidationError with every fault."""
        value = {} if value == [] else value  # as PHP sends an empty object
        if not isinstance(value, Mapping):
            raise self.make_error("array")
        if len(value) > MAX_SOURCES:
            raise self.make_error("max_items", max=MAX_SOURCES)
        keys: dict[str, str | None] = {}
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
        given: list[tuple[Reading, Keys]] = [(reading, reading.values[FIELD]) for reading in readings]
        resource = self._rows.resource
        wanted = {(resource, OwnKey(source, key)) for _, keys in given for source, key in keys.items() if key}
        holders = {key: record_id for (_, key), record_id in records_named(wanted).items()}
        present = self.of([reading.record_id for reading in readings if reading.record_id])
        for reading, keys in given:
            own_keys = {source: OwnKey(source, key) for source, key in keys.items() if key}
            taken = {source for source, key in own_keys.items() if holders.get(key) not in (None, reading.record_id)}
            if taken:
                reading.refuse({FIELD: {source: [_TAKEN] for source in keys if source in taken}})
            elif len(with_keys(present.get(reading.record_id or 0, {}), keys)) > MAX_SOURCES:
                reading.refuse({FIELD: _TOO_MANY})

    def of(self, record_ids: list[int]) -> dict[int, dict[str, str]]:
        """Return the keys of each record that has some, by the record's row id."""
        return self._rows.of(record_ids)

    def write(self, keys_of: Mapping[int, Keys], *, new: bool) -> set[int]:
        """Set and remove keys of records, and return whose keys are others now. Raises Overtaken."""
        return self._rows.write(keys_of, new=new)

    def release(self, record_ids: Sequence[int]) -> None:
        """Remove the keys of deleted records, so that others may have them."""
        self._rows.remove_all(record_ids)

    @cached_property
    def _rows(self) -> KeyRows:
        return KeyRows(self.root.model.__tablename__)  # type: ignore[union-attr]


def give_key(reading: Reading, key: OwnKey) -> None:
    """Add the own key by which a record is written to what its body gives; a fault if that gives the source another."""
    given = reading.values.get(FIELD) or {}
    if given.get(key.source, key.key) != key.key:
        reading.refuse({FIELD: {key.source: [INVALID_REFERENCE]}})
        return
    reading.values[FIELD] = {**given, key.source: key.key}
    if len(with_keys({}, reading.values[FIELD])) > MAX_SOURCES:
        reading.refuse({FIELD: _TOO_MANY})
