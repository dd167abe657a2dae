"""An agent: a client of the official SDK of the Model Context Protocol, asked without `await`."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import httpx2
import jsonschema_rs
from anyio.from_thread import BlockingPortal, start_blocking_portal
from mcp.client.client import Client
from mcp.client.streamable_http import streamable_http_client

from crm.mcp.endpoint import PATH
from tests.support.server import Server

Json = dict[str, Any]


class Agent:
    """A client that is connected, and has listed the tools."""

    def __init__(self, client: Client, portal: BlockingPortal):
        self.client = client
        self._portal = portal
        self.tools = {tool.name: tool for tool in portal.call(client.list_tools).tools}

    def call(self, tool: str, **arguments: Any) -> Json:
        """Return what a tool answers to arguments that fit its definition, as a model would send them."""
        jsonschema_rs.Draft202012Validator(self.tools[tool].input_schema).validate(arguments)
        is_fault, told = self._result(tool, arguments)
        assert not is_fault, told
        return told

    def fault(self, tool: str, **arguments: Any) -> Json:
        """Return what a tool says against arguments."""
        is_fault, told = self._result(tool, arguments)
        assert is_fault, told
        return told

    def _result(self, tool: str, arguments: Mapping[str, Any]) -> tuple[bool, Json]:
        """Return whether a call is refused, and what is told: for programs and as text, which is the same."""
        result = self._portal.call(self.client.call_tool, tool, dict(arguments))
        [content] = result.content
        assert json.loads(content.text) == result.structured_content
        return result.is_error, result.structured_content


@contextmanager
def connect(server: Server, token: str, mode: str) -> Iterator[Agent]:
    """Connect an agent with a token in a mode of the SDK, `auto` or `legacy`, until the block ends."""
    headers = {"Authorization": f"Bearer {token}"}
    with (
        start_blocking_portal() as portal,
        portal.wrap_async_context_manager(httpx2.AsyncClient(headers=headers)) as http,
    ):
        transport = streamable_http_client(server.url + PATH, http_client=http)
        with portal.wrap_async_context_manager(Client(transport, mode=mode)) as client:
            yield Agent(client, portal)
