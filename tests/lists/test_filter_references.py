"""Filters by what records refer to: what is shown counts, and nothing of another team (beyond, section 15)."""

from typing import Any

import pytest
from flask import Flask

from crm.models import Label
from crm.models.types import now
from crm.schemas.references import NumberedReference, Reference
from tests.support.asked import filtered
from tests.support.client import UNKNOWN, ApiClient, Teams
from tests.support.factories import KINDS, alter, create_lookup, create_user, field_of, fields_of, target

REFERENCES = fields_of(Reference)
TO_DELETE = [place for place in REFERENCES if not isinstance(field_of(*place), NumberedReference)]


def refer(api: ApiClient, resource: str, name: str, *targets: Any) -> list[str]:
    """Make a record that refers to each of these, and return the records' ids, the newest first."""
    return [api.create(resource, **{name: key})["id"] for key in targets][::-1]


def delete(api: ApiClient, field: Any, key: str) -> None:
    if field.model.__tablename__ in KINDS:
        assert api.delete(f"/{field.model.__tablename__}/{key}").status_code == 204
    else:
        alter(api.app, field.model, key, deleted_at=now())


def test_the_references_of_all_resources_are_found() -> None:
    assert len(REFERENCES) > 30
    assert {("leads", "lead_source_id"), ("orders", "quote_id"), ("products", "product_category_id")} < {*TO_DELETE}


@pytest.mark.parametrize(("resource", "name"), REFERENCES)
def test_records_are_found_by_what_they_refer_to(api: ApiClient, resource: str, name: str) -> None:
    one, other = (target(api, field_of(resource, name)) for _ in range(2))
    to_none, to_other, to_one = refer(api, resource, name, one, other, None)
    assert filtered(api, resource, (name, str(one).upper())) == [to_one]
    assert filtered(api, resource, (f"{name}][eq", str(other))) == [to_other]
    assert filtered(api, resource, (f"{name}][ne", str(one))) == [to_none, to_other]
    assert filtered(api, resource, (f"{name}][in", f"{other},{one}")) == [to_other, to_one]
    assert filtered(api, resource, (f"{name}][null", "true")) == [to_none]
    assert filtered(api, resource, (f"{name}][null", "0")) == [to_other, to_one]


@pytest.mark.parametrize(("resource", "name"), REFERENCES)
def test_an_id_that_names_nothing_finds_nothing(api: ApiClient, resource: str, name: str) -> None:
    is_numbered = isinstance(field_of(resource, name), NumberedReference)
    to_none, to_one = refer(api, resource, name, target(api, field_of(resource, name)), None)
    for key in ("0", "-1", "9" * 40) if is_numbered else (UNKNOWN, to_one):
        assert filtered(api, resource, (name, key)) == filtered(api, resource, (f"{name}][in", key)) == []
        assert filtered(api, resource, (f"{name}][ne", key)) == [to_none, to_one]


@pytest.mark.parametrize(("resource", "name"), TO_DELETE)
def test_a_deleted_row_finds_nothing_and_is_shown_as_null(api: ApiClient, resource: str, name: str) -> None:
    field = field_of(resource, name)
    gone, kept = (target(api, field) for _ in range(2))
    to_none, to_kept, to_gone = refer(api, resource, name, gone, kept, None)
    delete(api, field, gone)
    assert filtered(api, resource, (name, gone)) == []
    assert filtered(api, resource, (f"{name}][in", f"{gone},{kept}")) == [to_kept]
    assert filtered(api, resource, (f"{name}][ne", gone)) == [to_none, to_kept, to_gone]
    assert filtered(api, resource, (f"{name}][null", "true")) == [to_none, to_gone]
    assert filtered(api, resource, (f"{name}][null", "false")) == [to_kept]


def test_a_person_who_is_restored_is_found_again(api: ApiClient) -> None:
    person = api.create("people")["id"]
    leads = refer(api, "leads", "person_id", person)
    api.delete(f"/people/{person}")
    assert filtered(api, "leads", ("person_id", person)) == []
    api.post(f"/people/{person}/restore")
    assert filtered(api, "leads", ("person_id", person)) == leads


def test_nothing_of_another_team_is_found(teams: Teams, team_app: Flask) -> None:
    theirs, ours = teams.theirs, teams.ours
    label = create_lookup(team_app, Label, team_id=teams.b)
    person = theirs.create("people")["id"]
    lead = theirs.create(
        "leads",
        title="Secret",
        person_id=person,
        labels=[label],
        user_owner_id=theirs.user_id,
        external_keys={"erp": "42"},
    )
    own = ours.create("leads", title="Our own")["id"]
    asked = [("id", lead["id"]), ("title", "Secret"), ("person_id", person), ("labels", label)]
    asked += [("user_owner_id", str(theirs.user_id)), ("external_keys.erp", "42"), ("title][contains", "secret")]
    for name, text in asked:
        field = name.partition("]")[0]
        assert filtered(theirs, "leads", (name, text)) == [lead["id"]]
        assert filtered(ours, "leads", (name, text)) == filtered(ours, "leads", (f"{field}][in", text)) == []
        assert filtered(ours, "leads", (f"{field}][ne", text), ("deleted", "with")) == [own]
    assert filtered(ours, "leads", search="secret") == []
    theirs.delete(f"/leads/{lead['id']}")
    assert filtered(theirs, "leads", ("deleted", "only")) == [lead["id"]]
    assert filtered(ours, "leads", ("deleted", "only")) == []
    assert filtered(ours, "leads", ("deleted", "with")) == [own]


def test_an_owner_who_may_own_no_more_is_found(api: ApiClient) -> None:
    user = create_user(api.app)
    leads = refer(api, "leads", "user_owner_id", user)
    alter(api.app, field_of("leads", "user_owner_id").model, user, crm_access=False)
    assert filtered(api, "leads", ("user_owner_id", str(user))) == leads
