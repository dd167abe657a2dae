"""Sample records before they are written, and how they are written: many at once."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from crm.records.writing import Writer

BATCH = 1000
Values = dict[str, Any]


@dataclass(slots=True, eq=False)
class Draft:
    """A record to be written: when it was made and last changed, whose it is, and its other values.

    `values` holds columns, and collections in the form that the writer takes. `id` is its row id once written.
    """

    created_at: datetime
    updated_at: datetime
    owner_id: int | None
    values: Values = field(default_factory=dict)
    id: int = 0


def write(writer: Writer, drafts: Sequence[Draft], new_id: Callable[[], str]) -> Iterator[int]:
    """Write records of one resource, numbered as they stand; after each batch yield how many it held."""
    for start in range(0, len(drafts), BATCH):
        batch = drafts[start : start + BATCH]
        row_ids = writer.create([_values(draft, new_id()) for draft in batch])
        for draft, row_id in zip(batch, row_ids, strict=True):
            draft.id = row_id
        yield len(batch)


def _values(draft: Draft, external_id: str) -> Values:
    return {
        **draft.values,
        "external_id": external_id,
        "user_owner_id": draft.owner_id,
        "created_at": draft.created_at,
        "updated_at": draft.updated_at,
    }
