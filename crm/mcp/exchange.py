"""One exchange: a message is read, served by its revision, and answered with a status of HTTP."""

from flask import request

from crm.mcp.messages import (
    METHOD_NOT_FOUND,
    Json,
    Message,
    ProtocolError,
    error_message,
    read_message,
    result_message,
)
from crm.mcp.revisions import Revision, revision_of


def reply() -> tuple[int, Json | None]:
    """Return the status and the message that answer the request's own, None where none is due."""
    message: Message | None = None
    revision: Revision | None = None
    try:
        message = read_message()
        revision = revision_of(message, request.headers)
        if message.is_notification:
            return 202, None
        result = revision.method(message.method)(message.params)
        return 200, result_message(message, revision.complete(message.method, result))
    except ProtocolError as error:
        return _status(error, revision), error_message(message, error)


def _status(error: ProtocolError, revision: Revision | None) -> int:
    if revision and error.code in revision.answered_plainly:
        return 200
    return 404 if error.code == METHOD_NOT_FOUND else 400
