"""The five verbs, once for all resources (contract, section 5), and the history of a record."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING

from flask import Blueprint, Response

from crm.access.permissions import require
from crm.blueprints.paths import path_of
from crm.changes.reading import history
from crm.database.connections import transaction
from crm.database.projection import Json
from crm.http.body import read_body
from crm.http.preconditions import Expectation, VersionChanged
from crm.http.tagged import gone_response, list_response, record_response, tag_of
from crm.http.urls import absolute_url
from crm.lists.answers import asked_query, cursor_page, numbered_page, requested_cursor
from crm.lists.filters import asks_for_deleted
from crm.lists.pages import envelope, requested_page
from crm.lists.showing import Shown
from crm.records.locking import Locked
from crm.records.naming import Name, require_still_named
from crm.schemas.own_keys import OwnKey
from crm.schemas.reading import Reading

if TYPE_CHECKING:
    from crm.blueprints.resource import Resource

ONE = "/<external_id>"


class Verbs:
    """The verbs of one resource."""

    def __init__(self, resource: "Resource"):
        self.resource = resource

    def add_to(self, blueprint: Blueprint) -> None:
        """Add the routes to the resource's blueprint."""
        blueprint.add_url_rule("", "list", self.list, methods=["GET"])
        blueprint.add_url_rule("", "create", self.create, methods=["POST"])
        blueprint.add_url_rule(ONE, "show", self.show, methods=["GET"])
        blueprint.add_url_rule(ONE, "update", self.update, methods=["PUT", "PATCH"])
        blueprint.add_url_rule(ONE, "delete", self.delete, methods=["DELETE"])
        blueprint.add_url_rule(f"{ONE}/changes", "changes", self.changes, methods=["GET"])

    def list(self) -> Response:
        """Answer a page of the visible records, or of deleted ones."""
        listing, query = self.resource.listing, asked_query(self.resource.listing)
        self._require_for(query)
        shown, cursor = self.resource.shown(), requested_cursor(listing)
        if cursor is None:
            return list_response(numbered_page(listing, listing.ask(query), shown))
        self._require_for(cursor.query)
        return list_response(cursor_page(listing, listing.ask(cursor.query), cursor, shown))

    def _require_for(self, query: Mapping[str, str]) -> None:
        """Raise Refusal (403) unless the caller may see what a list is asked for."""
        for permission in ("view", "delete") if asks_for_deleted(query) else ("view",):
            require(permission, self.resource.area)

    def show(self, external_id: str) -> Response:
        """Answer one record."""
        return self.show_named(lambda: external_id)

    def show_named(self, name: Callable[[], Name]) -> Response:
        """Answer one record by any name of it, which is asked for once the caller may view records."""
        require("view", self.resource.area)
        record, shown = self.resource.rows.show(name(), self.resource.shown)
        return record_response(shown.of(record), record["version"])

    def create(self) -> Response:
        """Make a record of the request's body and answer it."""
        creation = self.resource.creation
        return self.resource.write(
            "create", write=lambda _: self.make(creation.reading(read_body())), conditional=False
        )

    def make(self, reading: Reading) -> Response:
        """Make a record of what has been read and answer it."""
        resource, values = self.resource, reading.accepted()
        shown = resource.shown()
        with transaction():
            (record,) = resource.rows.read(resource.writer.create([values]), shown.include)
        return self.answer(record, shown, is_new=True)

    def answer(self, record: Json, shown: Shown, *, is_new: bool) -> Response:
        """Return the answer that shows a record, and where it is if it is new."""
        location = absolute_url(f"{path_of(self.resource.name)}/{record['id']}")
        head = (201, location) if is_new else ()
        return record_response(shown.of(record), record["version"], *head)

    def update(self, external_id: str) -> Response:
        """Change the fields that the body names and answer the record."""
        return self.resource.write("edit", write=partial(self._update, external_id))

    def _update(self, external_id: str, expected: Expectation) -> Response:
        row_id = self.resource.rows.find(external_id).row_id
        return self.alter(row_id, self.resource.change.reading(read_body(), row_id), expected)

    def alter(self, row_id: int, reading: Reading, expected: Expectation, named: OwnKey | None = None) -> Response:
        """Change a record, which may be `named` by an own key, as a reading says and answer it."""
        values = reading.accepted()
        shown = self.resource.shown()
        with transaction():
            locked = self.lock(row_id, expected, named)
            (record,) = self.resource.writer.update([locked], {row_id: values}, include=shown.include)
        return record_response(shown.of(record), record["version"])

    def delete(self, external_id: str) -> Response:
        """Soft-delete a record."""
        return self.resource.write("delete", write=partial(self.remove, external_id))

    def remove(self, name: Name, expected: Expectation) -> Response:
        """Soft-delete a record by any name of it."""
        row_id = self.resource.rows.find(name).row_id
        with transaction():
            locked = self.lock(row_id, expected, name if isinstance(name, OwnKey) else None)
            self.resource.writer.delete([locked])
        return gone_response(locked.version + 1)

    def changes(self, external_id: str) -> Json:
        """Answer a page of the changes of a record, the newest first; of a deleted one, too."""
        require("view", self.resource.area)
        found = self.resource.rows.find(external_id, deleted_too=True)
        page = requested_page()
        changes, total = history(found.external_id, page.per_page, page.offset)
        return envelope(changes, page, total)

    def lock(
        self,
        row_id: int,
        expected: Expectation,
        named: OwnKey | None = None,
        *,
        shown: Shown | None = None,
        deleted_too: bool = False,
    ) -> Locked:
        """Lock a record that is to be written, of which this is `shown`: what the request asks for, unless it is given.

        Raises NotFound, Overtaken if it is no longer `named` so, and VersionChanged if it is not as expected.
        """
        lock = self.resource.writer.lock
        (locked,) = lock.any([row_id]) if deleted_too else lock.live([row_id])
        if named:
            require_still_named(self.resource.name, {named: row_id})
        self.require_expected(locked, expected, shown)
        return locked

    def require_expected(self, locked: Locked, expected: Expectation, shown: Shown | None = None) -> None:
        """Raise VersionChanged if a locked record, of which this is `shown` as above, is not as expected."""
        if not expected.allows(locked.version):
            shown = self.resource.shown() if shown is None else shown
            (record,) = self.resource.rows.read([locked.row_id], shown.include)
            raise VersionChanged(locked.version, tag_of(shown.of(record), locked.version))
