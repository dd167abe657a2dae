"""Nothing crosses from one team to another (contract, section 4)."""

from typing import Any

import pytest

from crm.blueprints import RESOURCES
from crm.extensions import db
from crm.models import Industry, Label, LeadSource, OrganizationType, Pipeline, PipelineStage, ProductCategory, TaxRate
from crm.models.base import Record
from crm.schemas.collections.labels import Labels
from crm.schemas.references import OwnerReference, Reference, StageReference
from tests.support.client import UNKNOWN
from tests.support.factories import add_member, create_lookup, create_user, sample

NAMES = [resource.model.__tablename__ for resource in RESOURCES]
REFERENCES = {
    f"{resource.model.__tablename__}.{name}": (resource.model.__tablename__, name, field)
    for resource in RESOURCES
    for name, field in resource.schema().load_fields.items()
    if isinstance(field, Reference | Labels) and not isinstance(field, OwnerReference)
}

each_resource = pytest.mark.parametrize("resource", NAMES)


def create_row(app, model, team_id, client=None, resource=None) -> Any:
    """Add a row of any table that records refer to, in a team, and return the id that clients send for it."""
    if issubclass(model, Record):
        return client.create(model.__tablename__)["id"]
    columns: dict[str, Any] = {"team_id": team_id}
    if model is PipelineStage:
        create_lookup(app, Pipeline, name="Theirs", resource=resource, **columns)
        with app.app_context():
            pipeline = db.session.query(Pipeline).filter_by(name="Theirs", **columns).one().id
        columns |= {"pipeline_id": pipeline, "position": 1}
    columns |= {Label: {"hex": "000000"}, TaxRate: {"rate": 1, "default": False}}.get(model, {})
    return create_lookup(app, model, **columns)


def names(response):
    return [row["name"] for row in response.json["data"]]


@each_resource
def test_another_teams_row_is_a_404(teams, resource):
    record = teams.theirs.create(resource)
    path = f"/{resource}/{record['id']}"
    absent = teams.ours.get(f"/{resource}/{UNKNOWN}")
    for response in (teams.ours.request(verb, path, json={}) for verb in ("GET", "PUT", "PATCH", "DELETE")):
        assert (response.status_code, response.data) == (404, absent.data)
    assert teams.theirs.get(path).json == {"data": record}


@pytest.mark.parametrize("reference", REFERENCES)
def test_another_teams_row_cannot_be_referred_to(teams, reference):
    resource, name, field = REFERENCES[reference]
    labels = isinstance(field, Labels)
    model = Label if labels else field.model
    there = create_row(teams.app, model, teams.b, teams.theirs, resource)
    none = UNKNOWN if isinstance(there, str) else 2147483647
    fault = f"{name}.0" if labels else name

    def body(key):
        return {**sample(resource), name: [key] if labels else key}

    record = teams.ours.create(resource)
    path = f"/{resource}/{record['id']}"
    for key in (there, none):
        errors = {fault: [f"The selected {fault} is invalid."]}
        assert teams.ours.errors(teams.ours.post(f"/{resource}", body(key))) == errors
        if not getattr(field, "create_only", False):
            assert teams.ours.errors(teams.ours.put(path, body(key))) == errors
    assert teams.ours.get(path).json["data"] == record
    assert teams.theirs.post(f"/{resource}", body(there)).status_code == 201


def test_a_stage_of_another_teams_pipeline_cannot_be_referred_to(teams):
    resource, name, _ = next(row for row in REFERENCES.values() if isinstance(row[2], StageReference))
    there = create_row(teams.app, PipelineStage, teams.b, resource=resource)
    with teams.app.app_context():
        db.session.query(PipelineStage).filter_by(external_id=there).update({"team_id": None})
        db.session.commit()
    body = {**sample(resource), name: there}
    assert name in teams.ours.errors(teams.ours.post(f"/{resource}", body))
    assert teams.theirs.post(f"/{resource}", body).status_code == 201


@each_resource
def test_an_owner_must_be_a_member_of_the_requests_team(teams, resource):
    def errors_or_owner(client, owner):
        response = client.post(f"/{resource}", {**sample(resource), "user_owner_id": owner.user_id})
        return response.json.get("errors") or response.json["data"]["owner"]["id"]

    refused = {"user_owner_id": ["The selected user_owner_id is invalid."]}
    assert errors_or_owner(teams.ours, teams.both) == teams.both.user_id
    assert errors_or_owner(teams.ours, teams.theirs) == refused
    assert errors_or_owner(teams.in_b, teams.theirs) == teams.theirs.user_id
    assert errors_or_owner(teams.in_b, teams.ours) == refused
    record = teams.ours.create(resource)
    response = teams.ours.put(f"/{resource}/{record['id']}", {"user_owner_id": teams.theirs.user_id})
    assert teams.ours.errors(response) == refused


@each_resource
def test_the_owner_filter_leaks_nothing(teams, resource):
    here, there = (client.create(resource, user_owner_id=teams.both.user_id) for client in (teams.ours, teams.in_b))
    query = f"/{resource}?user_owner_id={teams.both.user_id}"
    assert [row["id"] for row in teams.ours.get(query).json["data"]] == [here["id"]]
    assert teams.ours.get(query).json["meta"]["total"] == 1
    assert [row["id"] for row in teams.theirs.get(query).json["data"]] == [there["id"]]


@each_resource
def test_totals_count_the_team_alone(teams, resource):
    gone, _ = teams.ours.create(resource), teams.ours.create(resource)
    teams.theirs.create(resource)
    teams.ours.delete(f"/{resource}/{gone['id']}")
    totals = [client.get(f"/{resource}").json["meta"]["total"] for client in (teams.ours, teams.in_b)]
    assert totals == [1, 1]


def test_users_are_those_of_the_requests_team(teams):
    create_user(teams.app)
    gone = create_user(teams.app, crm_access=False)
    add_member(teams.app, teams.a, gone)

    def users(client):
        return {row["id"] for row in client.get("/users").json["data"]}

    assert users(teams.both) == {teams.ours.user_id, teams.both.user_id}
    assert users(teams.in_b) == {teams.theirs.user_id, teams.both.user_id}


@pytest.mark.parametrize("model", [Label, LeadSource, Pipeline, ProductCategory, TaxRate, OrganizationType, Industry])
def test_lookups_are_the_teams_own_and_the_shared_ones(teams, model):
    columns = {Label: {"hex": "000000"}, Pipeline: {"resource": "leads"}, TaxRate: {"rate": 1, "default": False}}
    path = f"/{model.__tablename__.replace('_', '-')}"
    shared = set(names(teams.both.get(path)))
    for team, name in ((teams.a, "Ours"), (teams.b, "Theirs")):
        create_lookup(teams.app, model, name=name, team_id=team, **columns.get(model, {}))
    assert set(names(teams.both.get(path))) == shared | {"Ours"}
    assert set(names(teams.in_b.get(path))) == shared | {"Theirs"}


def test_a_shared_pipeline_shows_no_stage_of_another_team(teams):
    with teams.app.app_context():
        pipeline = db.session.query(Pipeline).filter_by(resource="leads").one().id
    stage = create_lookup(teams.app, PipelineStage, pipeline_id=pipeline, position=9, team_id=teams.b)

    def stages(client):
        return {stage["id"] for row in client.get("/pipelines").json["data"] for stage in row["stages"]}

    assert stage in stages(teams.in_b)
    assert stage not in stages(teams.ours)


# What lists can be asked


def answers_alike(client, resource, name, *values):
    """Tell whether a filter finds the same for each of these values, whatever its operator."""
    for operator in ("eq", "ne", "in"):
        answers = [client.get(f"/{resource}?filter[{name}][{operator}]={value}").json for value in values]
        if len({(repr(answer["data"]), answer["meta"]["total"]) for answer in answers}) > 1:
            return False
    return True


@pytest.mark.parametrize("reference", REFERENCES)
def test_a_filter_by_another_teams_row_finds_what_one_by_none_finds(teams, reference):
    resource, name, field = REFERENCES[reference]
    model = Label if isinstance(field, Labels) else field.model
    there = create_row(teams.app, model, teams.b, teams.theirs, resource)
    here = create_row(teams.app, model, teams.a, teams.ours, resource)
    teams.theirs.create(resource, **{name: [there] if isinstance(field, Labels) else there})
    teams.ours.create(resource, **{name: [here] if isinstance(field, Labels) else here})
    teams.ours.create(resource)
    none = UNKNOWN if isinstance(there, str) else 2147483647
    assert answers_alike(teams.ours, resource, name, there, none)
    assert not answers_alike(teams.ours, resource, name, here, none)
    assert not answers_alike(teams.in_b, resource, name, there, none)


@each_resource
def test_no_filter_or_search_tells_of_another_teams_record(teams, resource):
    keys = {"erp": "theirs"}
    text = next(iter(sample(resource)), "reference")
    theirs = teams.theirs.create(resource, **{text: "secret"}, external_keys=keys)
    teams.ours.create(resource, **{text: "known"}, external_keys={"erp": "ours"})
    values = {"id": (theirs["id"], UNKNOWN), "external_keys.erp": ("theirs", "none"), text: ("secret", "none")}
    for name, (there, none) in values.items():
        assert answers_alike(teams.ours, resource, name, there, none)
        assert not answers_alike(teams.in_b, resource, name, there, none)
    for word in ("secret", theirs["id"]):
        for path in (f"/{resource}?count=false&search=", f"/{resource}?cursor=&search=", "/search?q="):
            assert teams.ours.get(path + word).json["data"] == []
    assert teams.in_b.get(f"/{resource}?search=secret").json["meta"]["total"] == 1


@each_resource
@pytest.mark.parametrize("query", ["filter[deleted]=with", "filter[deleted]=only", "cursor=&filter[deleted]=with"])
def test_another_teams_deleted_records_are_not_listed(teams, resource, query):
    for client in (teams.ours, teams.theirs):
        client.delete(f"/{resource}/{client.create(resource)['id']}")
        client.create(resource)
    both = [
        {row["id"] for row in client.get(f"/{resource}?{query}").json["data"]} for client in (teams.ours, teams.in_b)
    ]
    assert [len(found) for found in both] == ([1, 1] if "only" in query else [2, 2])
    assert both[0].isdisjoint(both[1])
