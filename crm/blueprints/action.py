"""Actions: what can be done to a record beyond the five verbs, each declared once.

An action is `POST /{resource}/{id}/{name}`. Its route, its permissions, its place in the API description and its tests
follow from the declaration, which stands in the resource's `actions`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from crm.changes.journal import RESTORED
from crm.models.base import Record
from crm.records.locking import Locked
from crm.records.writing import Values
from crm.sales.conversion import Conversion
from crm.schemas.base import BodySchema

if TYPE_CHECKING:
    from crm.blueprints.resource import Resource


@dataclass(frozen=True)
class Action:
    """One action.

    `perform` does it. It is called in the transaction, with the resource, the locked record and the values of the body,
    and returns the row id of what it has made if it `makes` something. What is not in the state for it, it refuses
    with a 409.
    """

    name: str
    """The last segment of its path, and a verb."""
    word: str
    """What it says in the journal that has happened to the record, such as `restored`; empty if nothing has."""
    permission: str
    """What the caller must be allowed to do to the resource: one of VERBS."""
    sentence: str
    """What it does, for the API description; `{noun}` stands for what its records are called."""
    answer: str
    """What it answers, for the API description."""
    perform: Callable[["Resource", Locked, Values], int | None]
    body: Callable[[], BodySchema] = BodySchema
    """Makes the schema of what it takes; a request without a body counts as an empty one."""
    deleted_too: bool = False
    """Whether it finds deleted records."""
    makes: type[Record] | None = None
    """What it makes and then answers with a 201, if not the record itself; the caller must be allowed to create it."""
    refused: str = ""
    """When it is a 409, for the API description; empty if it never is."""


def conversion_action(name: str, conversion: Conversion, sentence: str, refused: str) -> Action:
    """Return the action that makes a record of another one."""

    def perform(resource: "Resource", record: Locked, values: Values) -> int:
        return conversion.make(resource.writer, resource.other(conversion.makes).writer, record, values)

    return Action(
        name=name,
        word=conversion.word,
        permission="edit",
        sentence=sentence,
        answer="The new record.",
        perform=perform,
        body=conversion.body,
        makes=conversion.makes,
        refused=refused,
    )


def _restore(resource: "Resource", record: Locked, _values: Values) -> None:
    resource.writer.restore([record])


RESTORE = Action(
    name="restore",
    word=RESTORED,
    permission="delete",
    sentence="Bring a deleted {noun} back; a live one is answered as it is.",
    answer="The record.",
    perform=_restore,
    deleted_too=True,
)
