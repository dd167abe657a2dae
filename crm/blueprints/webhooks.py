"""Webhooks and what was delivered to them, for Owner and Admin (beyond, section 19)."""

from collections.abc import Callable, Iterable
from functools import partial

from flask import Blueprint, Response, jsonify

from crm.access.hooks import behind_team
from crm.access.permissions import WEBHOOKS, require
from crm.blueprints.paths import path_of
from crm.blueprints.resource import Resource
from crm.blueprints.verbs import ONE
from crm.changes.journal import CREATED, DELETED, RESTORED, UPDATED, type_of
from crm.database.projection import Json
from crm.http.body import read_body
from crm.http.responses import NO_STORE, JSONResponse
from crm.http.tagged import list_response
from crm.http.urls import absolute_url
from crm.lists.pages import envelope, requested_page
from crm.operate.security import security_event
from crm.records.idempotency import once
from crm.webhooks.deliveries import add_test, deliveries_of, find_delivery, redeliver, requested_status
from crm.webhooks.subscriptions import Subscriptions, find_webhook

NAME = "webhooks"
_PATH = f"/{NAME}"
_DELIVERIES = f"{_PATH}{ONE}/deliveries"


def event_types(resources: Iterable[type[Resource] | Resource]) -> list[str]:
    """Return all types of changes that there can be."""
    types = (
        type_of(resource.model, word)
        for resource in resources
        for word in (CREATED, UPDATED, DELETED, RESTORED, *resource.words())
    )
    return [*dict.fromkeys(types)]


class Webhooks:
    """The routes of webhooks, in an application with these resources."""

    def __init__(self, resources: Iterable[Resource]):
        self.subscriptions = Subscriptions(event_types(resources))

    def blueprint(self) -> Blueprint:
        """Return the blueprint, behind token and team."""
        blueprint = behind_team(Blueprint(NAME, __name__))
        for path, endpoint, view, methods in (
            (_PATH, "list", self.list, ["GET"]),
            (_PATH, "create", self.create, ["POST"]),
            (f"{_PATH}{ONE}", "show_webhook", self.show, ["GET"]),
            (f"{_PATH}{ONE}", "update", self.update, ["PUT", "PATCH"]),
            (f"{_PATH}{ONE}", "delete", self.delete, ["DELETE"]),
            (f"{_PATH}{ONE}/rotate-secret", "rotate_secret", self.rotate_secret, ["POST"]),
            (f"{_PATH}{ONE}/test", "test", self.test, ["POST"]),
            (_DELIVERIES, "list_deliveries", self.list_deliveries, ["GET"]),
            (f"{_DELIVERIES}/<message_id>/redeliver", "redeliver", self.redeliver, ["POST"]),
        ):
            blueprint.add_url_rule(path, endpoint, view, methods=methods)
        return blueprint

    def list(self) -> Response:
        """Answer all webhooks of the team, the newest first."""
        _require()
        return list_response({"data": self.subscriptions.all()})

    def show(self, external_id: str) -> Response:
        """Answer one webhook."""
        _require()
        return jsonify({"data": self.subscriptions.show(external_id)})

    def create(self) -> Response:
        """Make a webhook of the request's body and answer it with its secret, which is shown nowhere else."""
        _require()
        made = self.subscriptions.create(read_body())
        _tell("created", made["id"])
        location = absolute_url(f"{path_of(NAME)}/{made['id']}")
        return _answer(made, 201, {"Location": location, **NO_STORE})

    def update(self, external_id: str) -> Response:
        """Change the fields that the body names and answer the webhook."""
        return _write(partial(self._update, external_id))

    def _update(self, external_id: str) -> Response:
        find_webhook(external_id)  # before the body is asked for
        changed = self.subscriptions.update(external_id, read_body())
        _tell("updated", external_id)
        return _answer(changed)

    def delete(self, external_id: str) -> Response:
        """Remove a webhook. What is pending is not sent."""
        return _write(partial(self._delete, external_id))

    def _delete(self, external_id: str) -> Response:
        self.subscriptions.delete(external_id)
        _tell("deleted", external_id)
        return JSONResponse(status=204)

    def rotate_secret(self, external_id: str) -> Response:
        """Answer the webhook with a new secret; older ones sign, too, for 24 hours."""
        _require()
        find_webhook(external_id)
        read_body(optional=True)  # which holds nothing, and can be read
        rotated = self.subscriptions.rotate_secret(external_id)
        _tell("rotated", external_id)
        return _answer(rotated, 200, NO_STORE)

    def test(self, external_id: str) -> Response:
        """Have a test sent, whatever the webhook wants and whether it is active, and answer the delivery."""
        return _write(partial(self._test, external_id))

    def _test(self, external_id: str) -> Response:
        find_webhook(external_id)
        read_body(optional=True)
        return _answer(add_test(external_id), 202)

    def list_deliveries(self, external_id: str) -> Json:
        """Answer a page of what was or will be sent to a webhook, the newest first."""
        _require()
        webhook = find_webhook(external_id)
        page, status = requested_page(), requested_status()
        shown, total = deliveries_of(webhook["id"], status, page.per_page, page.offset)
        return envelope(shown, page, total)

    def redeliver(self, external_id: str, message_id: str) -> Response:
        """Have a delivery tried once more, now and under the same id, and answer it."""
        return _write(partial(self._redeliver, external_id, message_id))

    def _redeliver(self, external_id: str, message_id: str) -> Response:
        find_delivery(external_id, message_id)
        read_body(optional=True)
        return _answer(redeliver(external_id, message_id), 202)


def _require() -> None:
    """Raise Refusal (403) unless the caller may do everything with webhooks: some of it is no ability of its own."""
    require("edit", WEBHOOKS)


def _tell(change: str, external_id: str) -> None:
    """Tell the security log how a webhook, which is there, was changed."""
    security_event("webhook.changed", change=change, target_webhook_id=external_id.lower())


def _write(write: Callable[[], Response]) -> Response:
    """Return the answer of a write, done once for each `Idempotency-Key`."""
    _require()
    return once(write)


def _answer(shown: Json, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    response = jsonify({"data": shown})
    response.status_code = status
    response.headers.update(headers or {})
    return response
