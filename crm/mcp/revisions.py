"""The revisions of the protocol that are spoken, and by which one a message is served.

The modern one is stateless: every request says in its `_meta` and in its headers what it is. The older one begins with
`initialize`; nothing is kept of that either, so no session has to be found by its other requests.
"""

import base64
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any

from werkzeug.datastructures import Headers

from crm.mcp import methods
from crm.mcp.endpoint import METHOD_HEADER, NAME_HEADER, VERSION_HEADER
from crm.mcp.messages import (
    HEADER_MISMATCH,
    INVALID_PARAMS,
    METHOD_NOT_FOUND,
    UNSUPPORTED_VERSION,
    Json,
    Message,
    ProtocolError,
)

PROTOCOL_VERSION = "io.modelcontextprotocol/protocolVersion"
CLIENT_CAPABILITIES = "io.modelcontextprotocol/clientCapabilities"
SERVER_INFO = "io.modelcontextprotocol/serverInfo"

_CALL = "tools/call"
_INITIALIZE = "initialize"
_FRESH_MILLISECONDS = 300_000
_LONGEST_TOLD = 80  # characters
_ENCODED, _END = "=?base64?", "?="

Method = Callable[[Mapping[str, Any]], Json]


@dataclass(frozen=True)
class Revision:
    """A revision: its name, its methods, and how it answers."""

    version: str
    methods: Mapping[str, Method]
    complete: Callable[[str, Json], Json]
    """Adds to the result of a method what every one says."""
    answered_plainly: Collection[int] = ()
    """The codes of errors that go with a 200: older clients take a 404 for the end of their session."""

    def method(self, name: str) -> Method:
        """Return a method. Raises ProtocolError if there is none of that name."""
        if name not in self.methods:
            raise ProtocolError(METHOD_NOT_FOUND, "There is no such method here.", {"methods": [*self.methods]})
        return self.methods[name]


def _complete(method: str, result: Json) -> Json:
    """Say that a result is whole, whose it is, and how long it may be kept; it depends on the token."""
    about = {"resultType": "complete", "_meta": {SERVER_INFO: methods.SERVER}}
    kept = {} if method == _CALL else {"ttlMs": _FRESH_MILLISECONDS, "cacheScope": "private"}
    return {**about, **result, **kept}


VERSIONS = ("2026-07-28", "2025-06-18")
"""What is spoken, the newest first."""
_TOOLS: Mapping[str, Method] = {"tools/list": methods.list_tools, _CALL: methods.call_tool}
MODERN = Revision(VERSIONS[0], {"server/discover": lambda _: methods.discover(VERSIONS), **_TOOLS}, _complete)
OLDER = Revision(
    VERSIONS[1],
    {_INITIALIZE: lambda _: methods.initialize(VERSIONS[1]), "ping": methods.ping, **_TOOLS},
    lambda _method, result: result,
    answered_plainly=(METHOD_NOT_FOUND, INVALID_PARAMS),
)


def revision_of(message: Message, headers: Headers) -> Revision:
    """Return the revision by which a message is to be served. Raises ProtocolError."""
    named, meant = headers.get(VERSION_HEADER), message.meta.get(PROTOCOL_VERSION)
    if not isinstance(meant, str | None):
        raise ProtocolError(INVALID_PARAMS, f"In _meta, {PROTOCOL_VERSION} must be a string.")
    if message.method == _INITIALIZE or {named, meant} <= {None, OLDER.version}:
        return OLDER
    if named == MODERN.version and message.is_notification:
        return MODERN
    if named == MODERN.version and meant is None:
        raise ProtocolError(INVALID_PARAMS, f"The params need a _meta with {PROTOCOL_VERSION}.")
    if meant is not None and meant != named:
        raise ProtocolError(HEADER_MISMATCH, f"The header {VERSION_HEADER} is not what the _meta of the message says.")
    if named != MODERN.version:
        told = {"supported": [*VERSIONS], "requested": str(named)[:_LONGEST_TOLD]}
        raise ProtocolError(UNSUPPORTED_VERSION, "Unsupported protocol version", told)
    _require_as_said(message, headers)
    return MODERN


def _require_as_said(message: Message, headers: Headers) -> None:
    """Raise ProtocolError unless a modern request says what it has to, and its headers say the same."""
    if not isinstance(message.meta.get(CLIENT_CAPABILITIES), Mapping):
        raise ProtocolError(INVALID_PARAMS, f"The params need a _meta with {CLIENT_CAPABILITIES}.")
    if headers.get(METHOD_HEADER) != message.method:
        raise ProtocolError(HEADER_MISMATCH, f"The header {METHOD_HEADER} is not the method of the message.")
    name = message.params.get("name")
    if message.method == _CALL and name is not None and _decoded(headers.get(NAME_HEADER)) != name:
        raise ProtocolError(HEADER_MISMATCH, f"The header {NAME_HEADER} is not the name in the message.")


def _decoded(value: str | None) -> str | None:
    """Return what a header says, which may be encoded where it is no ASCII; None if it cannot be read."""
    if value is None or not (value.startswith(_ENCODED) and value.endswith(_END)):
        return value
    try:
        return base64.b64decode(value.removeprefix(_ENCODED).removesuffix(_END), validate=True).decode()
    except ValueError:  # of base64, of ASCII and of UTF-8 alike
        return None
