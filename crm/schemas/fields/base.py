"""What all fields share: how a value of the wire is read (contract, section 1) and shown.

A message names its field as `:field`; `errors_by_path` of `crm.schemas.base` puts the whole path in its place.
"""

from collections.abc import Callable, Iterable
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from marshmallow import fields, missing
from sqlalchemy import ColumnElement, FromClause

from crm.database.query import Row
from crm.http.text import trim
from crm.schemas.fields.asking import compare

if TYPE_CHECKING:
    from crm.database.projection import Projection

Reader = Callable[[Row], Any]
"""Takes one value of the JSON out of a row of the projection's SELECT."""

INVALID_REFERENCE = "The selected :field is invalid."
"""What is said of a value that names nothing: a row that is not there for the team, a currency that is none."""


class Field(fields.Field[Any]):
    """What all fields share: strings are trimmed, a blank one is null, and a required field may not be null.

    `create_only` fields are ignored on update; with `keep_on_null` a null is the same as an absent field.
    """

    default_error_messages = {  # noqa: RUF012 (marshmallow declares it so)
        "required": "The :field field is required.",
        "null": "The :field field is required.",
        "string": "The :field field must be a string.",
        "number": "The :field field must be a number.",
        "integer": "The :field field must be an integer.",
        "boolean": "The :field field must be true or false.",
        "array": "The :field field must be an array.",
        "uuid": "The :field field must be a valid UUID.",
        "future": "The :field field must be a moment in the future.",
        "date": "The :field field must be a valid date.",
        "timestamp": "The :field field must be an ISO-8601 timestamp with a timezone offset.",
        "email": "The :field field must be a valid email address.",
        "selected": INVALID_REFERENCE,
        "colour": "The :field field must be six hex digits.",
        "min": "The :field field must be at least {min}.",
        "positive": "The :field field must be greater than 0.",
        "decimals": "The :field field must not have more than {decimals} decimals.",
        "max_length": "The :field field must not be greater than {length} characters.",
        "min_length": "The :field field must be at least {length} characters.",
        "max_items": "The :field field must not have more than {max} items.",
        "length": "The :field field must be {length} characters.",
    }

    trimmed = True
    operators: tuple[str, ...] = ()
    """What a filter can ask of it; nothing unless its kind says otherwise."""
    asked_as: str | None = None
    """The name by which a filter asks for it; its own unless its kind says otherwise."""
    has_own_index = False
    """Whether an index of its own finds what is asked, in no order of lists."""
    is_searched = False
    """Whether a record is found by what stands in it."""
    has_parts = False
    """Whether a filter asks for a part of it, by a name after a dot."""

    def __init__(self, *, create_only: bool = False, keep_on_null: bool = False, **kwargs: Any):
        super().__init__(allow_none=not kwargs.get("required"), **kwargs)
        self.create_only = create_only
        self.keep_on_null = keep_on_null

    def deserialize(self, value: Any, *args: Any, **kwargs: Any) -> Any:
        """Return the Python value of a JSON value. Raises ValidationError."""
        if self.trimmed and isinstance(value, str):
            value = trim(value)
        if value == "":
            value = None
        if value is None and self.keep_on_null:
            if self.root and self.root.partial:
                return missing
            value = missing
        return super().deserialize(value, *args, **kwargs)

    def parse(self, value: Any) -> Any:
        """Return the Python value of a JSON value that is neither absent nor null. Raises ValidationError."""
        return value

    def _deserialize(self, value: Any, *_args: Any, **_kwargs: Any) -> Any:
        return self.parse(value)

    def project(self, projection: "Projection", table: FromClause) -> Reader:
        """Add to a projection what showing this field takes, and return its reader."""
        position = projection.add(table.c[self.attribute or str(self.name)])
        if type(self).show is Field.show:
            return itemgetter(position)
        show = self.show
        return lambda row: None if row[position] is None else show(row[position])

    def texts_in(self, value: Any) -> Iterable[str]:
        """Return the texts of a value by which its record is found, if it `is_searched`: by default the value."""
        return (value,)

    @property
    def is_asked(self) -> bool:
        """Whether a list can be filtered by it."""
        return bool(self.operators) and not self.load_only

    @property
    def is_sorted(self) -> bool:
        """Whether a list can be sorted by it."""
        return self.is_asked

    def ask(self, text: str) -> Any:
        """Return the value that the text of a filter names. Raises ValidationError if it cannot be read."""
        return self.parse(text)

    def value_in(self, table: FromClause) -> ColumnElement[Any]:
        """Return what is compared with it, from a row of a table."""
        return table.c[self.attribute or str(self.name)]

    def condition(self, table: FromClause, operator: str, parameter: str) -> ColumnElement[bool]:
        """Return the condition of a filter, whose value is the parameter of that name."""
        return compare(self.value_in(table), operator, parameter)

    def sort_keys(self, table: FromClause) -> list[ColumnElement[Any]]:
        """Return what it sorts by, from a row of a table."""
        return [self.value_in(table)]

    def may_be_null(self, table: FromClause) -> bool:
        """Tell whether there may be nothing to sort by."""
        return bool(table.c[self.attribute or str(self.name)].nullable)

    def show(self, value: Any) -> Any:
        """Return the JSON form of a stored value that is not null."""
        return value
