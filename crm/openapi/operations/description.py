"""The operation that shows the description itself."""

from crm.openapi.answers import PUBLIC, head_of, header_references
from crm.openapi.forms import MEDIA_TYPE, Components, Json
from crm.openapi.refusals import refusals

DESCRIPTION = "description"


def show_description(components: Components) -> Json:
    """Describe this description."""
    content = {MEDIA_TYPE: {"schema": {"type": "object", "required": ["openapi", "info", "paths"]}}}
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
