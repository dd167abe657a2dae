"""The routes of the parts of a resource's records, which follow from their declarations (beyond, section 16)."""

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from flask import Blueprint, Response
from werkzeug.exceptions import NotFound

from crm.access.permissions import require
from crm.blueprints.part import Addition, Part
from crm.blueprints.verbs import ONE, Verbs
from crm.database.connections import snapshot, transaction
from crm.database.projection import Json
from crm.http.body import read_body
from crm.http.preconditions import Expectation
from crm.http.tagged import gone_response, part_response
from crm.lists.showing import Shown

if TYPE_CHECKING:
    from crm.blueprints.resource import Resource


class PartViews:
    """The parts of the records of one resource."""

    def __init__(self, resource: "Resource", verbs: Verbs):
        self.resource = resource
        self.verbs = verbs

    def add_to(self, blueprint: Blueprint) -> None:
        """Add the routes to the resource's blueprint."""
        for part in self.resource.parts:
            path = f"{ONE}/{part.name}"
            if part.listed:
                blueprint.add_url_rule(path, f"list_{part.name}", _view_of(self.show_all, part), methods=["GET"])
            if part.add:
                add = _view_of(partial(self.add, part.add), part)
                blueprint.add_url_rule(path, f"add_{part.noun}", add, methods=["POST"])
            one = f"{path}/<{part.parameter}>"
            blueprint.add_url_rule(one, f"remove_{part.noun}", _view_of(self.remove, part), methods=["DELETE"])

    def show_all(self, part: Part, external_id: str) -> Response:
        """Answer all parts of a record, of one moment with its version."""
        require("view", self.resource.area)
        with snapshot():
            row_id = self.resource.rows.find(external_id).row_id
            version = self.resource.rows.versions([row_id])[row_id]
            members = self._members(part, row_id)
        return part_response(members, version)

    def add(self, addition: Addition, part: Part, external_id: str) -> Response:
        """Add a part to a record and answer it."""
        return self.resource.write("edit", write=partial(self._add, addition, part, external_id))

    def _add(self, addition: Addition, part: Part, external_id: str, expected: Expectation) -> Response:
        row_id = self.resource.rows.find(external_id).row_id
        values = self.resource.body_of(addition).read(read_body(optional=True))
        with transaction():
            locked = self.verbs.lock(row_id, expected, shown=Shown())
            added = self._member(part, row_id, addition.perform(self.resource, locked, values))
        return part_response(added, locked.version + 1, 201)

    def remove(self, part: Part, external_id: str, key: str) -> Response:
        """Remove a part of a record."""
        return self.resource.write("edit", write=partial(self._remove, part, external_id, part.read_key(key)))

    def _remove(self, part: Part, external_id: str, key: str, expected: Expectation) -> Response:
        row_id = self.resource.rows.find(external_id).row_id
        with transaction():
            (locked,) = self.resource.writer.lock.live([row_id])
            self._member(part, row_id, key)  # what is not there is a 404, whatever version is expected
            self.verbs.require_expected(locked, expected, Shown())
            part.remove.perform(self.resource, locked, key)
        return gone_response(locked.version + 1)

    def _members(self, part: Part, row_id: int) -> list[Json]:
        """Return the parts of a record as they are shown."""
        members: list[Json] = self.resource.creation.fields[part.name].of([row_id]).get(row_id, [])  # type: ignore[attr-defined]
        return members

    def _member(self, part: Part, row_id: int, key: str) -> Json:
        """Return one of them. Raises NotFound."""
        for member in self._members(part, row_id):
            if str(member[part.key]) == key:
                return member
        raise NotFound


def _view_of(view: Callable[..., Response], part: Part) -> Callable[..., Response]:
    """Return the view of what is done to parts: Flask-Limiter takes no `partial`."""

    def view_part(external_id: str, **named: Any) -> Response:
        return view(part, external_id, *named.values())

    return view_part
