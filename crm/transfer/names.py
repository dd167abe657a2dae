"""Look-up rows by what people call them: the name of a label, `Pipeline: Stage`, the email of a user.

The rows of a table are read once. A name that several rows have names none of them.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from difflib import get_close_matches
from typing import Any

from flask import current_app

from crm.blueprints import lookups_of
from crm.database.functions import fold
from crm.http.text import trim
from crm.models import Label, Pipeline
from crm.models.types import is_uuid
from crm.schemas.references import OwnerReference, Reference, StageReference
from crm.transfer.sheet import CellError

BETWEEN_LABELS = ";"
_SHOWN_AT_MOST = 5
_LONGEST = 80  # characters of a name that is told
_SEARCHES = 100
"""For how many wrong names the nearest one is looked for, which takes a while where there are many."""

Named = tuple[Any, tuple[str, ...]]
"""The id by which clients know a row, and what it may be called, the shortest first."""


class Names:
    """What rows are called. Names are compared without case; an id names its row, too."""

    def __init__(self, rows: Iterable[Named]):
        self._rows = [(key, [*map(trim, names)]) for key, names in rows]
        self._meant: dict[str, set[Any]] = defaultdict(set)
        for key, names in self._rows:
            for name in names:
                self._meant[fold(name)].add(key)
        self._shown = {str(key): self._best(key, names) for key, names in self._rows}
        self._searches_left = _SEARCHES

    def read(self, text: str) -> Any:
        """Return the id of the row that a text names, or a text that may be an id as it is. Raises CellError."""
        meant = self._meant.get(fold(text), set())
        if len(meant) == 1:
            return next(iter(meant))
        if len(meant) > 1:
            candidates = _listed(self._shown[str(key)] for key in sorted(meant))
            raise CellError(f'The selected :field is ambiguous: "{text[:_LONGEST]}" may be {candidates}.')
        if text.lower() in self._shown or is_uuid(text) or text.isdecimal():
            return text
        raise CellError(f'The selected :field is invalid: none is called "{text[:_LONGEST]}"{self._nearest(text)}.')

    def show(self, key: Any) -> str:
        """Return what reads as the row of an id; nothing for one that cannot be referred to."""
        return self._shown.get(str(key), "")

    def _best(self, key: Any, names: list[str]) -> str:
        return next((name for name in names if self._meant[fold(name)] == {key}), str(key))

    def _nearest(self, text: str) -> str:
        if not self._searches_left:
            return ""
        self._searches_left -= 1
        names = {fold(name): name for _, each in self._rows for name in each}
        near = get_close_matches(fold(text), names, n=1)
        return f'; the nearest is "{names[near[0]]}"' if near else ""


def names_for(reference: Reference) -> Names:
    """Return the names of the rows that a field may refer to, in the team that is worked in."""
    if isinstance(reference, StageReference):
        return Names(_stages(reference.resource))
    name = "email" if isinstance(reference, OwnerReference) else "name"
    return Names((row["id"], (row[name],)) for row in _rows_of(reference.model))


def names_of_labels() -> Names:
    """Return the names of labels; one that holds what stands between labels in a cell has none."""
    rows = _rows_of(Label)
    return Names((row["id"], () if BETWEEN_LABELS in row["name"] else (row["name"],)) for row in rows)


def _stages(resource: str) -> Iterator[Named]:
    for pipeline in _rows_of(Pipeline):
        if pipeline["resource"] == resource:
            for stage in pipeline["stages"]:
                yield str(stage["id"]), (stage["name"], f"{pipeline['name']}: {stage['name']}")


def _rows_of(model: Any) -> list[dict[str, Any]]:
    rows = lookups_of(current_app)[model.__tablename__].records()
    return [{**row, "id": row["id"] if isinstance(row["id"], int) else str(row["id"])} for row in rows]


def _listed(names: Iterable[str]) -> str:
    """Return names in quotes, the first few of them."""
    quoted = [f'"{name}"' for name in names]
    return ", ".join(quoted[:_SHOWN_AT_MOST]) + (", …" if len(quoted) > _SHOWN_AT_MOST else "")
