"""Records by the keys of other systems: shown, put, deleted (beyond, section 14)."""

from functools import partial
from typing import TYPE_CHECKING

from flask import Blueprint, Response
from werkzeug.exceptions import NotFound

from crm.blueprints.verbs import Verbs
from crm.http.arguments import refuse
from crm.http.body import read_body
from crm.http.errors import Overtaken, Refusal
from crm.http.preconditions import NO_VERSION, Expectation, must_be_new
from crm.http.urls import path_is_text
from crm.schemas.collections.external_keys import give_key
from crm.schemas.fields import INVALID_REFERENCE
from crm.schemas.own_keys import OwnKey, is_source, own_key, records_named

if TYPE_CHECKING:
    from crm.blueprints.resource import Resource

PATH = "/by/<source>/<own_key:key>"


class ByKey:
    """The verbs of one resource on `/{resource}/by/{source}/{key}`."""

    def __init__(self, resource: "Resource", verbs: Verbs):
        self.resource = resource
        self.verbs = verbs

    def add_to(self, blueprint: Blueprint) -> None:
        """Add the routes to the resource's blueprint."""
        blueprint.add_url_rule(PATH, "show_by_key", self.show, methods=["GET"])
        blueprint.add_url_rule(PATH, "put_by_key", self.put, methods=["PUT", "PATCH"])
        blueprint.add_url_rule(PATH, "delete_by_key", self.delete, methods=["DELETE"])

    def show(self, source: str, key: str) -> Response:
        """Answer the record that another system knows by this key."""
        return self.verbs.show_named(partial(_named, source, key))

    def put(self, source: str, key: str) -> Response:
        """Change the record that another system knows by this key, or make one, and answer it."""
        return self.resource.write("create", "edit", write=partial(self._put, source, key))

    def delete(self, source: str, key: str) -> Response:
        """Soft-delete the record that another system knows by this key."""
        return self.resource.write("delete", write=lambda expected: self.verbs.remove(_named(source, key), expected))

    def _put(self, source: str, key: str, expected: Expectation) -> Response:
        """Change or make a record. Raises Overtaken if it is deleted meanwhile, or has lost the key."""
        body = read_body()
        name = _required(source, key)
        row_id = records_named([(self.resource.name, name)]).get((self.resource.name, name))
        reading = (self.resource.change if row_id else self.resource.creation).reading(body, row_id)
        give_key(reading, name)
        if row_id is None:
            reading.accepted()
            if expected.needs_record:
                raise Refusal(412, "There is no record with this key.")
            return self.verbs.make(reading)
        try:
            return self.verbs.alter(row_id, reading, NO_VERSION if must_be_new() else expected, name)
        except NotFound:
            raise Overtaken from None


def _named(source: str, key: str) -> OwnKey:
    """Return the own key of a path. Raises NotFound if it cannot be one."""
    if (name := _own_key(source, key)) is None:
        raise NotFound
    return name


def _required(source: str, key: str) -> OwnKey:
    """Return the own key of a path. Raises ValidationFailed if it cannot be one."""
    if (name := _own_key(source, key)) is None:
        refuse("key" if is_source(source) else "source", INVALID_REFERENCE)
    return name


def _own_key(source: str, key: str) -> OwnKey | None:
    """Return the own key of a path, None if it cannot be one: what is no UTF-8 would be the same as other such text."""
    return own_key(source, key.removesuffix("/")) if path_is_text() else None
