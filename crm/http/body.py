"""The body of a request: read whole, or refused (contract, section 1)."""

from typing import Any

from flask import request
from gunicorn.http.errors import ParseException
from werkzeug.exceptions import BadRequest, RequestEntityTooLarge

Json = dict[str, Any]


def read_body(*, optional: bool = False) -> Json:
    """Return the JSON object of the request's body; if it is `optional`, no body is an empty one.

    Raises an HTTP error: 415, 413 or 400.
    """
    if optional and not request.content_length and "Transfer-Encoding" not in request.headers:
        return {}
    if request.is_json:
        _read_whole()
    body = request.get_json()
    if not isinstance(body, dict):
        raise BadRequest
    return body


def _read_whole() -> None:
    """Read the body, and refuse what Werkzeug takes: one cut short, or one in chunks that exceeds the limit."""
    try:
        length = len(request.get_data())
        more = request.environ["wsgi.input"].read(1) if request.content_length is None else b""
    except (OSError, ParseException):  # the server's own, for malformed chunks: it is raised where the body is read
        raise BadRequest from None
    if more:
        raise RequestEntityTooLarge
    if length < (request.content_length or 0):
        raise BadRequest
