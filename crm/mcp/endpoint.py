"""`POST /crm/mcp`: one message of an agent, and its answer (MCP, Streamable HTTP).

The protocol is spoken by hand, over the JSON that the rest of the API speaks: it is one request and one answer, without
a session, and what the official package would add is an event loop and two dozen dependencies.
"""

from flask import Blueprint, Response, jsonify, request

from crm.access.hooks import behind_team
from crm.http.cors import allowed_origin
from crm.http.errors import Refusal
from crm.http.responses import JSONResponse

PATH = "/crm/mcp"
NAME = "mcp"
ENDPOINT = f"{NAME}.answer"
HEADERS = VERSION_HEADER, METHOD_HEADER, NAME_HEADER = "MCP-Protocol-Version", "Mcp-Method", "Mcp-Name"
"""What a modern request says in its headers, too."""


def make_blueprint() -> Blueprint:
    """Return the blueprint of the endpoint, behind origin, token and team."""
    blueprint = Blueprint(NAME, __name__)
    blueprint.before_request(require_allowed_origin)
    blueprint.add_url_rule(PATH, "answer", answer, methods=["POST"])
    return behind_team(blueprint)


def require_allowed_origin() -> None:
    """Before a request: raise Refusal (403) for a page in a browser whose origin is not allowed.

    The protocol asks for that: a page could reach a server in its user's network by a name of its own (DNS rebinding).
    """
    if "Origin" in request.headers and allowed_origin() is None:
        raise Refusal(403, "Pages of this origin may not call this endpoint.")


def answer() -> Response:
    """Answer a message."""
    from crm.mcp.exchange import reply  # here, so that a start does not load the tools

    status, message = reply()
    if message is None:
        return JSONResponse(status=status)
    response = jsonify(message)
    response.status_code = status
    return response
