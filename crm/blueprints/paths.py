"""Where the API is, and the form of own keys in its paths."""

from werkzeug.routing import BaseConverter

PREFIX = "/crm/api/v2"


def path_of(resource: str) -> str:
    """Return the path of a resource's list."""
    return f"{PREFIX}/{resource.replace('_', '-')}"


class KeyConverter(BaseConverter):
    """The rest of a path, slashes included, even one that it begins with, and line breaks."""

    regex = r"[\s\S]+?"
    part_isolating = False
