"""Parts of a record that have paths of their own below it, such as the payments of an invoice, each declared once.

`GET /{resource}/{id}/{name}` lists them, `POST` adds one, `DELETE /{resource}/{id}/{name}/{key}` removes one. Version,
`If-Match` and permissions are the record's. Routes and API description follow from the declaration, which stands in
the resource's `parts`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from crm.records.locking import Locked
from crm.records.writing import Values
from crm.schemas.base import BodySchema

if TYPE_CHECKING:
    from crm.blueprints.resource import Resource


@dataclass(frozen=True)
class Addition:
    """How one is added.

    `perform` is called in the transaction, with the resource, the locked record and the values of the body, and returns
    the key of the new one. It raises what only a locked record can tell.
    """

    sentence: str
    """What it does, for the API description."""
    body: Callable[[], BodySchema]
    """Makes the schema of what it takes."""
    perform: Callable[["Resource", Locked, Values], str]


@dataclass(frozen=True)
class Removal:
    """How one is removed.

    `perform` is called in the transaction, with the resource, the locked record and the key of one that is there. It is
    a change of the record, whose version rises by one, unless it raises what refuses it.
    """

    sentence: str
    """What it does, for the API description."""
    perform: Callable[["Resource", Locked, str], None]
    refused: str = ""
    """When it is a 409, for the API description; empty if it never is."""
    conflict: str = ""
    """The sentence of that 409."""


@dataclass(frozen=True)
class Part:
    """A kind of parts. What adds and removes them needs the permission to edit the record, the list to view it."""

    name: str
    """The segment of their path, a plural, and the field of the resource's schema that shows them: a collection."""
    noun: str
    """What one is called."""
    key: str
    """The field of one by which a path names it."""
    parameter: str
    """What the API description calls that in a path, such as `payment_id`."""
    remove: Removal
    read_key: Callable[[str], str] = str.lower
    """Makes of a path's text the key as it is kept: a UUID in lower case."""
    add: Addition | None = None
    listed: str = ""
    """What the list answers, for the API description; without it there is none."""
