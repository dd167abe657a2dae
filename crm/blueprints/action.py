"""Actions: what can be done to a record beyond the five verbs, each declared once.

An action is `POST /{resource}/{id}/{name}`. Its route, its permission, its place in the API description and its tests
follow from the declaration, which stands in the resource's `actions`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from crm.changes.journal import RESTORED
from crm.records.locking import Locked
from crm.schemas.base import BodySchema

if TYPE_CHECKING:
    from crm.blueprints.resource import Resource


@dataclass(frozen=True)
class Action:
    """One action.

    `perform` does it. It is called in the transaction, with the resource, the locked record and the values of the body.
    """

    name: str
    """The last segment of its path, and a verb."""
    word: str
    """What it says in the journal that has happened to the record, such as `restored`."""
    permission: str
    """What the caller must be allowed to do to the resource: one of VERBS."""
    sentence: str
    """What it does, for the API description."""
    answer: str
    """What it answers, for the API description."""
    perform: Callable[["Resource", Locked, dict[str, Any]], None]
    body: type[BodySchema] = BodySchema
    """What it takes; a request without a body counts as an empty one."""
    deleted_too: bool = False
    """Whether it finds deleted records."""


def _restore(resource: "Resource", record: Locked, _values: dict[str, Any]) -> None:
    resource.writer.restore([record])


RESTORE = Action(
    name="restore",
    word=RESTORED,
    permission="delete",
    sentence="Bring a deleted record back; a live one is answered as it is.",
    answer="The record.",
    perform=_restore,
    deleted_too=True,
)
