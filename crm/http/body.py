"""The body of a request: read whole, or refused (contract, section 1)."""

from typing import Any

from flask import request
from werkzeug.exceptions import BadRequest, RequestEntityTooLarge

from crm.http.connection import UNREADABLE
from crm.http.errors import Refusal

Json = dict[str, Any]


def read_body(*, optional: bool = False) -> Json:
    """Return the JSON object of the request's body, where `[]` is `{}`; if it is `optional`, no body is an empty one.

    Raises an HTTP error: 415, 413 or 400.
    """
    if optional and not request.content_length and "Transfer-Encoding" not in request.headers:
        return {}
    if _is_encoded():
        raise Refusal(415, "A compressed request body is not supported.")
    if request.is_json:
        _read_whole()
    body = request.get_json()
    if body == []:  # what PHP makes of an array without members
        return {}
    if not isinstance(body, dict):
        raise BadRequest
    return body


def _is_encoded() -> bool:
    return request.headers.get("Content-Encoding", "").strip().lower() not in ("", "identity")


def _read_whole() -> None:
    """Read the body, and refuse what Werkzeug takes: one cut short, or one in chunks that exceeds the limit."""
    try:
        length = len(request.get_data())
        more = request.environ["wsgi.input"].read(1) if request.content_length is None else b""
    except UNREADABLE:
        raise BadRequest from None
    if more:
        raise RequestEntityTooLarge
    if length < (request.content_length or 0):
        raise BadRequest
