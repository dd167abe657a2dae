"""The routes of a resource's actions, which follow from their declarations (beyond, section 16)."""

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from flask import Blueprint, Response

from crm.access.permissions import require
from crm.blueprints.action import Action
from crm.blueprints.verbs import ONE, Verbs
from crm.database.connections import transaction
from crm.http.body import read_body
from crm.http.preconditions import Expectation
from crm.lists.showing import Shown

if TYPE_CHECKING:
    from crm.blueprints.resource import Resource


class ActionViews:
    """The actions of one resource, `POST /{resource}/{id}/{name}`."""

    def __init__(self, resource: "Resource", verbs: Verbs):
        self.resource = resource
        self.verbs = verbs

    def add_to(self, blueprint: Blueprint) -> None:
        """Add the routes to the resource's blueprint."""
        for action in self.resource.actions:
            blueprint.add_url_rule(f"{ONE}/{action.name}", action.name, self._view_of(action), methods=["POST"])

    def act(self, action: Action, external_id: str) -> Response:
        """Do to a record what an action says and answer it, or what was made of it."""
        if action.makes:
            require("create", self.resource.answered_by(action).area)
        return self.resource.write(action.permission, write=partial(self._act, action, external_id))

    def _act(self, action: Action, external_id: str, expected: Expectation) -> Response:
        resource, answered = self.resource, self.resource.answered_by(action)
        row_id = resource.rows.find(external_id, deleted_too=action.deleted_too).row_id
        values = resource.body_of(action).read(read_body(optional=True))
        shown = answered.shown()
        own = Shown() if action.makes else shown  # what is to be shown of a new record says nothing of this one
        with transaction():
            locked = self.verbs.lock(row_id, expected, shown=own, deleted_too=action.deleted_too)
            made_id = action.perform(resource, locked, values)
            (record,) = answered.rows.read([made_id or row_id], shown.include)
        return Verbs(answered).answer(record, shown, is_new=bool(action.makes))

    def _view_of(self, action: Action) -> Callable[[str], Response]:
        """Return the view of an action: Flask-Limiter takes no `partial`."""

        def act(external_id: str) -> Response:
            return self.act(action, external_id)

        return act
