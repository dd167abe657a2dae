"""What a resource is: what it states for itself, its routes, and the parts that these work with."""

from collections.abc import Callable, Collection, Sequence
from functools import cached_property, lru_cache
from typing import ClassVar

from flask import Blueprint, Response, current_app

from crm.access.abilities import VERBS
from crm.access.hooks import behind_team
from crm.access.permissions import Area, require
from crm.blueprints.action import RESTORE, Action
from crm.blueprints.action_views import ActionViews
from crm.blueprints.batch import Batches
from crm.blueprints.own_keys import ByKey
from crm.blueprints.part import Addition, Part
from crm.blueprints.part_views import PartViews
from crm.blueprints.registered import resources_of
from crm.blueprints.verbs import Verbs
from crm.database.projection import Projection
from crm.http.arguments import whole_number
from crm.http.preconditions import ANY_VERSION, Expectation, expectation
from crm.lists.listing import Listing, OldFilters
from crm.lists.showing import Shown, requested_fields
from crm.models.base import Record
from crm.records.batch import Batch
from crm.records.following import NO_RULE, Rule
from crm.records.idempotency import once
from crm.records.rows import Rows
from crm.records.writing import Writer
from crm.schemas.base import BodySchema, RecordSchema
from crm.schemas.field_order import shown_fields


class Resource:
    """One of the API's resources. A subclass states what is particular to it; the verbs are the same for all."""

    schema: ClassVar[type[RecordSchema]]
    """How its records look on the wire, and whose they are."""
    model: ClassVar[type[Record]]
    filters: ClassVar[OldFilters] = {}
    """The columns that its list filters by, beside `user_owner_id` and all that `filter[…]` can ask."""
    staff_verbs: ClassVar[Collection[str]] = VERBS
    """What a Manager or an Employee may do to it."""
    actions: ClassVar[Sequence[Action]] = (RESTORE,)
    """What can be done to its records beyond the verbs."""
    parts: ClassVar[Sequence[Part]] = ()
    """What of its records has paths of its own."""
    rule: ClassVar[Rule] = NO_RULE
    """What follows from changes of its records."""

    def __init_subclass__(cls) -> None:
        """Take the model of the schema."""
        cls.model = cls.schema.model

    @classmethod
    def words(cls) -> list[str]:
        """Return what the journal says of its records, beside what the verbs do."""
        return [*(action.word for action in cls.actions if action.word), *cls.rule.words]

    def __init__(self) -> None:
        self.name = self.model.__tablename__
        self.table = self.model.__table__
        self.body_of = lru_cache(maxsize=None)(self._make_body)

    def blueprint(self) -> Blueprint:
        """Return the blueprint of all that can be asked of it and done to it, behind token and team."""
        blueprint = behind_team(Blueprint(self.name, __name__))
        verbs = Verbs(self)
        verbs.add_to(blueprint)
        ActionViews(self, verbs).add_to(blueprint)
        PartViews(self, verbs).add_to(blueprint)
        ByKey(self, verbs).add_to(blueprint)
        Batches(self).add_to(blueprint)
        return blueprint

    def write(self, *permissions: str, write: Callable[[Expectation], Response], conditional: bool = True) -> Response:
        """Return the answer of a write, after what all have in common; a kept one if it has been done already.

        The caller needs these permissions (403), and the headers have to be readable (400). All else that may refuse
        the request is up to `write`, which gets what `If-Match` expects; if not `conditional`, that is ignored.
        """
        for permission in permissions:
            require(permission, self.area)
        expected = expectation() if conditional else ANY_VERSION
        return once(lambda: write(expected))

    @property
    def area(self) -> Area:
        """What permissions to do something to its records are about."""
        return Area(self.name, self.staff_verbs)

    def shown(self) -> Shown:
        """Return what the request wants to see of records. Raises ValidationFailed."""
        return requested_fields(self._projection.names, self._projection.on_request)

    def other(self, model: type[Record]) -> "Resource":
        """Return another resource of the same application, by its model."""
        return resources_of(current_app)[model.__tablename__]

    def answered_by(self, action: Action) -> "Resource":
        """Return the resource whose record an action answers: what it makes, or else this one."""
        return self.other(action.makes) if action.makes else self

    def _make_body(self, declared: Action | Addition) -> BodySchema:
        """Return how the body of an action or addition is read. It keeps statements, an application's own."""
        return declared.body()

    @cached_property
    def rows(self) -> Rows:
        """The rows of this resource, found and shown."""
        return Rows(self.model, self._projection)

    @cached_property
    def writer(self) -> Writer:
        """The door through which its records are written."""
        return Writer(self.rows, self.creation, self.rule)

    @cached_property
    def batch(self) -> Batch:
        """Many of its records at once."""
        return Batch(self.rows, self.writer, self.creation, self.change)

    @cached_property
    def listing(self) -> Listing:
        """The list of this resource."""
        filters = {"user_owner_id": whole_number, **self.filters}
        return Listing(self.model, self._projection, self.creation, filters)

    @cached_property
    def _projection(self) -> Projection:
        return Projection(shown_fields(self.schema()), self.table)

    @cached_property
    def creation(self) -> RecordSchema:
        """How the body of a new record is read."""
        return self.schema()

    @cached_property
    def change(self) -> RecordSchema:
        """How the body of a change is read."""
        return self.schema.for_update()
