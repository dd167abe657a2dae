"""The operations of webhooks themselves: whom a team has told of its changes, and by which secret."""

from crm.blueprints import RESOURCES
from crm.blueprints.webhooks import NAME, event_types
from crm.http.idempotency import REPLAYED
from crm.models import Webhook
from crm.openapi.answers import not_modified, nothing, one, success
from crm.openapi.examples.webhooks import CREATED, SECRET, UPDATED, example_webhook
from crm.openapi.examples.world import example_id
from crm.openapi.forms import (
    TEXT,
    TIMESTAMP,
    TRUTH,
    UUID,
    Components,
    Json,
    array_of,
    described,
    first_line,
    object_of,
    or_null,
)
from crm.openapi.parameters import shared
from crm.openapi.refusals import READ, WRITE, WRITE_OF_BODY, refusals
from crm.openapi.requests import body_of
from crm.webhooks.bodies import MAX_TYPES, MAX_URL
from crm.webhooks.wanted import with_patterns

WEBHOOK_ID: Json = {
    "name": "id",
    "in": "path",
    "required": True,
    "description": "The `id` of the webhook.",
    "schema": UUID,
    "example": example_id(NAME),
}
_SHOWN: Json = {
    "id": UUID,
    "url": TEXT,
    "types": array_of(TEXT),
    "description": or_null(TEXT),
    "active": TRUTH,
    "disabled_reason": or_null({**TEXT, "description": "Why the deliverer has set it inactive."}),
    "include_record": TRUTH,
    "created_at": TIMESTAMP,
    "updated_at": TIMESTAMP,
}
_SECRET: Json = {
    **TEXT,
    "pattern": "^whsec_[A-Za-z0-9+/]{43}=$",
    "description": "What signs messages. Shown this once.",
}


def list_all(components: Components) -> Json:
    """Describe listing all webhooks of the team."""
    rows = components.add("WebhookList", object_of({"data": array_of(_webhook(components))}))
    return {
        "parameters": shared("Team", "IfNoneMatch"),
        "responses": {
            "200": success("All webhooks of the team.", rows, {"data": [example_webhook()]}, ("ETag",)),
            **not_modified(components),
            **refusals(READ),
        },
    }


def create(components: Components) -> Json:
    """Describe making a webhook."""
    body = object_of(_taken("By default `true`."), required=["url", "types"])
    made = _with_secret("The webhook and its secret.", components, ("Location",))
    return {
        "parameters": shared("Team"),
        "requestBody": body_of(components.add("WebhookCreate", body), CREATED),
        "responses": {"201": made, **refusals({*WRITE_OF_BODY} - {409})},
    }


def show(components: Components) -> Json:
    """Describe showing a webhook."""
    shown = success("The webhook.", one(_webhook(components)), {"data": example_webhook()})
    return {"parameters": [WEBHOOK_ID, *shared("Team")], "responses": {"200": shown, **refusals((404, *READ))}}


def update(components: Components) -> Json:
    """Describe changing a webhook."""
    body = body_of(components.add("WebhookUpdate", object_of(_taken(), required=[])), UPDATED)
    example = {"data": example_webhook(changed=True)}
    changed = success("The changed webhook.", one(_webhook(components)), example, (REPLAYED,))
    return {
        "parameters": [WEBHOOK_ID, *shared("Team", "IdempotencyKey")],
        "requestBody": components.add_request_body("WebhookChange", body),
        "responses": {"200": components.add_response("WebhookChanged", changed), **refusals((404, *WRITE_OF_BODY))},
    }


def delete(components: Components) -> Json:
    """Describe removing a webhook."""
    gone = nothing("The webhook is deleted.", (REPLAYED,))
    return {
        "parameters": [WEBHOOK_ID, *shared("Team", "IdempotencyKey")],
        "responses": {"204": gone, **refusals((404, *WRITE))},
    }


def rotate_secret(components: Components) -> Json:
    """Describe giving a webhook a new secret."""
    rotated = _with_secret("The webhook and its new secret.", components)
    return {
        "parameters": [WEBHOOK_ID, *shared("Team")],
        "responses": {"200": rotated, **refusals((404, 413, 415, *READ))},
    }


def _taken(by_default: str | None = None) -> Json:
    """Return the fields of a body, with what is said of those that may be left out."""
    types = sorted(with_patterns(frozenset(event_types(RESOURCES))))
    return {
        "url": {
            **TEXT,
            "minLength": 1,
            "maxLength": MAX_URL,
            "pattern": "^https?://",
            "description": "Where messages are sent by https: an address that everybody can reach.",
        },
        "types": {
            **array_of({**TEXT, "enum": types}, MAX_TYPES),
            "minItems": 1,
            "description": "What it wants to hear: `deal.won`, all of a resource (`lead.*`), or all (`*`).",
        },
        "description": or_null({**TEXT, "maxLength": Webhook.__table__.c.description.type.length}),
        "active": or_null(
            described(TRUTH, "Whether it is told anything. `true` clears `disabled_reason`.", by_default)
        ),
        "include_record": or_null(described(TRUTH, "Whether messages hold the record as it is when sent.", by_default)),
    }


def _webhook(components: Components) -> Json:
    return components.add("Webhook", object_of(_SHOWN, description=first_line(Webhook)))


def _with_secret(description: str, components: Components, headers: tuple[str, ...] = ()) -> Json:
    form = components.add("WebhookWithSecret", object_of({**_SHOWN, "secret": _SECRET}))
    return success(description, one(form), {"data": {**example_webhook(), "secret": SECRET}}, headers)
