"""The operations of webhooks, and what was delivered to them."""

from crm.blueprints import RESOURCES
from crm.blueprints.webhooks import NAME, Webhooks, event_types
from crm.http.idempotency import REPLAYED
from crm.models import Webhook, WebhookDelivery
from crm.openapi.answers import head_of, not_modified, nothing, one, success
from crm.openapi.envelopes import page_of
from crm.openapi.examples.pages import page_example
from crm.openapi.examples.webhooks import (
    CREATED,
    MESSAGE_ID,
    SECRET,
    UPDATED,
    example_delivery,
    example_webhook,
)
from crm.openapi.examples.world import example_id
from crm.openapi.forms import MEDIA_TYPE, UUID, Components, Json, array_of, described, first_line, object_of, or_null
from crm.openapi.parameters import shared
from crm.openapi.refusals import READ, WRITE, WRITE_OF_BODY, refusals
from crm.webhooks.bodies import MAX_TYPES, MAX_URL
from crm.webhooks.deliveries import STATUSES, TEST
from crm.webhooks.wanted import with_patterns

WEBHOOKS = NAME

_MOMENT: Json = {"type": "string", "format": "date-time"}
_TEXT: Json = {"type": "string"}
_TRUTH: Json = {"type": "boolean"}
_COUNT: Json = {"type": "integer", "minimum": 0}
_ID: Json = {
    "name": "id",
    "in": "path",
    "required": True,
    "description": "The `id` of the webhook.",
    "schema": UUID,
    "example": example_id(NAME),
}
_MESSAGE: Json = {
    "name": "message_id",
    "in": "path",
    "required": True,
    "description": "The `id` of the delivery.",
    "schema": {"type": "string", "pattern": "^msg_[0-9a-f]{32}$"},
    "example": MESSAGE_ID,
}


def webhook_operation(view: str, method: str, components: Components) -> Json:
    """Return the operation behind a method of a view of webhooks."""
    name, summary, describe = {
        ("list", "GET"): ("listWebhooks", "List webhooks", _list),
        ("create", "POST"): ("createWebhook", "Create a webhook", _create),
        ("show_webhook", "GET"): ("showWebhook", "Show a webhook", _show),
        ("update", "PUT"): ("updateWebhook", "Update a webhook", _update),
        ("update", "PATCH"): ("patchWebhook", "Update a webhook (as PUT does)", _update),
        ("delete", "DELETE"): ("deleteWebhook", "Delete a webhook", _delete),
        ("rotate_secret", "POST"): ("rotateWebhookSecret", "Give a webhook a new secret", _rotate),
        ("test", "POST"): ("testWebhook", "Send a test to a webhook", _test),
        ("list_deliveries", "GET"): ("listWebhookDeliveries", "List the deliveries of a webhook", _list_deliveries),
        ("redeliver", "POST"): ("redeliverToWebhook", "Try a delivery once more", _redeliver),
    }[view, method]
    view_function = getattr(Webhooks, view.removesuffix("_webhook"))
    same = "The same as PUT: " if method == "PATCH" else ""
    return {
        **head_of(name, summary, WEBHOOKS),
        "description": same + first_line(view_function),
        **describe(components),
    }


def _list(components: Components) -> Json:
    rows = components.add("WebhookList", object_of({"data": array_of(_webhook(components))}))
    return {
        "parameters": shared("Team", "IfNoneMatch"),
        "responses": {
            "200": success("All webhooks of the team.", rows, {"data": [example_webhook()]}, ("ETag",)),
            **not_modified(components),
            **refusals(READ),
        },
    }


def _create(components: Components) -> Json:
    made = success("The webhook and its secret.", _with_secret(components), _example_with_secret(), ("Location",))
    return {
        "parameters": shared("Team"),
        "requestBody": _sent("WebhookCreate", CREATED, components),
        "responses": {"201": made, **refusals({*WRITE_OF_BODY} - {409})},
    }


def _show(components: Components) -> Json:
    shown = success("The webhook.", one(_webhook(components)), {"data": example_webhook()})
    return {"parameters": [_ID, *shared("Team")], "responses": {"200": shown, **refusals((404, *READ))}}


def _update(components: Components) -> Json:
    example = {"data": example_webhook(changed=True)}
    changed = success("The changed webhook.", one(_webhook(components)), example, (REPLAYED,))
    return {
        "parameters": [_ID, *shared("Team", "IdempotencyKey")],
        "requestBody": components.add_request_body("WebhookChange", _sent("WebhookUpdate", UPDATED, components)),
        "responses": {
            "200": components.add_response("WebhookChanged", changed),
            **refusals((404, *WRITE_OF_BODY)),
        },
    }


def _delete(components: Components) -> Json:
    gone = nothing("The webhook is deleted.", (REPLAYED,))
    return {
        "parameters": [_ID, *shared("Team", "IdempotencyKey")],
        "responses": {"204": gone, **refusals((404, *WRITE))},
    }


def _rotate(components: Components) -> Json:
    rotated = success("The webhook and its new secret.", _with_secret(components), _example_with_secret())
    return {"parameters": [_ID, *shared("Team")], "responses": {"200": rotated, **refusals((404, 413, 415, *READ))}}


def _test(components: Components) -> Json:
    return {
        "parameters": [_ID, *shared("Team", "IdempotencyKey")],
        "responses": {
            "202": _accepted(example_delivery(TEST, None, pending=True), components),
            **refusals((404, *WRITE_OF_BODY)),
        },
    }


def _list_deliveries(components: Components) -> Json:
    page = components.add("WebhookDeliveryPage", page_of(_delivery(components), components))
    example = page_example(f"{NAME}/{example_id(NAME)}/deliveries", example_delivery())
    status = {
        "name": "status",
        "in": "query",
        "description": "Only deliveries that stand so.",
        "schema": {"type": "string", "enum": [*STATUSES]},
        "example": STATUSES[0],
    }
    return {
        "parameters": [_ID, status, *shared("PerPage", "Page", "Team")],
        "responses": {"200": success("A page of deliveries.", page, example), **refusals((404, 422, *READ))},
    }


def _redeliver(components: Components) -> Json:
    return {
        "parameters": [_ID, _MESSAGE, *shared("Team", "IdempotencyKey")],
        "responses": {"202": _accepted(example_delivery(pending=True), components), **refusals((404, *WRITE_OF_BODY))},
    }


def _accepted(example: Json, components: Components) -> Json:
    return success("The delivery, which is sent next.", one(_delivery(components)), {"data": example}, (REPLAYED,))


def _sent(name: str, example: Json, components: Components) -> Json:
    columns = Webhook.__table__.c
    required = ["url", "types"] if name == "WebhookCreate" else []
    truth = "By default `true`." if required else None
    properties: Json = {
        "url": {
            **_TEXT,
            "minLength": 1,
            "maxLength": MAX_URL,
            "pattern": "^https?://",
            "description": "Where messages are sent by https: an address that everybody can reach.",
        },
        "types": {
            **array_of({"type": "string", "enum": sorted(with_patterns(frozenset(event_types(RESOURCES))))}, MAX_TYPES),
            "minItems": 1,
            "description": "What it wants to hear: `deal.won`, all of a resource (`lead.*`), or all (`*`).",
        },
        "description": or_null({**_TEXT, "maxLength": columns.description.type.length}),
        "active": or_null(described(_TRUTH, "Whether it is told anything. `true` clears `disabled_reason`.", truth)),
        "include_record": or_null(described(_TRUTH, "Whether messages hold the record as it is when sent.", truth)),
    }
    body = components.add(name, object_of(properties, required=required))
    return {"required": True, "content": {MEDIA_TYPE: {"schema": body, "example": example}}}


def _fields() -> Json:
    return {
        "id": dict(UUID),
        "url": _TEXT,
        "types": array_of(_TEXT),
        "description": or_null(_TEXT),
        "active": _TRUTH,
        "disabled_reason": or_null({**_TEXT, "description": "Why the deliverer has set it inactive."}),
        "include_record": _TRUTH,
        "created_at": _MOMENT,
        "updated_at": _MOMENT,
    }


def _webhook(components: Components) -> Json:
    return components.add("Webhook", object_of(_fields(), description=first_line(Webhook)))


def _with_secret(components: Components) -> Json:
    secret = {**_TEXT, "pattern": "^whsec_[A-Za-z0-9+/]{43}=$", "description": "What signs messages. Shown this once."}
    return one(components.add("WebhookWithSecret", object_of({**_fields(), "secret": secret})))


def _example_with_secret() -> Json:
    return {"data": {**example_webhook(), "secret": SECRET}}


def _delivery(components: Components) -> Json:
    return components.add(
        "WebhookDelivery",
        object_of(
            {
                "id": {**_TEXT, "description": "The `webhook-id` of every try."},
                "type": _TEXT,
                "sequence": or_null({**_COUNT, "description": "That of the change; null for a test."}),
                "status": {**_TEXT, "enum": [*STATUSES]},
                "attempts": _COUNT,
                "next_attempt_at": or_null(_MOMENT),
                "response_status": or_null(_COUNT),
                "response_ms": or_null(_COUNT),
                "error": or_null(_TEXT),
                "created_at": _MOMENT,
                "finished_at": or_null(_MOMENT),
            },
            description=first_line(WebhookDelivery),
        ),
    )
