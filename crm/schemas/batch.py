"""Batches on the wire: what is around the items, and how an item names its record (beyond, section 14)."""

from collections.abc import Mapping
from typing import Any

from marshmallow import RAISE
from marshmallow.exceptions import ValidationError

from crm.schemas.base import BodySchema
from crm.schemas.collections.arrays import Index, is_array, members_of
from crm.schemas.fields import INVALID_REFERENCE, Boolean, Field, Integer, UuidField
from crm.schemas.own_keys import OwnKeyField

MAX_ITEMS = 100

_OWN_KEY = OwnKeyField()


class Items(Field):
    """1 to MAX_ITEMS objects."""

    def parse(self, value: Any) -> dict[Index, Mapping[str, Any]]:
        """Return the objects by their places in the payload, where `[]` is `{}`."""
        if not is_array(value):
            raise self.make_error("array")
        if not value:
            raise self.make_error("required")
        if len(value) > MAX_ITEMS:
            raise self.make_error("max_items", max=MAX_ITEMS)
        items = {index: {} if item == [] else item for index, item in members_of(value)}
        no_object = self.make_error("array").messages
        if faults := {index: no_object for index, item in items.items() if not isinstance(item, Mapping)}:
            raise ValidationError(faults)
        return items


class BatchSchema(BodySchema):
    """A batch: its items, and whether it is all of them or none. It takes nothing else."""

    class Meta:
        """Options of marshmallow."""

        unknown = RAISE

    error_messages = {"unknown": INVALID_REFERENCE}  # noqa: RUF012 (marshmallow declares it so)

    items = Items(required=True)
    atomic = Boolean(load_default=True)


class RecordName(UuidField):
    """The UUID of a record, or an own key."""

    def parse(self, value: Any) -> Any:
        """Return the UUID in lower case, or the own key."""
        return _OWN_KEY.parse(value) if isinstance(value, Mapping) else super().parse(value)


class NamedItem(BodySchema):
    """An item about a record that is there, perhaps as it was at a version."""

    id = RecordName(required=True)
    version = Integer(min=1)


class KeyedItem(BodySchema):
    """An item about the record of an own key, whether it is there or not."""

    key = OwnKeyField(required=True)


class UnnamedItem(BodySchema):
    """An item about a new record."""
