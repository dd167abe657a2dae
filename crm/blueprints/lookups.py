"""The read-only lists of look-up rows and users: every id that a client may send (contract, section 5)."""

from collections.abc import Callable, Iterable

from flask import Blueprint, Response

from crm.access.hooks import require_user, set_team
from crm.access.scope import assignable_users, visible
from crm.http.tagged import list_response
from crm.models import User
from crm.records.lookups import LOOKUPS, Lookup
from crm.schemas.summaries import UserSummary


def make_lookups() -> list[Lookup]:
    """Return all look-up lists of the application in whose context this runs."""
    tables = [Lookup(model, schema, visible(model)) for model, schema in LOOKUPS]
    return [*tables, Lookup(User, UserSummary, assignable_users())]


def make_blueprint(lookups: Iterable[Lookup]) -> Blueprint:
    """Return the blueprint of look-up lists, for any user with CRM access."""
    blueprint = Blueprint("lookups", __name__)
    blueprint.before_request(require_user)
    blueprint.before_request(set_team)
    for lookup in lookups:
        path = lookup.name.replace("_", "-")
        blueprint.add_url_rule(f"/{path}", lookup.name, _view_of(lookup), methods=["GET"])
    return blueprint


def _view_of(lookup: Lookup) -> Callable[[], Response]:
    """Return the view of a look-up list."""

    def show_all() -> Response:
        return list_response(lookup.answer())

    show_all.__doc__ = Lookup.answer.__doc__
    return show_all
