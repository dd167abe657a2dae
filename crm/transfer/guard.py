"""Cells that a spreadsheet would run as formulas: a `'` goes in front when they are written, off when they are read.

`=HYPERLINK(…)` as the name of a person is harmless here, and not in the spreadsheet of whoever opens an export. A text
that has a `'` in front of such a beginning itself gets one more, so that reading gives back what was written.
"""

import re

_RUN_AS_FORMULA = re.compile(r"'*[=+\-@\t\r]")
_PLAIN_NUMBER = re.compile(r"'*-[0-9]+([.,][0-9]+)?")


def guarded(text: str) -> str:
    """Return a text as it is safe in a spreadsheet's cell."""
    return f"'{text}" if _needs_guard(text) else text


def unguarded(cell: str) -> str:
    """Return the text of a cell: without the `'` in front if `guarded` would have put it there."""
    return cell[1:] if cell.startswith("'") and _needs_guard(cell[1:]) else cell


def _needs_guard(text: str) -> bool:
    return bool(_RUN_AS_FORMULA.match(text)) and not _PLAIN_NUMBER.fullmatch(text)
