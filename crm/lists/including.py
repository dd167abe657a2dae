"""What a request asks to be shown of records beyond what every answer shows (beyond, section 15)."""

from collections.abc import Collection

from crm.database.projection import NOTHING_MORE, Included
from crm.http.arguments import argument, refuse


def requested_include(offered: Collection[str]) -> Included:
    """Return the fields that `include` names. Raises ValidationFailed for one that is not offered."""
    text = argument("include")
    if not text:
        return NOTHING_MORE
    names = frozenset(text.split(","))
    if not names <= {*offered}:
        refuse("include", f"The selected :field is invalid. It takes: {', '.join(sorted(offered))}.")
    return names
