"""The feed: what has changed in the team since a follower looked last, with the records as they are now if it likes."""

from collections.abc import Mapping, Sequence
from functools import partial

import orjson
from flask import Blueprint

from crm.access.hooks import behind_team
from crm.access.permissions import FEED, require
from crm.blueprints.picking import picked_resources, shown_of
from crm.blueprints.resource import Resource
from crm.changes.feed import Page, latest, read_on
from crm.changes.position import Bookmark, bookmark_of
from crm.database.projection import Json
from crm.http.arguments import argument, refuse, strict_boolean, strict_whole_number
from crm.http.responses import WrittenArray
from crm.lists.showing import Shown
from crm.schemas.fields import INVALID_REFERENCE

DEFAULT_LIMIT = 100
MAX_LIMIT = 500
MAX_LIMIT_WITH_RECORDS = 100
LATEST = "latest"
"""What stands for the cursor of now."""


class Feed:
    """The feed of the changes of these resources."""

    def __init__(self, resources: Mapping[str, Resource]):
        self.resources = resources

    def blueprint(self) -> Blueprint:
        """Return the blueprint of the feed, behind token and team."""
        blueprint = behind_team(Blueprint("changes", __name__))
        blueprint.add_url_rule("/changes", "follow", self.follow, methods=["GET"])
        return blueprint

    def follow(self) -> Json:
        """Answer the changes that come after a cursor."""
        require("view", FEED)
        picked = picked_resources(self.resources)
        with_records = strict_boolean("records")
        limit = strict_whole_number(
            "limit", default=DEFAULT_LIMIT, most=MAX_LIMIT_WITH_RECORDS if with_records else MAX_LIMIT
        )
        shown = shown_of(self.resources.values())
        write = partial(self._write_with_records, shown=shown) if with_records else _write
        page = latest() if argument("after") == LATEST else read_on(_bookmark(), limit, picked, write)
        return _envelope(page)

    def _write_with_records(self, changes: Sequence[Json], shown: Shown) -> list[bytes]:
        """Return the JSON text of changes, each with its record as it is now, null if that is deleted."""
        records: dict[str, Json] = {}
        for name in {change["resource"] for change in changes}:
            ids = {str(change["record_id"]) for change in changes if change["resource"] == name}
            rows = self.resources[name].rows
            found = rows.shown_by_id(ids, shown.include & rows.projection.on_request)
            records |= {record_id: shown.of(record) for record_id, record in found.items()}
        return [orjson.dumps({**change, "record": records.get(str(change["record_id"]))}) for change in changes]


def _write(changes: Sequence[Json]) -> list[bytes]:
    return [orjson.dumps(change) for change in changes]


def _bookmark() -> Bookmark | None:
    """Return the place after which the request asks. Raises ValidationFailed for what is no cursor of the team."""
    cursor = argument("after")
    if cursor is None:
        return None
    try:
        return bookmark_of(cursor)
    except ValueError:
        refuse("after", INVALID_REFERENCE)


def _envelope(page: Page) -> Json:
    return {"data": WrittenArray(page.changes), "meta": {"cursor": page.cursor, "has_more": page.has_more}}
