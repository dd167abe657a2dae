"""No field refers to a row that is deleted or of another team: all reference fields of all resources."""

from typing import Any, NamedTuple

import pytest
from flask import Flask

from crm.blueprints import RESOURCES
from crm.models import Label, Product, User
from crm.models.types import now
from crm.schemas.collections.labels import Labels
from crm.schemas.collections.line_items import LineItems
from crm.schemas.references import OwnerReference, Reference
from tests.support.client import ApiClient
from tests.support.factories import create_team, create_user, sample
from tests.support.sales import Json, change_row, contents, line, target_of


class Place(NamedTuple):
    """A place in the body of a resource where a reference to a row of `model` stands."""

    resource: str
    name: str
    model: Any
    field: Any

    def body(self, target: Any) -> Json:
        """Return the part of a body that refers to `target`."""
        if isinstance(self.field, LineItems):
            return {self.name: [line(target)]}
        return {self.name: [target] if isinstance(self.field, Labels) else target}

    @property
    def fault(self) -> Json:
        """The errors of a body whose reference cannot be used."""
        ends = {LineItems: ".0.product_id", Labels: ".0"}
        path = self.name + ends.get(type(self.field), "")
        return {path: [f"The selected {path} is invalid."]}


def places() -> list[Place]:
    found = []
    for kind in RESOURCES:
        for name, field in kind.schema().load_fields.items():
            model = {Labels: Label, LineItems: Product}.get(type(field), getattr(field, "model", None))
            if isinstance(field, Reference | Labels | LineItems):
                found.append(Place(kind.model.__tablename__, name, model, field))
    return found


PLACES = places()


def named(place: Place) -> str:
    return f"{place.resource}.{place.name}"


def see_refused(api: ApiClient, place: Place, target: Any, path: str) -> None:
    """See that neither a new record nor the one at `path` can refer to the target, and that nothing changes."""
    before = contents(api.app)
    assert api.errors(api.post(f"/{place.resource}", {**sample(place.resource), **place.body(target)})) == place.fault
    updated = api.put(path, place.body(target))
    if place.field.create_only:
        assert updated.status_code == 200
    else:
        assert api.errors(updated) == place.fault
        assert contents(api.app) == before


def test_all_reference_fields_are_found() -> None:
    assert len(PLACES) > 40
    assert {named(place) for place in PLACES} >= {"leads.lead_source_id", "orders.quote_id", "invoices.line_items"}


@pytest.mark.parametrize("place", [place for place in PLACES if place.model is not User], ids=named)
def test_a_deleted_row_cannot_be_referred_to(api: ApiClient, app: Flask, place: Place) -> None:
    target = target_of(api, place.model, place.resource)
    fresh, holder = api.create(place.resource), api.create(place.resource, **place.body(target))
    record = fresh if isinstance(place.field, Labels) else holder  # labels alone may be kept by naming them again
    change_row(app, place.model, target, deleted_at=now())
    see_refused(api, place, target, f"/{place.resource}/{record['id']}")


@pytest.mark.parametrize("place", PLACES, ids=named)
def test_a_row_of_another_team_cannot_be_referred_to(team_app: Flask, place: Place) -> None:
    ours, theirs = (ApiClient(team_app, create_user(team_app)) for _ in range(2))
    _, their_team = (create_team(team_app, client.user_id) for client in (ours, theirs))
    columns = {} if isinstance(place.field, OwnerReference) else {"team_id": their_team}
    target = theirs.user_id if place.model is User else target_of(theirs, place.model, place.resource, **columns)
    path = f"/{place.resource}/{ours.create(place.resource)['id']}"
    theirs.create(place.resource, **place.body(target))
    see_refused(ours, place, target, path)
