"""The five verbs, once for all resources: list, create, show, update, delete (contract, section 5); and actions."""

from collections.abc import Callable, Collection, Sequence
from functools import cached_property, partial
from typing import ClassVar

from flask import Blueprint, Response

from crm.access.hooks import require_user, set_team
from crm.access.permissions import VERBS, require
from crm.blueprints.action import RESTORE, Action
from crm.blueprints.batch import Batches
from crm.blueprints.own_keys import ByKey
from crm.blueprints.paths import path_of
from crm.changes.reading import history
from crm.database.connections import transaction
from crm.database.projection import Included, Json, Projection
from crm.http.arguments import whole_number
from crm.http.body import read_body
from crm.http.preconditions import ANY_VERSION, Expectation, VersionChanged, expectation
from crm.http.tagged import gone_response, list_response, record_response, tag_of
from crm.http.urls import absolute_url
from crm.lists.including import requested_include
from crm.lists.listing import Filters, Listing
from crm.lists.pages import envelope, requested_page
from crm.models.base import Record
from crm.records.batch import Batch
from crm.records.idempotency import once
from crm.records.locking import Locked
from crm.records.naming import Name
from crm.records.rows import Rows
from crm.records.writing import Writer
from crm.schemas.base import RecordSchema
from crm.schemas.field_order import shown_fields
from crm.schemas.reading import Reading


class Resource:
    """One of the API's resources. A subclass states what is particular to it; the verbs are the same for all."""

    schema: ClassVar[type[RecordSchema]]
    """How its records look on the wire, and whose they are."""
    model: ClassVar[type[Record]]
    sorts: ClassVar[Sequence[str]]
    """The columns that its list sorts by, beside those that every list does."""
    filters: ClassVar[Filters] = {}
    """The columns that its list filters by, beside `user_owner_id`."""
    staff_verbs: ClassVar[Collection[str]] = VERBS
    """What a Manager or an Employee may do to it."""
    actions: ClassVar[Sequence[Action]] = (RESTORE,)
    """What can be done to its records beyond the verbs."""

    def __init_subclass__(cls) -> None:
        """Take the model of the schema."""
        cls.model = cls.schema.model

    def __init__(self) -> None:
        self.name = self.model.__tablename__
        self.table = self.model.__table__

    def blueprint(self) -> Blueprint:
        """Return the blueprint of the five verbs and the actions, behind token and team."""
        blueprint = Blueprint(self.name, __name__)
        blueprint.before_request(require_user)
        blueprint.before_request(set_team)
        one = "/<external_id>"
        blueprint.add_url_rule("", "list", self.list, methods=["GET"])
        blueprint.add_url_rule("", "create", self.create, methods=["POST"])
        blueprint.add_url_rule(one, "show", self.show, methods=["GET"])
        blueprint.add_url_rule(one, "update", self.update, methods=["PUT", "PATCH"])
        blueprint.add_url_rule(one, "delete", self.delete, methods=["DELETE"])
        blueprint.add_url_rule(f"{one}/changes", "changes", self.changes, methods=["GET"])
        ByKey(self).add_to(blueprint)
        Batches(self).add_to(blueprint)
        for action in self.actions:
            blueprint.add_url_rule(f"{one}/{action.name}", action.name, self._view_of(action), methods=["POST"])
        return blueprint

    def list(self) -> Response:
        """Answer a page of the visible records."""
        require("view", self.staff_verbs)
        page = requested_page()
        records, total = self.listing.read(page, self.include())
        return list_response(envelope(records, page, total))

    def show(self, external_id: str) -> Response:
        """Answer one record."""
        return self.show_named(lambda: external_id)

    def show_named(self, name: Callable[[], Name]) -> Response:
        """Answer one record by any name of it, which is asked for once the caller may view records."""
        require("view", self.staff_verbs)
        return record_response(self.rows.show(name(), self.include))

    def create(self) -> Response:
        """Make a record of the request's body and answer it."""
        return self.write("create", write=lambda _: self.make(self.creation.reading(read_body())), conditional=False)

    def make(self, reading: Reading) -> Response:
        """Make a record of what has been read and answer it."""
        values = reading.accepted()
        include = self.include()
        with transaction():
            (record,) = self.rows.read(self.writer.create([values]), include)
        return record_response(record, 201, absolute_url(f"{path_of(self.name)}/{record['id']}"))

    def update(self, external_id: str) -> Response:
        """Change the fields that the body names and answer the record."""
        return self.write("edit", write=partial(self._update, external_id))

    def _update(self, external_id: str, expected: Expectation) -> Response:
        row_id = self.rows.find(external_id).row_id
        return self.alter(row_id, self.change.reading(read_body(), row_id), expected)

    def alter(self, row_id: int, reading: Reading, expected: Expectation) -> Response:
        """Change a record as a reading says and answer it."""
        values = reading.accepted()
        include = self.include()
        with transaction():
            locked = self._lock(row_id, expected)
            (record,) = self.writer.update([locked], {row_id: values}, include=include)
        return record_response(record)

    def delete(self, external_id: str) -> Response:
        """Soft-delete a record."""
        return self.write("delete", write=partial(self.remove, external_id))

    def remove(self, name: Name, expected: Expectation) -> Response:
        """Soft-delete a record by any name of it."""
        row_id = self.rows.find(name).row_id
        with transaction():
            locked = self._lock(row_id, expected)
            self.writer.delete([locked])
        return gone_response(locked.version + 1)

    def changes(self, external_id: str) -> Json:
        """Answer a page of the changes of a record, the newest first; of a deleted one, too."""
        require("view", self.staff_verbs)
        found = self.rows.find(external_id, deleted_too=True)
        page = requested_page()
        changes, total = history(found.external_id, page.per_page, page.offset)
        return envelope(changes, page, total)

    def act(self, action: Action, external_id: str) -> Response:
        """Do to a record what an action says and answer it."""
        return self.write(action.permission, write=partial(self._act, action, external_id))

    def _act(self, action: Action, external_id: str, expected: Expectation) -> Response:
        row_id = self.rows.find(external_id, deleted_too=action.deleted_too).row_id
        values = action.body().read(read_body(optional=True))
        include = self.include()
        with transaction():
            locked = self._lock(row_id, expected, deleted_too=action.deleted_too)
            action.perform(self, locked, values)
            (record,) = self.rows.read([row_id], include)
        return record_response(record)

    def write(self, *permissions: str, write: Callable[[Expectation], Response], conditional: bool = True) -> Response:
        """Return the answer of a write, after what all have in common; a kept one if it has been done already.

        The caller needs these permissions (403), and the headers have to be readable (400). All else that may refuse
        the request is up to `write`, which gets what `If-Match` expects; if not `conditional`, that is ignored.
        """
        for permission in permissions:
            require(permission, self.staff_verbs)
        expected = expectation() if conditional else ANY_VERSION
        return once(lambda: write(expected))

    def _lock(self, row_id: int, expected: Expectation, *, deleted_too: bool = False) -> Locked:
        """Lock a record that is to be written. Raises NotFound, and VersionChanged if it is not as expected."""
        lock = self.writer.lock
        (locked,) = lock.any([row_id]) if deleted_too else lock.live([row_id])
        if not expected.allows(locked.version):
            (record,) = self.rows.read([row_id], self.include())
            raise VersionChanged(locked.version, tag_of(record))
        return locked

    def _view_of(self, action: Action) -> Callable[[str], Response]:
        """Return the view of an action: Flask-Limiter takes no `partial`."""

        def act(external_id: str) -> Response:
            return self.act(action, external_id)

        return act

    def include(self) -> Included:
        """Return what the request asks to be shown beyond what every answer shows. Raises ValidationFailed."""
        return requested_include(self._projection.on_request)

    @cached_property
    def rows(self) -> Rows:
        """The rows of this resource, found and shown."""
        return Rows(self.model, self._projection)

    @cached_property
    def writer(self) -> Writer:
        """The door through which its records are written."""
        return Writer(self.rows, self.creation)

    @cached_property
    def batch(self) -> Batch:
        """Many of its records at once."""
        return Batch(self.rows, self.writer, self.creation, self.change)

    @cached_property
    def listing(self) -> Listing:
        """The list of this resource."""
        filters = {"user_owner_id": whole_number, **self.filters}
        return Listing(self.model, self._projection, self.sorts, filters)

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
