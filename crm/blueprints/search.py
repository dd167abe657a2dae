"""Search over all records of a team at once (beyond, section 15)."""

from collections.abc import Mapping, Sequence

from flask import Blueprint, Response, jsonify

from crm.access.hooks import behind_team
from crm.access.permissions import require_any
from crm.blueprints.picking import picked_resources, shown_of
from crm.blueprints.resource import Resource
from crm.database.connections import snapshot
from crm.database.projection import Json
from crm.http.arguments import argument, refuse, strict_whole_number
from crm.http.text import trim
from crm.lists.listing import Listing
from crm.lists.questions import SEARCH, Part
from crm.lists.search import read_words
from crm.lists.showing import Shown
from crm.schemas.fields import is_email

QUESTION = "q"
EMAIL = "email"
"""The filter by e-mail address, of resources that have some."""
DEFAULT_LIMIT = 5
MAX_LIMIT = 20


class Search:
    """The search over the records of these resources."""

    def __init__(self, resources: Mapping[str, Resource]):
        self.resources = resources

    def blueprint(self) -> Blueprint:
        """Return the blueprint of the search, behind token and team."""
        blueprint = behind_team(Blueprint("search", __name__))
        blueprint.add_url_rule("/search", "search", self.search, methods=["GET"])
        return blueprint

    def search(self) -> Response:
        """Answer the records that hold all words: those that are called so first, then the newest of each resource."""
        require_any("view", (resource.area for resource in self.resources.values()))
        picked = picked_resources(self.resources)
        text = trim(argument(QUESTION) or "")
        if not read_words(text, QUESTION):
            refuse(QUESTION, "The :field field is required.")
        limit = strict_whole_number("limit", default=DEFAULT_LIMIT, most=MAX_LIMIT)
        shown = shown_of([self.resources[name] for name in picked])
        with snapshot():
            exact = {name: self._named(name, text, limit, shown) for name in picked}
            others = {name: self._holding(name, text, limit, exact[name], shown) for name in picked}
        found = ((name, record) for of_each in (exact, others) for name in picked for record in of_each[name])
        return jsonify({"data": [{"resource": name, "record": shown.of(record)} for name, record in found]})

    def _named(self, name: str, text: str, limit: int, shown: Shown) -> list[Json]:
        """Return the records of one resource that are called so: by their number, an own key or an e-mail address."""
        rows = self.resources[name].rows
        called = rows.called(text, shown.include & rows.projection.on_request)
        listing = self.resources[name].listing
        if EMAIL in listing.filters.fields and is_email(text):
            called += self._newest(listing, {f"filter[{EMAIL}]": text}, limit, shown)
        return [*{record["id"]: record for record in called}.values()][:limit]

    def _holding(self, name: str, text: str, limit: int, exact: Sequence[Json], shown: Shown) -> list[Json]:
        """Return the newest records of one resource that hold the words, besides those that are there already."""
        records = self._newest(self.resources[name].listing, {SEARCH: text}, limit, shown)
        known = {record["id"] for record in exact}
        return [record for record in records if record["id"] not in known][: limit - len(exact)]

    def _newest(self, listing: Listing, asked: Mapping[str, str], limit: int, shown: Shown) -> list[Json]:
        """Return the newest records of a list that are as asked."""
        rows = listing.rows(listing.ask(asked), Part(limit))
        return listing.projection.records(rows, include=shown.include & listing.projection.on_request)
