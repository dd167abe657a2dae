"""Values that are given to clients to hand back: opaque to read by convention, and signed against forgery."""

from typing import Any

from flask import current_app
from itsdangerous import BadData, URLSafeSerializer


def sign(value: Any, purpose: str) -> str:
    """Return a JSON value as text for one purpose, fit for a URL."""
    text: str = _serializer(purpose).dumps(value)
    return text


def unsign(text: str, purpose: str) -> Any:
    """Return the value of a text that this application, or one with its secret key, has signed for the purpose.

    Raises ValueError for any other text.
    """
    try:
        return _serializer(purpose).loads(text)
    except BadData as error:
        raise ValueError("The text was not signed here for this.") from error


def _serializer(purpose: str) -> URLSafeSerializer:
    keys = [*current_app.config["SECRET_KEY_FALLBACKS"], current_app.config["SECRET_KEY"]]
    return URLSafeSerializer(keys, salt=f"crm-{purpose}")
