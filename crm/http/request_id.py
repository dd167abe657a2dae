"""The id of a request: the client's own or a new one, on every answer and wherever a request is noted."""

import re
from uuid import uuid4

from flask import Flask, Response, g, request

HEADER = "X-Request-Id"
FORM = "[A-Za-z0-9._-]{1,64}"
"""What a client may send; anything else is replaced by a UUID, so that it can be written anywhere as it stands."""

_KEPT = "crm_request_id"


def init_app(app: Flask) -> None:
    """Put the request's id on every answer."""
    app.after_request(add_request_id)


def request_id() -> str:
    """Return the id of the request that is being answered."""
    if _KEPT not in g:
        sent = request.headers.get(HEADER, "")
        setattr(g, _KEPT, sent if re.fullmatch(FORM, sent) else str(uuid4()))
    kept: str = getattr(g, _KEPT)
    return kept


def add_request_id(response: Response) -> Response:
    """Put the request's id on an answer."""
    response.headers[HEADER] = request_id()
    return response
