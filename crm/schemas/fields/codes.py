"""Fields of codes: so many ASCII letters, kept in upper case; colours."""

import re
from typing import Any, ClassVar

from sqlalchemy import ColumnElement, FromClause

from crm.schemas.fields.asking import KEY
from crm.schemas.fields.text import Text

_COLOUR = re.compile("#?([0-9a-f]{6})", re.IGNORECASE | re.ASCII)


class Code(Text):
    """`letters` ASCII letters, kept in upper case."""

    operators = KEY
    is_searched = False
    letters: ClassVar[int]

    def parse(self, value: Any) -> str:
        """Return the code in upper case."""
        code = super().parse(value)
        if not (code.isascii() and code.isalpha()):
            raise self.make_error("selected")
        return code.upper()

    def ask(self, text: str) -> str:
        """Return the code in upper case."""
        return self.parse(text)

    def value_in(self, table: FromClause) -> ColumnElement[str]:
        """Return the column itself: it is kept in upper case."""
        return self.text_in(table)

    def check_length(self, text: str) -> None:
        """Raise ValidationError for any other number of characters."""
        if len(text) != self.letters:
            raise self.make_error("length", length=self.letters)


class Currency(Code):
    """The code of a currency. Null counts as absent."""

    letters = 3

    def __init__(self, **kwargs: Any):
        super().__init__(keep_on_null=True, **kwargs)


class Country(Code):
    """The code of a country."""

    letters = 2


class Colour(Text):
    """Six hex digits, kept and shown in lower case without `#`: clients prefix them themselves."""

    def parse(self, value: Any) -> str:
        """Return the digits."""
        match = _COLOUR.fullmatch(super().parse(value))
        if match is None:
            raise self.make_error("colour")
        return match[1].lower()
