"""The operations of webhooks: the subscriptions themselves, and what was delivered to them."""

from crm.blueprints.webhooks import NAME, Webhooks
from crm.openapi.answers import AS_PUT, head_of
from crm.openapi.forms import Components, Json, first_line
from crm.openapi.operations.webhooks import deliveries, subscriptions

WEBHOOKS = NAME

_OPERATIONS = {
    ("list", "GET"): ("listWebhooks", "List webhooks", subscriptions.list_all),
    ("create", "POST"): ("createWebhook", "Create a webhook", subscriptions.create),
    ("show_webhook", "GET"): ("showWebhook", "Show a webhook", subscriptions.show),
    ("update", "PUT"): ("updateWebhook", "Update a webhook", subscriptions.update),
    ("update", "PATCH"): ("patchWebhook", f"Update a webhook{AS_PUT}", subscriptions.update),
    ("delete", "DELETE"): ("deleteWebhook", "Delete a webhook", subscriptions.delete),
    ("rotate_secret", "POST"): ("rotateWebhookSecret", "Give a webhook a new secret", subscriptions.rotate_secret),
    ("test", "POST"): ("testWebhook", "Send a test to a webhook", deliveries.test),
    ("list_deliveries", "GET"): ("listWebhookDeliveries", "List the deliveries of a webhook", deliveries.list_page),
    ("redeliver", "POST"): ("redeliverToWebhook", "Try a delivery once more", deliveries.redeliver),
}
"""The name, the summary and the description of each, by the view and the method behind it."""


def webhook_operation(view: str, method: str, components: Components) -> Json:
    """Return the operation behind a method of a view of webhooks."""
    name, summary, describe = _OPERATIONS[view, method]
    view_function = getattr(Webhooks, view.removesuffix("_webhook"))
    same = "The same as PUT: " if method == "PATCH" else ""
    return {
        **head_of(name, summary, WEBHOOKS),
        "description": same + first_line(view_function),
        **describe(components),
    }
