"""What a write of webhooks starts from: one that is there, and something that was sent to it."""

from typing import Any

from tests.support.client import UNKNOWN, UNKNOWN_PARTS, ApiClient

Json = dict[str, Any]

BODY = {"url": "https://example.com/told", "types": ["lead.*"]}


def ready_webhook(api: ApiClient, method: str, path: str, mark: str) -> tuple[str, Json]:
    """Return the path and the body of a write of webhooks for which there is something to do."""
    if path == "/webhooks":
        return path, BODY
    webhook = added(api, "/webhooks", BODY)
    if UNKNOWN_PARTS["message_id"] in path:
        path = path.replace(UNKNOWN_PARTS["message_id"], added(api, f"/webhooks/{webhook}/test", {}))
    return path.replace(UNKNOWN, webhook), {"description": mark} if method in ("PUT", "PATCH") else {}


def added(api: ApiClient, path: str, body: Json) -> str:
    """Send a body, and return the id of what it has made."""
    answer = api.post(path, body)
    assert answer.status_code < 300, answer.text
    made: str = answer.json["data"]["id"]
    return made
