"""Fields of what a record is known by: UUIDs, and the numbers that people read."""

from typing import Any

from sqlalchemy import ColumnElement, FromClause

from crm.models.types import is_uuid
from crm.schemas.fields.asking import KEY, NUMBER, number_in
from crm.schemas.fields.base import Field
from crm.schemas.fields.text import Text


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
