"""The look-up rows and users, every id that a client may send: listed, shown, and written (beyond, section 18)."""

from collections.abc import Callable, Iterable
from functools import partial

from flask import Blueprint, Response, jsonify

from crm.access.hooks import behind_team
from crm.access.permissions import LOOKUP_ROWS, require
from crm.blueprints.paths import path_of
from crm.blueprints.verbs import ONE
from crm.http.arguments import strict_boolean
from crm.http.body import read_body
from crm.http.responses import JSONResponse
from crm.http.tagged import list_response
from crm.http.urls import absolute_url
from crm.records.idempotency import once
from crm.records.lookups import LOOKUPS, Lookup, Users, WrittenLookup

FORCE = "force"
"""The parameter by which a row goes though records refer to it."""


def make_lookups() -> list[Lookup]:
    """Return all look-up lists of the application in whose context this runs."""
    return [lookup() for lookup in (*LOOKUPS, Users)]


def make_blueprint(lookups: Iterable[Lookup]) -> Blueprint:
    """Return the blueprint of look-ups: read by any user with CRM access, written by Owner and Admin."""
    blueprint = behind_team(Blueprint("lookups", __name__))
    for lookup in lookups:
        if isinstance(lookup, WrittenLookup):
            WrittenVerbs(lookup).add_to(blueprint)
        else:
            LookupVerbs(lookup).add_to(blueprint)
    return blueprint


class LookupVerbs:
    """What can be asked of a look-up table. The name of each view begins with the verb."""

    def __init__(self, lookup: Lookup):
        self.lookup = lookup
        self.path = lookup.name.replace("_", "-")

    def add_to(self, blueprint: Blueprint) -> None:
        """Add the route to the blueprint."""
        blueprint.add_url_rule(f"/{self.path}", f"list_{self.lookup.name}", self.list, methods=["GET"])

    def list(self) -> Response:
        """Answer every row."""
        return list_response(self.lookup.answer())


class WrittenVerbs(LookupVerbs):
    """What can be asked of a look-up table and done to its rows."""

    lookup: WrittenLookup

    def add_to(self, blueprint: Blueprint) -> None:
        """Add the routes to the blueprint."""
        super().add_to(blueprint)
        name, one = self.lookup.name, f"/{self.path}{ONE}"
        blueprint.add_url_rule(f"/{self.path}", f"create_{name}", self.create, methods=["POST"])
        blueprint.add_url_rule(one, f"show_{name}", self.show, methods=["GET"])
        blueprint.add_url_rule(one, f"update_{name}", self.update, methods=["PUT", "PATCH"])
        blueprint.add_url_rule(one, f"delete_{name}", self.delete, methods=["DELETE"])

    def show(self, external_id: str) -> Response:
        """Answer one row."""
        return jsonify({"data": self.lookup.show(external_id)})

    def create(self) -> Response:
        """Make a row of the request's body and answer it."""
        return _write("create", self._create)

    def _create(self) -> Response:
        row = self.lookup.create(read_body())
        response = jsonify({"data": row})
        response.status_code = 201
        response.headers["Location"] = absolute_url(f"{path_of(self.lookup.name)}/{row['id']}")
        return response

    def update(self, external_id: str) -> Response:
        """Change the fields that the body names and answer the row."""
        return _write("edit", partial(self._update, external_id))

    def _update(self, external_id: str) -> Response:
        self.lookup.find(external_id)  # before the body is asked for
        body, force = read_body(), self.lookup.has_parts and strict_boolean(FORCE)
        return jsonify({"data": self.lookup.update(external_id, body, force=force)})

    def delete(self, external_id: str) -> Response:
        """Delete a row. One that records refer to needs `force`: then they show null, and no label."""
        return _write("delete", partial(self._delete, external_id))

    def _delete(self, external_id: str) -> Response:
        self.lookup.find(external_id)  # before the parameter is judged
        self.lookup.delete(external_id, force=strict_boolean(FORCE))
        return JSONResponse(status=204)


def _write(permission: str, write: Callable[[], Response]) -> Response:
    """Return the answer of a write: done once for each `Idempotency-Key`, by who may do so (403)."""
    require(permission, LOOKUP_ROWS)
    return once(write)
