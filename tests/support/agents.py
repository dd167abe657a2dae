"""An agent: a client of `POST /crm/mcp`, which sends its messages in either revision of the protocol."""

import base64
import json
from collections.abc import Mapping
from typing import Any

from flask import Flask
from werkzeug.test import TestResponse

from crm.mcp.endpoint import PATH
from tests.support.factories import create_token

Json = dict[str, Any]

MODERN, OLDER = "2026-07-28", "2025-06-18"
REVISIONS = (MODERN, OLDER)
VERSION = "io.modelcontextprotocol/protocolVersion"
CAPABILITIES = "io.modelcontextprotocol/clientCapabilities"
SERVER_INFO = "io.modelcontextprotocol/serverInfo"
META = {VERSION: MODERN, CAPABILITIES: {}}
"""What every modern request says of itself."""
JSON_TYPE = "application/json"


class Agent:
    """Sends messages as a user, with a new token that has these abilities, all unless some are named."""

    def __init__(self, app: Flask, user_id: int | None = None, *abilities: str, revision: str = MODERN, **headers: str):
        self.app = app
        self.revision = revision
        self.headers = dict(headers)
        if user_id is not None:
            self.headers["Authorization"] = f"Bearer {create_token(app, user_id, 'agent', *abilities)}"

    def post(self, data: bytes | str, headers: Mapping[str, str | None] | None = None, **kwargs: Any) -> TestResponse:
        """Send a body with the client's own headers and these; one that is None is left out."""
        named = {"Content-Type": JSON_TYPE, **self.headers, **(headers or {})}
        sent = {name: value for name, value in named.items() if value is not None}
        client = self.app.test_client(use_cookies=False)
        answer = client.open(PATH, method="POST", data=data, headers=sent, **kwargs)
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Cache-Control"] == "no-cache, private"
        assert answer.headers["X-Request-Id"]
        assert answer.mimetype == JSON_TYPE
        return answer

    def send(
        self, method: str, params: Json | None = None, /, headers: Mapping[str, str | None] | None = None, **parts: Any
    ) -> TestResponse:
        """Send a request, its `id` 1 unless it is among the parts of the message, which are put over the usual ones."""
        message = {"jsonrpc": "2.0", "id": 1, "method": method, "params": self.params(params or {}), **parts}
        return self.post(json.dumps(message), {**self.named(method, params or {}), **(headers or {})})

    def params(self, params: Json) -> Json:
        """Return parameters with what the revision adds to them."""
        return {"_meta": META, **params} if self.revision == MODERN else params

    def named(self, method: str, params: Json) -> dict[str, str | None]:
        """Return the headers of the revision for a message."""
        version: dict[str, str | None] = {"MCP-Protocol-Version": self.revision}
        if self.revision != MODERN:
            return version
        name = params.get("name")
        return {**version, "Mcp-Method": method, **({"Mcp-Name": encoded(name)} if isinstance(name, str) else {})}

    def call(self, tool: str, /, **arguments: Any) -> Json:
        """Call a tool and return its result, checked for what every result is."""
        return self.result(self.send("tools/call", {"name": tool, "arguments": arguments}))

    def result(self, answer: TestResponse) -> Json:
        """Return the result of a tool that was called."""
        assert answer.status_code == 200, answer.text
        result: Json = answer.json["result"]
        told = result["structuredContent"]
        assert result["content"] == [{"type": "text", "text": result["content"][0]["text"]}]
        assert json.loads(result["content"][0]["text"]) == told
        assert result["isError"] == ("status" in told and "message" in told)
        return result

    def told(self, tool: str, /, **arguments: Any) -> Json:
        """Call a tool that does it, and return what it tells."""
        result = self.call(tool, **arguments)
        assert not result["isError"], result
        told: Json = result["structuredContent"]
        return told

    def fault(self, tool: str, /, **arguments: Any) -> Json:
        """Call a tool that refuses it, and return its fault."""
        result = self.call(tool, **arguments)
        assert result["isError"], result
        fault: Json = result["structuredContent"]
        return fault


def encoded(name: str) -> str:
    """Return a name as a header holds it: encoded, unless it is plain ASCII."""
    is_plain = name.isascii() and name.isprintable() and name == name.strip() and not name.startswith("=?base64?")
    return name if is_plain else f"=?base64?{base64.b64encode(name.encode()).decode()}?="


def error_of(answer: TestResponse, status: int, code: int) -> Json:
    """Return the error of the protocol that an answer is."""
    assert answer.status_code == status, answer.text
    assert answer.json.keys() - {"id"} == {"jsonrpc", "error"}
    assert answer.json["jsonrpc"] == "2.0"
    error: Json = answer.json["error"]
    assert error["code"] == code, error
    assert error["message"]
    return error
