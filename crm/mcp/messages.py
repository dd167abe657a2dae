"""The messages of JSON-RPC 2.0: how one is read, and the errors of the protocol."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from werkzeug.exceptions import BadRequest

from crm.http.body import read_json
from crm.schemas.fields import is_text

Json = dict[str, Any]

PARSE_ERROR = -32700
INVALID_REQUEST = -32600
METHOD_NOT_FOUND = -32601
INVALID_PARAMS = -32602
HEADER_MISMATCH = -32020
UNSUPPORTED_VERSION = -32022

_VERSION = "2.0"
_LONGEST_ID = 255  # characters
_LARGEST_ID = 2**53 - 1  # beyond it, not every client reads a number exactly


class ProtocolError(Exception):
    """A message that is not carried out: a code of the protocol, a sentence, and what helps to send a better one."""

    def __init__(self, code: int, message: str, data: Json | None = None, of: str | int | None = None):
        super().__init__(message)
        self.code = code
        self.message = message
        self.data = data
        self.of = of
        """The id of the request, where that can be read and nothing else."""


@dataclass(frozen=True)
class Message:
    """A request, or a notification, which has no id and gets no answer."""

    method: str
    params: Mapping[str, Any]
    id: str | int | None

    @property
    def is_notification(self) -> bool:
        """Whether nothing is to be answered."""
        return self.id is None

    @property
    def meta(self) -> Mapping[str, Any]:
        """What the client says of itself and of the protocol; empty if that is no object."""
        meta = self.params.get("_meta")
        return meta if isinstance(meta, Mapping) else {}


def read_message() -> Message:
    """Return the message in the request's body. Raises ProtocolError, and Refusal (415, 413) as for any body."""
    try:
        body = read_json()
    except BadRequest:
        raise ProtocolError(PARSE_ERROR, "The body is no JSON.") from None
    if isinstance(body, list):
        raise ProtocolError(INVALID_REQUEST, "Send one message at a time: there are no batches.")
    if not isinstance(body, dict):
        raise ProtocolError(INVALID_REQUEST, "The body is no message of JSON-RPC 2.0.")
    if "id" in body and not _is_id(body["id"]):
        raise ProtocolError(INVALID_REQUEST, "The id of a request must be a short string or an integer.")
    message_id, method, params = body.get("id"), body.get("method"), body.get("params", {})
    if body.get("jsonrpc") != _VERSION:
        raise ProtocolError(INVALID_REQUEST, "The body is no message of JSON-RPC 2.0.", of=message_id)
    if not is_text(method) or not isinstance(params, dict):
        raise ProtocolError(INVALID_REQUEST, "A message needs a method, and its params are an object.", of=message_id)
    return Message(method, params, message_id)


def result_message(message: Message, result: Json) -> Json:
    """Return the answer to a request."""
    return {"jsonrpc": _VERSION, "id": message.id, "result": result}


def error_message(message: Message | None, error: ProtocolError) -> Json:
    """Return the refusal of a message, None if it could not be read."""
    told = {"code": error.code, "message": error.message}
    if error.data is not None:
        told["data"] = error.data
    return {"jsonrpc": _VERSION, "id": message.id if message else error.of, "error": told}


def _is_id(value: Any) -> bool:
    if isinstance(value, str):
        return is_text(value) and len(value) <= _LONGEST_ID
    return type(value) is int and abs(value) <= _LARGEST_ID
