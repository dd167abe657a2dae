"""Rows of a file, judged a hundred at a time: which record each is about, and all that is wrong with it."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, NamedTuple

from crm.access.names import escape_controls
from crm.http.text import trim
from crm.records.batch import Batch
from crm.records.batch_verbs import BatchVerb, Item
from crm.schemas.batch import MAX_ITEMS
from crm.schemas.collections.external_keys import FIELD as EXTERNAL_KEYS
from crm.schemas.own_keys import OwnKey
from crm.schemas.reading import errors_by_path
from crm.transfer.cells import text_of
from crm.transfer.columns import KEYS_BEGIN, Column
from crm.transfer.sheet import CellError, Row, Sheet, Told

Faults = dict[str, list[str]]
"""Sentences by the name of the field; ROW stands for the row as a whole."""

ROW = ""
_KEY = "key"


class Key(NamedTuple):
    """Where own keys come from: the name of the source, and where the column stands."""

    source: str
    place: int


class Checked(NamedTuple):
    """A row, what is to be written of it, and what is wrong."""

    row: Row
    item: Item | None
    """None for a row that cannot be read."""
    faults: Faults


class Checker:
    """Judges the rows of a file as items of a batch, once from the first to the last. For an upsert there is a key."""

    def __init__(self, batch: Batch, verb: BatchVerb, sheet: Sheet, columns: Sequence[Column], key: Key | None):
        self.batch = batch
        self.verb = verb
        self.sheet = sheet
        self.columns = [*columns, *([_key_column(key)] if key else [])]
        self._row_of_key: dict[OwnKey, int] = {}

    def portions(self, told: Told = lambda _: None) -> Iterator[list[Row]]:
        """Yield the rows, a hundred at a time."""
        rows = self.sheet.rows(told)
        while portion := [*islice(rows, MAX_ITEMS)]:
            yield portion

    def check(self, rows: Sequence[Row]) -> list[Checked]:
        """Judge a portion of rows. May be asked again of the same one, once it was overtaken."""
        read = {row.number: self._read(row) for row in rows}
        items = self.batch.judge(
            self.verb, {number: body for number, (body, faults) in read.items() if ROW not in faults}
        )
        return [self._checked(row, items.get(row.number), read[row.number][1]) for row in rows]

    def _checked(self, row: Row, item: Item | None, faults: Faults) -> Checked:
        if item is None:
            return Checked(row, None, faults)
        return Checked(
            row, item, {**errors_by_path(item.faults), **self._repeated(row, item), **errors_by_path(faults)}
        )

    def _read(self, row: Row) -> tuple[dict[str, Any], Faults]:
        """Return the body that a row is, and what is wrong with its cells."""
        width = len(self.sheet.header)
        if len(row.cells) < width or any(map(trim, row.cells[width:])):
            return {}, {ROW: [f"The row does not have as many cells as the header: {len(row.cells)}, not {width}."]}
        body: dict[str, Any] = {}
        faults: Faults = {}
        for column in self.columns:
            try:
                if text := text_of(row.cells[column.place]):
                    _put(body, column.path, column.read(text))
            except CellError as error:
                faults[column.path] = [escape_controls(str(error))]
        return body, faults

    def _repeated(self, row: Row, item: Item) -> Faults:
        """Return a fault for each own key that an earlier row of the file has, too."""
        named = item.head.values.get(_KEY)
        given: Mapping[str, str] = item.body.values.get(EXTERNAL_KEYS) or {}
        faults: Faults = {}
        for key in dict.fromkeys([*([named] if named else []), *(OwnKey(*each) for each in given.items())]):
            first = self._row_of_key.setdefault(key, row.number)
            if first != row.number:
                path = _KEY if key == named else f"{KEYS_BEGIN}{key.source}"
                faults[path] = [f"Row {first} has this {path} already."]
        return faults


def _key_column(key: Key) -> Column:
    """Return the column that says by which key a record is known."""
    return Column(key.place, _KEY, lambda text: {"source": key.source, "key": text})


def _put(body: dict[str, Any], path: str, value: Any) -> None:
    """Put a value where its path says; keys of several sources stand together."""
    if path.startswith(KEYS_BEGIN):
        body.setdefault(EXTERNAL_KEYS, {})[path.removeprefix(KEYS_BEGIN)] = value
    else:
        body[path] = value
