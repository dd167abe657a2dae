"""A CSV file as rows of cells: found out are its delimiter and its mark of UTF-8; read it is row by row."""

import csv
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple, TextIO

import click

from crm.access.names import escape_controls
from crm.http.text import trim
from crm.schemas.fields import is_text

DELIMITERS = (",", ";", "\t")
BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")

Told = Callable[[int], None]
"""Is told, again and again, how many bytes have been read."""


class Unreadable(click.ClickException):
    """A file that cannot be read, or not as CSV: printed to stderr, exit code 1."""


class CellError(ValueError):
    """A cell that cannot be read: the sentence calls its field `:field`."""


class Row(NamedTuple):
    """A row and its number as a spreadsheet counts: the header is row 1."""

    number: int
    cells: list[str]


class Sheet:
    """A CSV file whose first row names the columns. Raises Unreadable.

    Bytes that are no UTF-8 are in cells as lone surrogates, so that a row of them can be refused and written as it was.
    """

    def __init__(self, path: Path, delimiter: str | None = None):
        self.path = path
        with path.open("rb") as file:
            start = file.read(3)
        if start[:2] in _UTF_16:
            raise Unreadable(f"{self._name} is UTF-16: save it as UTF-8.")
        self.has_mark = start == BYTE_ORDER_MARK
        self.size = path.stat().st_size
        self.delimiter = delimiter or max(DELIMITERS, key=self._columns_by)
        self.header = self._read_header()

    def rows(self, told: Told = lambda _: None) -> Iterator[Row]:
        """Yield the rows below the header, but those whose cells are all blank."""
        with self._open() as file:
            for row in self._records(file, self.delimiter):
                if row.number > 1 and any(map(trim, row.cells)):
                    told(file.buffer.tell())
                    yield row

    def _read_header(self) -> list[str]:
        cells = self._first_row(self.delimiter)
        while cells and not trim(cells[-1]):
            cells.pop()
        if not cells:
            raise Unreadable(f"{self._name} has no header: its first row has to name the fields.")
        if not all(map(is_text, cells)):
            raise Unreadable(f"The header of {self._name} is no UTF-8, or holds a NUL byte.")
        return [trim(cell) for cell in cells]

    def _columns_by(self, delimiter: str) -> int:
        """Return how many columns the header has with a delimiter."""
        try:
            return len(self._first_row(delimiter))
        except Unreadable:
            return 0

    def _first_row(self, delimiter: str) -> list[str]:
        with self._open() as file:
            first = next(self._records(file, delimiter), None)
        return first.cells if first else []

    def _records(self, file: TextIO, delimiter: str) -> Iterator[Row]:
        number = 0
        try:
            for number, cells in enumerate(csv.reader(file, delimiter=delimiter, strict=True), 1):
                yield Row(number, cells)
        except csv.Error as error:
            raise Unreadable(f"{self._name} cannot be read from row {number + 1} on: {error}.") from None

    @contextmanager
    def _open(self) -> Iterator[TextIO]:
        with self.path.open(encoding="utf-8-sig", errors="surrogateescape", newline="") as file:
            yield file

    @property
    def _name(self) -> str:
        return escape_controls(self.path.name)
