"""The examples of webhooks: what is sent, what is shown, and a message as the receiver gets it."""

from crm.openapi.examples.world import MOMENT, example_id
from crm.openapi.forms import Json

CREATED: Json = {
    "url": "https://example.com/told-by-crm",
    "types": ["deal.won", "lead.*"],
    "description": "The order desk",
    "active": True,
    "include_record": True,
}
UPDATED: Json = {"types": ["*"], "description": "The order desk, all of it"}
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw0fGdqVYvnUM="  # noqa: S105 (nobody's)
MESSAGE_ID = "msg_5f1c0f6e2d0b4a539c556d8d3f4f9a10"

_REASON = {"disabled_reason": None}


def example_webhook(*, changed: bool = False) -> Json:
    """Return the webhook that the body of the examples makes, or that one once it was changed."""
    body = CREATED | (UPDATED if changed else {})
    moments = {"created_at": MOMENT, "updated_at": MOMENT}
    shown = {name: body[name] for name in ("url", "types", "description", "active")}
    return {"id": example_id("webhooks"), **shown, **_REASON, "include_record": body["include_record"], **moments}


def example_delivery(kind: str = "deal.won", sequence: int | None = 4711, *, pending: bool = False) -> Json:
    """Return a delivery, one that has succeeded or one that is still to be sent."""
    return {
        "id": MESSAGE_ID,
        "type": kind,
        "sequence": sequence,
        "status": "pending" if pending else "succeeded",
        "attempts": 0 if pending else 1,
        "next_attempt_at": MOMENT if pending else None,
        "response_status": None if pending else 204,
        "response_ms": None if pending else 87,
        "error": None,
        "created_at": MOMENT,
        "finished_at": None if pending else MOMENT,
    }
