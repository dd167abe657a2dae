"""Which column of a file is which field of a resource: by its name in the header, unless `--map` says otherwise.

Columns that a record shows but does not take, such as `id` and `created_at`, are passed over, so that an export can be
imported again. A column that names no field is a fault, since it may be a field misspelt.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches
from functools import lru_cache
from typing import NamedTuple

from crm.access.names import escape_controls
from crm.blueprints.resource import Resource
from crm.schemas.collections.base import Collection
from crm.schemas.collections.external_keys import FIELD as EXTERNAL_KEYS
from crm.schemas.collections.labels import Labels
from crm.schemas.field_order import taken_fields
from crm.schemas.own_keys import is_source
from crm.transfer.cells import ReadCell, reader_of

REFUSED_FOR = "refused for"
"""The column in which the refused rows of an import say what is wrong with them; another import passes it over."""
KEYS_BEGIN = f"{EXTERNAL_KEYS}."
"""How the names of columns of own keys begin: the source follows."""


class Column(NamedTuple):
    """A column that is read: where it stands in a row, from 0, and the field that it fills."""

    place: int
    path: str
    """The name of the field, or `external_keys.SOURCE`."""
    read: ReadCell


class Columns(NamedTuple):
    """What has come of a header."""

    read: list[Column]
    passed_over: list[str]
    """The names of columns that a record shows but does not take."""
    faults: list[str]


class Fields:
    """The fields of a resource that a column can name."""

    def __init__(self, resource: Resource):
        self.resource = resource.name
        every = dict(taken_fields(resource.creation))
        self.taken = {
            name: field
            for name, field in every.items()
            if isinstance(field, Labels) or not isinstance(field, Collection)
        }
        self.many = every.keys() - self.taken.keys() - {EXTERNAL_KEYS}
        """Those that fit in no cell."""
        self.shown = (resource.creation.fields.keys() - every.keys()) | {REFUSED_FOR}
        self._reader = lru_cache(maxsize=None)(self._make_reader)

    def columns(self, header: Sequence[str], mapped: Mapping[str, str], key: str | None = None) -> Columns:
        """Return what the columns of a header are.

        `mapped` names the fields of some of them, "" for one that is left out; `key` is the column of the own key,
        which may be a field, too.
        """
        columns = Columns([], [], [*_misnamed(header, mapped, key)])
        for place, name in enumerate(header):
            path = mapped.get(name, name)
            if reader := self._reader(path):
                columns.read.append(Column(place, path, reader))
            elif name in mapped:
                columns.faults.extend([self._refusal(name, path)] if path else [])
            elif name != key and path in self.shown:
                columns.passed_over.append(name)
            elif name != key:
                columns.faults.append(f"{self._refusal(name, path)} --map {_quoted(f'{name}=')} leaves the column out.")
        columns.faults.extend(_repeated(header, columns.read))
        return columns

    def _make_reader(self, path: str) -> ReadCell | None:
        if path.startswith(KEYS_BEGIN):
            return str if is_source(path.removeprefix(KEYS_BEGIN)) else None
        return reader_of(self.taken[path]) if path in self.taken else None

    def _refusal(self, name: str, path: str) -> str:
        """Return what is wrong with a column that is for no field which can be filled."""
        column = f"Column {_quoted(name)}" + (f" is mapped to {_quoted(path)}, which" if name != path else "")
        if path in self.many:
            return f"{column} cannot be filled from a CSV."
        if path in self.shown:
            return f"{column} cannot be written."
        if path.startswith(EXTERNAL_KEYS):
            return f"{column} names no source: {KEYS_BEGIN}hubspot does, say."
        (near,) = get_close_matches(path.lower().replace(" ", "_"), self.taken, n=1, cutoff=0)
        means = "" if name != path else f" --map {_quoted(f'{name}={near}')} means it."
        return f"{column} names no field of {self.resource}; the nearest is {near}.{means}"


def _misnamed(header: Sequence[str], mapped: Mapping[str, str], key: str | None) -> Iterator[str]:
    """Yield what is wrong with the names of columns that options hold."""
    for name in mapped:
        if name not in header:
            yield f"--map: there is no column {_quoted(name)}."
    if key is not None and header.count(key) != 1:
        yield f"--key: there is {'no column' if key not in header else 'more than one column'} {_quoted(key)}."


def _repeated(header: Sequence[str], read: Sequence[Column]) -> Iterator[str]:
    """Yield a fault for each field that several columns are for."""
    names: dict[str, list[str]] = defaultdict(list)
    for column in read:
        names[column.path].append(_quoted(header[column.place]))
    for path, columns in names.items():
        if len(columns) > 1:
            yield f"Columns {' and '.join(columns)} are both for {path}: --map leaves one out."


def _quoted(name: str) -> str:
    return f'"{escape_controls(name)}"'
