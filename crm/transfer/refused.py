"""The rows that an import has refused, as they were, with what is wrong: to be mended and imported again."""

import csv
from collections.abc import Sequence
from pathlib import Path
from typing import Any, TextIO

from crm.transfer.checking import ROW, Checked, Faults
from crm.transfer.columns import REFUSED_FOR
from crm.transfer.sheet import Sheet


class RefusedRows:
    """The file beside that of an import, `leads.rejected.csv` beside `leads.csv`: made once there is a row for it."""

    def __init__(self, sheet: Sheet):
        self.sheet = sheet
        self.path = rejected_path(sheet.path)
        self._kept = [place for place, name in enumerate(sheet.header) if name != REFUSED_FOR]
        self._file: TextIO | None = None
        self._writer: Any = None

    def add(self, refused: Sequence[Checked]) -> None:
        """Write rows."""
        if refused and self._file is None:
            self._open()
        for row, _, faults in refused:
            cells = row.cells + [""] * (len(self.sheet.header) - len(row.cells))
            beyond = cells[len(self.sheet.header) :] if ROW in faults else []
            self._writer.writerow([*(cells[place] for place in self._kept), *beyond, sentence_of(faults)])

    def close(self) -> None:
        """End the file, if there is one."""
        if self._file:
            self._file.close()

    def _open(self) -> None:
        encoding = "utf-8-sig" if self.sheet.has_mark else "utf-8"
        self._file = self.path.open("w", encoding=encoding, errors="surrogateescape", newline="")
        self._writer = csv.writer(self._file, delimiter=self.sheet.delimiter)
        self._writer.writerow([*(self.sheet.header[place] for place in self._kept), REFUSED_FOR])


def rejected_path(path: Path) -> Path:
    """Return where the refused rows of a file go."""
    return path.with_name(f"{path.name.removesuffix('.csv')}.rejected.csv")


def sentence_of(faults: Faults) -> str:
    """Return all that is wrong with a row."""
    return " ".join(sentence for sentences in faults.values() for sentence in sentences)


def lines_of(checked: Checked) -> list[str]:
    """Return what is wrong with a row, a line for each sentence: where it stands, the field, the sentence."""
    return [
        f"Row {checked.row.number}{f', {path}' if path != ROW else ''}: {sentence}"
        for path, sentences in checked.faults.items()
        for sentence in sentences
    ]
