"""The body of a request: read whole, or refused (contract, section 1)."""

from typing import Any

from flask import request
from werkzeug.exceptions import BadRequest, HTTPException, RequestEntityTooLarge

from crm.http.connection import UNREADABLE
from crm.http.errors import Refusal

Json = dict[str, Any]

_READ = "crm.body"
"""Where the WSGI environment keeps what came of reading the body."""


def read_body(*, optional: bool = False) -> Json:
    """Return the JSON object of the request's body, where `[]` is `{}`; if it is `optional`, no body is an empty one.

    Raises an HTTP error: 415, 413 or 400.
    """
    if optional and not request.content_length and "Transfer-Encoding" not in request.headers:
        return {}
    body = read_json()
    if body == []:  # what PHP makes of an array without members
        return {}
    if not isinstance(body, dict):
        raise BadRequest
    return body


def read_json() -> Any:
    """Return the JSON value of the request's body. Raises an HTTP error: 415, 413 or 400."""
    if _is_encoded():
        raise Refusal(415, "A compressed request body is not supported.")
    if request.is_json:
        body_bytes()
    return request.get_json()


def body_bytes() -> bytes:
    """Return the bytes of the request's body, the same each time. Raises an HTTP error each time: 413 or 400."""
    kept = request.environ
    if _READ not in kept:
        try:
            kept[_READ] = _read_whole()
        except HTTPException as refusal:
            kept[_READ] = refusal
    if isinstance(kept[_READ], HTTPException):
        raise kept[_READ]
    body: bytes = kept[_READ]
    return body


def _is_encoded() -> bool:
    return request.headers.get("Content-Encoding", "").strip().lower() not in ("", "identity")


def _read_whole() -> bytes:
    """Read the body, and refuse what Werkzeug takes: one cut short, or one in chunks that exceeds the limit."""
    try:
        body = request.get_data()
        more = request.environ["wsgi.input"].read(1) if request.content_length is None else b""
    except UNREADABLE:
        raise BadRequest from None
    if more:
        raise RequestEntityTooLarge
    if len(body) < (request.content_length or 0):
        raise BadRequest
    return body
