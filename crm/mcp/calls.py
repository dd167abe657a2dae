"""Calls of the API itself, by which tools do all that they do.

A call is a request to one of the API's own routes, made within the one that is being answered: for its caller, in its
team, on its connection. So a tool may what the API allows, is told what the API answers, and leaves in the journal what
any other client does. What comes before a view is done once, for the message: token, limit and team.
"""

from collections.abc import Mapping
from decimal import Decimal
from io import BytesIO
from typing import Any
from urllib.parse import urlencode
from wsgiref.types import WSGIEnvironment

import orjson
from flask import Response, after_this_request, current_app, g, request

from crm.blueprints import PREFIX
from crm.http.idempotency import HEADER as IDEMPOTENCY_KEY
from crm.http.idempotency import REPLAYED
from crm.http.responses import MEDIA_TYPE
from crm.mcp.messages import INVALID_PARAMS, Json, ProtocolError

NOTHING: Mapping[str, str] = {}
MOST = 250
"""How many calls a message may take, which the limits count as one: each name in it may be one to look up."""
MOST_READ = 16 * 1024 * 1024
"""How many bytes of answers a message may read, which are taken apart in memory, and told twice."""
_KEPT = (
    *("SERVER_NAME", "SERVER_PORT", "SERVER_PROTOCOL", "SCRIPT_NAME", "REMOTE_ADDR", "HTTP_HOST", "wsgi.url_scheme"),
    *("HTTP_X_REQUEST_ID", "werkzeug.proxy_fix.orig"),
)
"""What a call has of the request that it is made in: where from, where to, and the id by which both are noted."""
_MADE = "crm_mcp_calls"
_READ = "crm_mcp_bytes"
_KEY = f"HTTP_{IDEMPOTENCY_KEY.upper().replace('-', '_')}"


class ApiError(Exception):
    """A call that the API has refused: the status, and the body of its answer."""

    def __init__(self, status: int, body: Json):
        super().__init__(status)
        self.status = status
        self.body = body


def ask(path: str, query: Mapping[str, str | None] = NOTHING) -> Json:
    """Return what the API answers to a GET of a path below its prefix.

    Raises ApiError, 422 past what one message may read.
    """
    return _call("GET", path, query)


def write(
    method: str,
    path: str,
    body: Any = None,
    *,
    query: Mapping[str, str | None] = NOTHING,
    version: int | None = None,
) -> Json:
    """Return what the API answers to a write, of a record in this version if one is named. Raises ApiError."""
    headers = {} if version is None else {"HTTP_IF_MATCH": f'"{version}"'}
    if key := request.headers.get(IDEMPOTENCY_KEY):
        headers[_KEY] = key
    return _call(method, path, query, headers, b"" if body is None else written(body))


def has_key() -> bool:
    """Tell whether what the message writes is to be done once, however often it is sent."""
    return IDEMPOTENCY_KEY in request.headers


def written(value: Any) -> bytes:
    """Return a value that was read from JSON as JSON, its fractions as they were.

    Raises ProtocolError for text that is no Unicode, and for nesting past any use.
    """
    try:
        return orjson.dumps(value, default=_digits)
    except TypeError:
        raise ProtocolError(INVALID_PARAMS, "The arguments hold text that is no Unicode, or nest too deep.") from None


def _call(
    method: str, path: str, query: Mapping[str, str | None], headers: Mapping[str, str] = NOTHING, body: bytes = b""
) -> Json:
    _count()
    with current_app.request_context(_environ(method, path, query, headers, body)):
        response = _response()
        if method == "GET":  # what was written is told, however long
            _weigh(response)
        answer: Json = current_app.json.loads(response.get_data() or b"{}")
    if REPLAYED in response.headers:
        after_this_request(_say_replayed)
    if response.status_code >= 400:
        seconds = response.headers.get("Retry-After", type=int)
        raise ApiError(response.status_code, answer if seconds is None else {**answer, "retry_after": seconds})
    return answer


def _count() -> None:
    """Raise ApiError (422) past the calls that one message may take."""
    made = g.get(_MADE, 0) + 1
    setattr(g, _MADE, made)
    if made > MOST:
        raise ApiError(422, {"message": "Too many names to look up at once: name records by their ids, or fewer."})


def _weigh(response: Response) -> None:
    """Raise ApiError (422) past the bytes that one message may read."""
    read = g.get(_READ, 0) + (response.calculate_content_length() or 0)
    setattr(g, _READ, read)
    if read > MOST_READ:
        raise ApiError(422, {"message": "The answer is too large: ask for fewer records at once, or for fewer fields."})


def _environ(
    method: str, path: str, query: Mapping[str, str | None], headers: Mapping[str, str], body: bytes
) -> WSGIEnvironment:
    named = {name: text for name, text in query.items() if text is not None}
    return {
        **{name: request.environ[name] for name in _KEPT if name in request.environ},
        **headers,
        "REQUEST_METHOD": method,
        "PATH_INFO": f"{PREFIX}{path}".encode().decode("latin-1"),
        "QUERY_STRING": urlencode(named),
        "CONTENT_TYPE": MEDIA_TYPE,
        "CONTENT_LENGTH": str(len(body)),
        "wsgi.input": BytesIO(body),
    }


def _response() -> Response:
    """Return what a view answers to the call, an error as it would be answered to a client."""
    try:
        return current_app.make_response(current_app.dispatch_request())
    except Exception as error:  # what the application has no answer for is raised again
        return current_app.make_response(current_app.handle_user_exception(error))


def _say_replayed(response: Response) -> Response:
    response.headers[REPLAYED] = "true"
    return response


def _digits(value: Any) -> orjson.Fragment:
    if not isinstance(value, Decimal):
        raise TypeError
    return orjson.Fragment(str(value))
