"""What batches do, and what an item of one is."""

from dataclasses import dataclass, field

from crm.schemas.base import BodySchema
from crm.schemas.batch import KeyedItem, NamedItem, UnnamedItem
from crm.schemas.reading import Faults, Reading


@dataclass(frozen=True)
class BatchVerb:
    """What a batch does with records that are there, and with what is not there yet."""

    name: str
    permissions: tuple[str, ...]
    head: BodySchema
    """How an item names its record, in the field `name_field` if it does."""
    name_field: str = ""
    makes: bool = False
    """Whether it makes a record where there is none."""
    removes: bool = False


CREATE = BatchVerb("create", ("create",), UnnamedItem(), makes=True)
UPDATE = BatchVerb("update", ("edit",), NamedItem(), "id")
UPSERT = BatchVerb("upsert", ("create", "edit"), KeyedItem(), "key", makes=True)
DELETE = BatchVerb("delete", ("delete",), NamedItem(), "id", removes=True)
BATCH_VERBS = (CREATE, UPDATE, UPSERT, DELETE)


@dataclass(slots=True)
class Item:
    """One item of a batch: how it names its record, which record that is, and what it says of it."""

    head: Reading
    row_id: int | None = None
    body: Reading = field(default_factory=lambda: Reading({}))

    @property
    def faults(self) -> Faults:
        """All that is wrong with it."""
        return {**self.head.faults, **self.body.faults}

    @property
    def version(self) -> int | None:
        """The version that the record must have, if any will not do."""
        version: int | None = self.head.values.get("version")
        return version
