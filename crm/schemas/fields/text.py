"""Fields of text: ids, names, passwords, emails."""

import re
from typing import TYPE_CHECKING, Any, TypeGuard

from marshmallow import validate
from marshmallow.exceptions import ValidationError
from sqlalchemy import ColumnElement, FromClause, String, func

from crm.access.names import has_control
from crm.database.functions import by_code_point, fold, fold_case
from crm.models.types import is_uuid
from crm.schemas.fields.asking import KEY, NUMBER, TEXT, number_in
from crm.schemas.fields.base import Field, Reader

if TYPE_CHECKING:
    from crm.database.projection import Projection

MAX_LENGTH = 65535
"""The most characters of a text that has no limit of its own."""


SORTED = 255
"""How many characters of a text count when it is sorted by."""

_COLOUR = re.compile("#?([0-9a-f]{6})", re.IGNORECASE | re.ASCII)


class UuidField(Field):
    """A UUID in its canonical form."""

    operators = KEY

    def parse(self, value: Any) -> Any:
        """Return the UUID in lower case."""
        if not (isinstance(value, str) and is_uuid(value)):
            raise self.make_error("uuid")
        return value.lower()


class ExternalId(UuidField):
    """The UUID by which clients know a row."""

    def __init__(self, *, dump_only: bool = True):
        super().__init__(attribute="external_id", dump_only=dump_only)


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


class Name(Text):
    """A string of one line that holds no control character."""

    def parse(self, value: Any) -> str:
        """Return the string itself."""
        name = super().parse(value)
        if has_control(name):
            raise self.make_error("string")
        return name


class Number(Text):
    """What people call a record, such as L1001: a letter and a number."""

    operators = NUMBER

    def __init__(self) -> None:
        super().__init__(dump_only=True)

    def ask(self, text: str) -> str:
        """Return the number as it is kept: in upper case, where an i without a dot is no I."""
        return self._text(text).upper() if text.isascii() else self._text(text)

    def value_in(self, table: FromClause) -> ColumnElement[str]:
        """Return the column itself: it is kept in upper case."""
        return self.text_in(table)

    def sort_keys(self, table: FromClause) -> list[ColumnElement[Any]]:
        """Return the number in it."""
        return [number_in(self.text_in(table))]


class FullName(Text):
    """First and last name in one; null if there is neither. Each is searched by itself."""

    is_searched = False

    def __init__(self) -> None:
        super().__init__(dump_only=True)

    def text_in(self, table: FromClause) -> ColumnElement[str]:
        """Return both names, a space between."""
        both = func.coalesce(table.c.first_name, "") + " " + func.coalesce(table.c.last_name, "")
        return func.nullif(func.trim(both), "", type_=String)

    def may_be_null(self, table: FromClause) -> bool:
        """Tell whether neither name may be there."""
        return bool(table.c.first_name.nullable)

    def project(self, projection: "Projection", table: FromClause) -> Reader:
        """Read both names and join what there is."""
        first, last = projection.add(table.c.first_name), projection.add(table.c.last_name)
        return lambda row: " ".join(filter(None, (row[first], row[last]))) or None


class Choice(Text):
    """One of some words, exactly as they are written."""

    def __init__(self, *choices: str, **kwargs: Any):
        super().__init__(**kwargs)
        self.choices = choices

    def parse(self, value: Any) -> str:
        """Return the word."""
        word = super().parse(value)
        if word not in self.choices:
            raise self.make_error("selected")
        return word


class Colour(Text):
    """Six hex digits, kept and shown in lower case without `#`: clients prefix them themselves."""

    def parse(self, value: Any) -> str:
        """Return the digits."""
        match = _COLOUR.fullmatch(super().parse(value))
        if match is None:
            raise self.make_error("colour")
        return match[1].lower()


class Password(Text):
    """A string taken as sent."""

    trimmed = False


class Email(Text):
    """An email address."""

    def parse(self, value: Any) -> str:
        """Return the address as sent."""
        address = super().parse(value)
        if not is_email(address):
            raise self.make_error("email")
        return address


def is_email(text: str) -> bool:
    """Tell whether a text has the form of an e-mail address."""
    try:
        return bool(validate.Email()(text))
    except ValidationError:
        return False


def is_text(value: Any) -> TypeGuard[str]:
    """Tell whether a value is a string that the database and UTF-8 take: U+0000 and lone surrogates are refused."""
    if not isinstance(value, str) or "\0" in value:
        return False
    try:
        return value.isascii() or bool(value.encode())
    except UnicodeEncodeError:
        return False
