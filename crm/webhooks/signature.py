"""The signature of a message, as the Standard Webhooks specification has it."""

import base64
import hmac
import os
from collections.abc import Iterable
from hashlib import sha256

from crm.webhooks.sealing import SECRET_BYTES

_SHOWN_AS = "whsec_"


def new_secret() -> bytes:
    """Return a random secret."""
    return os.urandom(SECRET_BYTES)


def shown_secret(secret: bytes) -> str:
    """Return a secret as receivers are given it."""
    return _SHOWN_AS + base64.b64encode(secret).decode()


def headers(message_id: str, seconds: int, body: bytes, secrets: Iterable[bytes]) -> dict[str, str]:
    """Return the three headers of a message sent at a time (seconds since 1970): one signature for each secret."""
    signed = b"%b.%d.%b" % (message_id.encode(), seconds, body)
    macs = (hmac.digest(secret, signed, sha256) for secret in secrets)
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(seconds),
        "webhook-signature": " ".join(f"v1,{base64.b64encode(mac).decode()}" for mac in macs),
    }
