"""The definitions of tools, as clients list them: made of the declarations, for what the caller may do."""

from functools import lru_cache
from typing import Any

import orjson
from flask import current_app

from crm.blueprints import resources_of
from crm.mcp.forms import form_of
from crm.mcp.messages import Json
from crm.mcp.tool import Permitted, Tool, permissions
from crm.mcp.tools import TOOLS


def definitions() -> orjson.Fragment:
    """Return the definitions of the tools that the caller may use: the same bytes each time."""
    return orjson.Fragment(_written(permissions()))


@lru_cache(maxsize=64)
def _written(permitted: Permitted) -> bytes:
    return orjson.dumps([definition_of(tool, permitted) for tool in TOOLS.values() if tool.is_for(permitted)])


def definition_of(tool: Tool, permitted: Permitted) -> Json:
    """Return the definition of a tool for a caller with these permissions."""
    schema = tool.arguments()
    named = [resources_of(current_app)[name] for name in tool.areas(permitted) if name in resources_of(current_app)]
    fields = dict(sorted(schema.fields.items(), key=lambda item: not item[1].required))
    arguments: Json = {
        "type": "object",
        "properties": {name: form_of(field, named) for name, field in fields.items()},
        "required": [name for name, field in fields.items() if field.required],
        "additionalProperties": False,
    }
    return {"name": tool.name, "description": tool.sentences, "inputSchema": arguments, "annotations": _hints(tool)}


def _hints(tool: Tool) -> dict[str, Any]:
    """Return what a client may go by when it asks its user before a call."""
    if tool.reads_only:
        return {"readOnlyHint": True, "openWorldHint": False}
    return {"readOnlyHint": False, "destructiveHint": tool.destroys, "openWorldHint": False}
