"""Fields of text: ids, names, passwords, emails, currencies."""

from typing import TYPE_CHECKING, Any, TypeGuard

from marshmallow import validate
from marshmallow.exceptions import ValidationError
from sqlalchemy import FromClause

from crm.access.names import has_control
from crm.models.types import is_uuid
from crm.schemas.fields.base import Field, Reader

if TYPE_CHECKING:
    from crm.database.projection import Projection

MAX_LENGTH = 65535
"""The most characters of a text that has no limit of its own."""


class UuidField(Field):
    """A UUID in its canonical form."""

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

    def __init__(self, *, max_length: int = MAX_LENGTH, **kwargs: Any):
        super().__init__(**kwargs)
        self.max_length = max_length

    def parse(self, value: Any) -> str:
        """Return the string itself."""
        if not is_text(value):
            raise self.make_error("string")
        self.check_length(value)
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


class FullName(Field):
    """First and last name in one; null if there is neither."""

    def __init__(self) -> None:
        super().__init__(dump_only=True)

    def project(self, projection: "Projection", table: FromClause) -> Reader:
        """Read both names and join what there is."""
        first, last = projection.add(table.c.first_name), projection.add(table.c.last_name)
        return lambda row: " ".join(filter(None, (row[first], row[last]))) or None


class Colour(Text):
    """Six hex digits, as clients prefix them themselves."""


class Password(Text):
    """A string taken as sent."""

    trimmed = False


class Email(Text):
    """An email address."""

    def parse(self, value: Any) -> str:
        """Return the address as sent."""
        address = super().parse(value)
        try:
            return validate.Email()(address)
        except ValidationError:
            raise self.make_error("email") from None


class Currency(Text):
    """Three ASCII letters, kept in upper case. Null counts as absent."""

    def __init__(self, **kwargs: Any):
        super().__init__(keep_on_null=True, **kwargs)

    def parse(self, value: Any) -> str:
        """Return the code in upper case."""
        code = super().parse(value)
        if not (code.isascii() and code.isalpha()):
            raise self.make_error("selected")
        return code.upper()

    def check_length(self, text: str) -> None:
        """Raise ValidationError unless there are three characters."""
        if len(text) != 3:
            raise self.make_error("length", length=3)


def is_text(value: Any) -> TypeGuard[str]:
    """Tell whether a value is a string that the database and UTF-8 take: U+0000 and lone surrogates are refused."""
    if not isinstance(value, str) or "\0" in value:
        return False
    try:
        return value.isascii() or bool(value.encode())
    except UnicodeEncodeError:
        return False
