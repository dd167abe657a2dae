"""The operation that shows the description itself."""

from crm.openapi.answers import PUBLIC, head_of, header_references
from crm.openapi.forms import MEDIA_TYPE, TEXT, Components, Json, array_of, object_of
from crm.openapi.refusals import refusals

DESCRIPTION = "description"
_OBJECTS = array_of({"type": "object"})
_PARTS: Json = {
    "openapi": TEXT,
    "info": {"type": "object"},
    "servers": _OBJECTS,
    "security": _OBJECTS,
    "tags": _OBJECTS,
    "paths": {"type": "object"},
    "components": {"type": "object"},
}


def show_description(components: Components) -> Json:
    """Describe this description."""
    content = {MEDIA_TYPE: {"schema": object_of(_PARTS)}}
    headers = header_references(("ETag",))
    return {
        **head_of("showDescription", "Show this description", DESCRIPTION),
        **PUBLIC,
        "responses": {
            "200": {"description": "OpenAPI 3.1.", "headers": headers, "content": content},
            "304": {"description": "It is still the version that If-None-Match names.", "headers": headers},
            **refusals((400, 405, 500, 503)),
        },
    }
