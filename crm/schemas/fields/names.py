"""Fields of names."""

from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, FromClause, String, func

from crm.access.names import has_control
from crm.schemas.fields.base import Reader
from crm.schemas.fields.text import Text

if TYPE_CHECKING:
    from crm.database.projection import Projection


class Name(Text):
    """A string of one line that holds no control character."""

    def parse(self, value: Any) -> str:
        """Return the string itself."""
        name = super().parse(value)
        if has_control(name):
            raise self.make_error("string")
        return name


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
