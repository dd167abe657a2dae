"""The operations of what was or will be sent to a webhook: to test it, to look through all, to send one again."""

from crm.blueprints.webhooks import NAME
from crm.http.idempotency import REPLAYED
from crm.models import WebhookDelivery
from crm.openapi.answers import one, success
from crm.openapi.envelopes import page_of
from crm.openapi.examples.pages import page_example
from crm.openapi.examples.webhooks import MESSAGE_ID, example_delivery
from crm.openapi.examples.world import example_id
from crm.openapi.forms import TEXT, TIMESTAMP, Components, Json, first_line, object_of, or_null
from crm.openapi.operations.webhooks.subscriptions import WEBHOOK_ID
from crm.openapi.parameters import shared
from crm.openapi.refusals import READ, WRITE_OF_BODY, refusals
from crm.webhooks.deliveries import STATUSES, TEST

_MESSAGE_ID: Json = {
    "name": "message_id",
    "in": "path",
    "required": True,
    "description": "The `id` of the delivery.",
    "schema": {**TEXT, "pattern": "^msg_[0-9a-f]{32}$"},
    "example": MESSAGE_ID,
}
_STATUS: Json = {
    "name": "status",
    "in": "query",
    "description": "Only deliveries that stand so.",
    "schema": {**TEXT, "enum": [*STATUSES]},
    "example": STATUSES[0],
}
_COUNT: Json = {"type": "integer", "minimum": 0}
_SHOWN: Json = {
    "id": {**TEXT, "description": "The `webhook-id` of every try."},
    "type": TEXT,
    "sequence": or_null({**_COUNT, "description": "That of the change; null for a test."}),
    "status": {**TEXT, "enum": [*STATUSES]},
    "attempts": _COUNT,
    "next_attempt_at": or_null(TIMESTAMP),
    "response_status": or_null(_COUNT),
    "response_ms": or_null(_COUNT),
    "error": or_null(TEXT),
    "created_at": TIMESTAMP,
    "finished_at": or_null(TIMESTAMP),
}


def test(components: Components) -> Json:
    """Describe having a test sent."""
    accepted = _accepted(example_delivery(TEST, None, pending=True), components)
    return {
        "parameters": [WEBHOOK_ID, *shared("Team", "IdempotencyKey")],
        "responses": {"202": accepted, **refusals((404, *WRITE_OF_BODY))},
    }


def list_page(components: Components) -> Json:
    """Describe listing what was or will be sent."""
    page = components.add("WebhookDeliveryPage", page_of(_delivery(components), components))
    example = page_example(f"{NAME}/{example_id(NAME)}/deliveries", example_delivery())
    return {
        "parameters": [WEBHOOK_ID, _STATUS, *shared("PerPage", "Page", "Team")],
        "responses": {"200": success("A page of deliveries.", page, example), **refusals((404, 422, *READ))},
    }


def redeliver(components: Components) -> Json:
    """Describe having a delivery tried once more."""
    accepted = _accepted(example_delivery(pending=True), components)
    return {
        "parameters": [WEBHOOK_ID, _MESSAGE_ID, *shared("Team", "IdempotencyKey")],
        "responses": {"202": accepted, **refusals((404, *WRITE_OF_BODY))},
    }


def _accepted(example: Json, components: Components) -> Json:
    return success("The delivery, which is sent next.", one(_delivery(components)), {"data": example}, (REPLAYED,))


def _delivery(components: Components) -> Json:
    return components.add("WebhookDelivery", object_of(_SHOWN, description=first_line(WebhookDelivery)))
