"""From cells to the values of a body, as the resource's schema takes them. Which cell becomes what is up to its field.

- A reference to a record is its UUID, or an own key: `hubspot:55`.
- A look-up row is its name or its id, a user an email address or an id, a stage `Pipeline: Stage` where several
  pipelines have one of that name.
- Labels are names or ids with `;` between.
- A truth value is true, yes, on, 1 or false, no, off, 0.
- All else is taken as the API takes a string.
"""

from collections.abc import Callable
from typing import Any

from crm.http.arguments import boolean
from crm.http.text import trim
from crm.schemas.collections.labels import Labels
from crm.schemas.fields import Boolean, is_text
from crm.schemas.references import Reference
from crm.transfer.guard import unguarded
from crm.transfer.names import BETWEEN_LABELS, Names, names_for, names_of_labels
from crm.transfer.sheet import CellError

ReadCell = Callable[[str], Any]
"""Takes a cell's text, trimmed and not blank, and returns its value as JSON has it. Raises CellError."""


def text_of(cell: str) -> str:
    """Return the text of a cell. Raises CellError for what is no text."""
    if not is_text(cell):
        raise CellError("The :field field holds a NUL byte, or bytes that are no UTF-8.")
    return unguarded(trim(cell))


def reader_of(field: Any) -> ReadCell:
    """Return what reads the cells of a field."""
    if isinstance(field, Labels):
        return _reader_of_labels(names_of_labels())
    if isinstance(field, Reference):
        return _read_record if field.to_record else names_for(field).read
    return _read_truth if isinstance(field, Boolean) else str


def _reader_of_labels(names: Names) -> ReadCell:
    def read(text: str) -> list[Any]:
        return [names.read(name) for name in map(trim, text.split(BETWEEN_LABELS)) if name]

    return read


def _read_record(text: str) -> Any:
    source, colon, key = text.partition(":")
    return {"source": trim(source), "key": key} if colon else text


def _read_truth(text: str) -> Any:
    truth = boolean(text)
    return text if truth is None else truth
