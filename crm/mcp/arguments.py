"""The kinds of arguments that tools take: how each is read, and its JSON Schema.

What a tool passes on is judged by the API, in its own sentences; only what says where to is judged here.
"""

from collections.abc import Callable, Collection, Mapping
from typing import TYPE_CHECKING, Any

from marshmallow import RAISE, Schema
from marshmallow.exceptions import ValidationError

from crm.blueprints import RESOURCES as ALL
from crm.http.text import trim
from crm.schemas.base import BodySchema
from crm.schemas.fields import Choice, Field, Integer, Text, is_text

if TYPE_CHECKING:
    from crm.blueprints.resource import Resource

Json = dict[str, Any]

RESOURCES = tuple(kind.model.__tablename__ for kind in ALL)
"""Their names, in the order of the API."""
LONGEST_NAME = 300  # characters: a source, a colon and a key
LIMIT = 10
"""How many rows an answer has by default."""
MAX_LIMIT = 100
MAX_IDS = 20
_LIMIT = f"How many rows at most: {LIMIT} by default, up to {MAX_LIMIT}."
_NAME = "Its id, its number such as L1001, or another system's key such as hubspot:55."


class Arguments(BodySchema):
    """What a tool takes.

    Unlike the fields of a body, arguments that it does not know are faults: nobody is to take a list for filtered.
    """

    error_messages = {"unknown": "There is no argument :field."}  # noqa: RUF012 (marshmallow declares it so)

    class Meta:
        """Options of marshmallow."""

        unknown = RAISE


class Object(Field):
    """A JSON object, which is taken as it is."""

    trimmed = False
    default_error_messages = {"object": "The :field field must be an object."}  # noqa: RUF012

    def parse(self, value: Any) -> Mapping[str, Any]:
        """Return the object."""
        if not isinstance(value, Mapping):
            raise self.make_error("object")
        return value


class Values(Object):
    """What the API takes as the body of a resource: what the schema says that `schema_of` it returns."""

    def __init__(self, schema_of: Callable[["Resource"], BodySchema], **kwargs: Any):
        super().__init__(**kwargs)
        self.schema_of = schema_of


class Names(Field):
    """Some names, as an array or as text with commas between; `offered` are all that there are, if they are known."""

    def __init__(self, offered: Collection[str] | None = None, *, most: int = 100, **kwargs: Any):
        super().__init__(**kwargs)
        self.choices = offered
        self.most = most

    def parse(self, value: Any) -> tuple[str, ...]:
        """Return the names, each once."""
        named = value.split(",") if isinstance(value, str) else value
        if not isinstance(named, list):
            raise self.make_error("array")
        if len(named) > self.most:
            raise self.make_error("max_items", max=self.most)
        if not all(map(is_text, named)):
            raise self.make_error("string")
        if any(len(name) > LONGEST_NAME for name in named):
            raise self.make_error("max_length", length=LONGEST_NAME)
        names = tuple(dict.fromkeys(map(trim, named)))
        if self.choices is not None and not {*names} <= {*self.choices}:
            raise self.make_error("selected")
        return names


class ShowingArguments(Arguments):
    """What a tool takes that shows records."""

    fields = Names(metadata={"description": "More fields to show than those that name a record."})  # type: ignore[assignment]


class Passed(Field):
    """What is passed on as it was given, to become the field of that name in a body of the API."""

    trimmed = False

    def __init__(self, schema: type[Schema], name: str, **kwargs: Any):
        super().__init__(**kwargs)
        self.taken = schema().fields[name]

    def deserialize(self, value: Any, *args: Any, **kwargs: Any) -> Any:
        """Return the value, null too."""
        return value


class Limit(Integer):
    """How many rows are answered at most."""

    def __init__(self) -> None:
        super().__init__(min=1, load_default=LIMIT, keep_on_null=True, metadata={"description": _LIMIT})

    def parse(self, value: Any) -> int:
        """Return the number."""
        limit = super().parse(value)
        if limit > MAX_LIMIT:
            raise ValidationError(f"The :field field must not be greater than {MAX_LIMIT}.")
        return limit


class ResourceName(Choice):
    """The name of a resource, or one of some others."""

    def __init__(self, *others: str, **kwargs: Any):
        super().__init__(*RESOURCES, *others, **kwargs)
        self.others = others


class ResourceNames(Names):
    """The names of some resources."""

    def __init__(self, **kwargs: Any):
        super().__init__(RESOURCES, **kwargs)


def one_record(about: str = "") -> Text:
    """Return the argument that names a record."""
    return Text(required=True, max_length=LONGEST_NAME, metadata={"description": f"{about} {_NAME}".strip()})
