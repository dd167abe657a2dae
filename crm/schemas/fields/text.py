"""Fields of text."""

from typing import TYPE_CHECKING, Any, TypeGuard

from sqlalchemy import ColumnElement, FromClause, String, func

from crm.database.functions import by_code_point, fold, fold_case
from crm.schemas.fields.asking import TEXT
from crm.schemas.fields.base import Field

if TYPE_CHECKING:
    pass

MAX_LENGTH = 65535
"""The most characters of a text that has no limit of its own."""


SORTED = 255
"""How many characters of a text count when it is sorted by."""


class Text(Field):
    """A string of at most `max_length` characters, kept exactly but for surrounding space."""

    operators: tuple[str, ...] = TEXT
    is_searched = True

    def __init__(self, *, max_length: int = MAX_LENGTH, **kwargs: Any):
        super().__init__(**kwargs)
        self.max_length = max_length

    def parse(self, value: Any) -> str:
        """Return the string itself."""
        text = self._text(value)
        self.check_length(text)
        return text

    def ask(self, text: str) -> str:
        """Return the text as it is compared, without case."""
        return fold(self._text(text))

    def value_in(self, table: FromClause) -> ColumnElement[str]:
        """Return the text as it is compared, without case."""
        return fold_case(self.text_in(table))

    def text_in(self, table: FromClause) -> ColumnElement[str]:
        """Return the text itself."""
        return table.c[str(self.name)]

    def sort_keys(self, table: FromClause) -> list[ColumnElement[Any]]:
        """Return the text without case, then by code point; of a long one its beginning."""
        text = self.text_in(table)
        sorted_by = text if self.max_length <= SORTED else func.substr(text, 1, SORTED, type_=String)
        return [fold_case(sorted_by), by_code_point(sorted_by)]

    def _text(self, value: Any) -> str:
        if not is_text(value):
            raise self.make_error("string")
        return value

    def check_length(self, text: str) -> None:
        """Raise ValidationError for a text that is too long."""
        if len(text) > self.max_length:
            raise self.make_error("max_length", length=self.max_length)


class Password(Text):
    """A string taken as sent."""

    trimmed = False


def is_text(value: Any) -> TypeGuard[str]:
    """Tell whether a value is a string that the database and UTF-8 take: U+0000 and lone surrogates are refused."""
    if not isinstance(value, str) or "\0" in value:
        return False
    try:
        return value.isascii() or bool(value.encode())
    except UnicodeEncodeError:
        return False
