"""Every example of the API description is taken or given by the application, in the world that examples tell of."""

from datetime import UTC, datetime
from decimal import Decimal
from unittest import mock

import pytest
from sqlalchemy import insert, update
from sqlalchemy.exc import TimeoutError as NoConnectionLeft

from crm.access.tokens import issue_token
from crm.blueprints import RESOURCES
from crm.database.query import Query
from crm.extensions import db
from crm.models import Label, LeadSource, Pipeline, PipelineStage, ProductCategory, Team, User
from crm.openapi.examples.bodies import COMPUTED, CREATED, UPDATED
from crm.openapi.examples.pages import HOST
from crm.openapi.examples.world import CALLER, MOMENT, STAGES, SUMMARIES, example_id
from tests.support.actions import CASES
from tests.support.client import UNKNOWN, ApiClient
from tests.support.described import MEDIA_TYPE, description, resolved
from tests.support.factories import add_member, alter, cheap_hash, create_user
from tests.support.lookups import WRITTEN
from tests.support.record_parts import PARTS

KINDS = {kind.model.__tablename__: kind for kind in RESOURCES}
IN_ORDER = list(CREATED)
"""The resources, each after those that its example refers to."""

each_resource = pytest.mark.parametrize("resource", IN_ORDER)


def example(path, verb, status):
    """Return the example of an answer, as it is described."""
    response = resolved(description()["paths"][path][verb]["responses"][str(status)])
    return response["content"][MEDIA_TYPE]["example"]


def sent(path, verb, name=None):
    """Return the example of a request's body, as it is described."""
    content = resolved(description()["paths"][path][verb]["requestBody"])["content"][MEDIA_TYPE]
    return content["examples"][name]["value"] if name else content["example"]


@pytest.fixture
def world(app):
    """A client of an application where everything is as the examples have it, but for the records."""
    with app.app_context():
        for model in (Label, LeadSource, ProductCategory, Pipeline):  # seeded ones have these names
            db.session.execute(update(model).values(deleted_at=datetime.now(UTC)))
        for model in (Label, LeadSource, ProductCategory):
            row = {**SUMMARIES[model.__tablename__]}
            db.session.add(model(external_id=row.pop("id"), **row))
        stages = {"leads": SUMMARIES["pipelines"]["stages"], "deals": [STAGES["deals"]], "quotes": [STAGES["quotes"]]}
        for resource, shown in stages.items():
            key = SUMMARIES["pipelines"]["id"] if resource == "leads" else example_id(f"pipelines/{resource}")
            pipeline = Pipeline(external_id=key, name=f"{resource[:-1].capitalize()} Pipeline", resource=resource)
            db.session.add(pipeline)
            db.session.flush()
            for position, stage in enumerate(shown, 1):
                row = {"external_id": stage["id"], "name": stage["name"], "position": position}
                db.session.execute(insert(PipelineStage).values(pipeline_id=pipeline.id, **row))
        db.session.commit()
    return ApiClient(app, create_user(app, **CALLER))


def create_up_to(api, resource):
    """Create the example record of a resource, and before it those that it may refer to."""
    for name in IN_ORDER[: IN_ORDER.index(resource) + 1]:
        answer = api.post(f"/{name}", sent(f"/{name}", "post", "full"))
        assert answer.status_code == 201, answer.text
        with api.app.app_context():
            model = KINDS[name].model
            moment = datetime.fromisoformat(MOMENT)
            made = {"external_id": example_id(name), "created_at": moment, "updated_at": moment}
            db.session.execute(update(model).values(made))
            lines = db.metadata.tables.get(f"{name[:-1]}_line_items")
            if lines is not None:
                db.session.execute(update(lines).values(external_id=example_id("lines/1")))
            db.session.commit()


@each_resource
def test_the_example_of_a_body_makes_the_example_of_a_record(world, resource):
    create_up_to(world, resource)
    record = example(f"/{resource}/{{id}}", "get", 200)
    assert world.get(f"/{resource}/{example_id(resource)}").json == record
    assert example(f"/{resource}", "post", 201) == record
    page = world.get(f"/{resource}", base_url=HOST).json
    assert page == example(f"/{resource}", "get", 200)


@each_resource
@pytest.mark.parametrize("verb", ["put", "patch"])
def test_the_example_of_a_change_gives_the_example_of_a_changed_record(world, resource, verb):
    create_up_to(world, resource)
    path = f"/{resource}/{{id}}"
    changed = world.request(verb.upper(), f"/{resource}/{example_id(resource)}", json=sent(path, verb, "change")).json
    assert {**changed["data"], "updated_at": MOMENT} == example(path, verb, 200)["data"]


@each_resource
def test_the_plain_example_of_a_body_works_anywhere(api, resource):
    body = dict(sent(f"/{resource}", "post", "plain"))  # a copy: the description is kept for other tests
    shown = api.create(resource, **body)
    if "birthday" in body:
        assert shown["birthday"] == f"{body.pop('birthday')}T00:00:00+00:00"
    assert {name: value for name, value in body.items() if name in shown}.items() <= shown.items()
    assert body


@pytest.mark.parametrize("resource", COMPUTED)
def test_the_example_of_totals_that_are_worked_out_gives_those_of_the_full_one(world, resource):
    create_up_to(world, resource)
    shown = world.post(f"/{resource}", sent(f"/{resource}", "post", "computed")).json["data"]
    record = example(f"/{resource}/{{id}}", "get", 200)["data"]
    for name in ("subtotal", "discount", "tax", "total", "tax_breakdown"):
        assert shown[name] == record[name]
    assert shown["compute_totals"] is not record["compute_totals"]
    assert shown["line_items"][0]["amount"] == record["line_items"][0]["amount"]


@each_resource
@pytest.mark.parametrize("verb", ["update", "delete"])
def test_the_example_of_a_batch_gives_the_example_of_its_answer(world, resource, verb):
    create_up_to(world, resource)
    path = f"/{resource}/batch/{verb}"
    answer = world.post(path, sent(path, "post", "batch")).json
    for result in answer["data"]:
        if result["data"]:
            result["data"]["updated_at"] = MOMENT
    assert answer == example(path, "post", 200)


@each_resource
@pytest.mark.parametrize("verb", ["create", "upsert"])
def test_the_example_of_a_batch_that_makes_records_works_anywhere(api, resource, verb):
    path = f"/{resource}/batch/{verb}"
    answer = api.post(path, sent(path, "post", "batch")).json
    shown = example(path, "post", 200)
    assert (answer["meta"], answer["data"][0]["status"]) == (shown["meta"], shown["data"][0]["status"])


@each_resource
def test_links_lead_from_create_to_show_update_and_delete(api, resource):
    operations = {
        operation["operationId"]: (verb.upper(), path)
        for path, verbs in description()["paths"].items()
        for verb, operation in verbs.items()
    }
    created = api.post(f"/{resource}", sent(f"/{resource}", "post", "plain"))
    links = resolved(description()["paths"][f"/{resource}"]["post"]["responses"]["201"])["links"]
    statuses = []
    for link in links.values():
        assert link["parameters"] == {"id": "$response.body#/data/id"}
        verb, path = operations[link["operationId"]]
        body = {} if verb in ("PUT", "PATCH") else None
        statuses.append((verb, api.request(verb, path.format(id=created.json["data"]["id"]), json=body).status_code))
    assert statuses == [("GET", 200), ("PUT", 200), ("PATCH", 200), ("DELETE", 204)]


@pytest.mark.parametrize(("resource", "action"), CASES, ids=["-".join(key) for key in CASES])
def test_the_example_of_an_action_gives_the_example_of_its_answer(world, resource, action):
    create_up_to(world, resource)
    case, path = CASES[resource, action], f"/{resource}/{{id}}/{action}"
    described = description()["paths"][path]["post"]
    body = sent(path, "post") if "requestBody" in described else None
    answer = world.post(path.format(id=example_id(resource)), body)
    shown = example(path, "post", 201 if case.makes else 200)
    assert without_moments(answer.json["data"]) == without_moments(shown["data"])


def without_moments(record):
    """Return a record as it would be if it had been made in the moment of the examples."""
    made = {"id": None, **{name: MOMENT for name in ("created_at", "updated_at") if name in record}}
    lines = {"line_items": [{**line, "id": None} for line in record["line_items"]]} if "line_items" in record else {}
    moments = {name: MOMENT for name in ("accepted_at", "rejected_at") if record.get(name)}
    return {**record, **made, **lines, **moments}


@pytest.mark.parametrize(("resource", "action"), [key for key, case in CASES.items() if case.refused])
def test_the_example_of_a_refused_action_is_one_of_its_refusals(resource, action):
    shown = example(f"/{resource}/{{id}}/{action}", "post", 409)
    told = {refused.message: refused.names for refused in CASES[resource, action].refused}
    assert shown.keys() - {"message"} == {told[shown["message"]]} - {""}


@pytest.mark.parametrize(("resource", "name"), PARTS, ids=["-".join(key) for key in PARTS])
def test_the_example_of_a_part_is_added_shown_and_removed(world, resource, name):
    create_up_to(world, resource)
    part, described = PARTS[resource, name], f"/{resource}/{{id}}/{name}"
    path = described.format(id=example_id(resource))
    if part.add:
        added = world.post(path, sent(described, "post")).json["data"]
        assert without_moments(added) == without_moments(example(described, "post", 201)["data"])
        assert without_moments(added) == without_moments(example(described, "get", 200)["data"][0])
        assert world.get(path).json["data"] == [added]
        assert world.delete(f"{path}/{added[part.key]}").status_code == 204


def test_every_resource_has_examples_of_its_own():
    assert set(CREATED) == set(UPDATED) == set(KINDS)


def test_look_up_lists_hold_the_example_rows(world):
    tagged = [
        path for path, verbs in description()["paths"].items() if verbs.get("get", {}).get("tags") == ["look-ups"]
    ]
    paths = [path for path in tagged if not path.endswith("/{id}")]
    assert len(paths) == 9
    for path in paths:
        rows, shown = world.get(path).json["data"], example(path, "get", 200)["data"]
        assert shown, path
        assert [row for row in shown if row not in rows] == [], path


@pytest.mark.parametrize("table", WRITTEN)
def test_the_examples_of_look_up_rows(world, table):
    made = world.post(f"/{table}", sent(f"/{table}", "post"))
    assert made.status_code == 201
    one, path = f"/{table}/{{id}}", f"/{table}/{made.json['data']['id']}"
    assert without_ids(made.json) == without_ids(example(f"/{table}", "post", 201))
    assert example(one, "get", 200) == example(f"/{table}", "post", 201)
    for verb in ("put", "patch"):
        changed = world.request(verb.upper(), path, json=sent(one, verb))
        assert without_ids(changed.json) == without_ids(example(one, verb, 200))


def without_ids(shown):
    """Return what an answer shows but for the ids, which are the server's."""
    if isinstance(shown, list):
        return [without_ids(part) for part in shown]
    if isinstance(shown, dict):
        return {name: without_ids(part) for name, part in shown.items() if name != "id"}
    return float(shown) if isinstance(shown, Decimal) else shown


def test_the_examples_of_authentication(world):
    for kind in ("plain", "restricted"):
        issued = ApiClient(world.app).post("/auth/token", sent("/auth/token", "post", kind))
        assert issued.status_code == 201
        assert issued.json["user"] == example("/auth/token", "post", 201)["user"]
    wrong = {**sent("/auth/token", "post", "plain"), "password": "wrong"}
    assert ApiClient(world.app).post("/auth/token", wrong).json == example("/auth/token", "post", 422)


def test_the_examples_of_the_own_account(world, make_app):
    change = sent("/auth/password", "put")
    alter(world.app, User, world.user_id, password_hash=cheap_hash(change["current_password"]))
    with world.app.app_context():
        world.headers["Authorization"] = f"Bearer {issue_token(world.user_id, 'Office laptop')}"
    caller = world.get("/auth/me").json
    assert caller == {**example("/auth/me", "get", 200), "token": caller["token"]}
    assert caller["token"] == {**example("/auth/me", "get", 200)["token"], "id": caller["token"]["id"]}
    shown, described = (
        answer["data"][0] for answer in (world.get("/auth/tokens").json, example("/auth/tokens", "get", 200))
    )
    moments = {name: described[name] for name in ("id", "created_at", "last_used_at")}
    assert {**shown, **moments} == described
    assert world.put("/auth/password", change).status_code == 204
    team = sent("/auth/team", "put")["team_id"]
    with world.app.app_context(), db.engine.begin() as connection:
        connection.execute(insert(Team.__table__).values(id=team, name="Sales"))
    add_member(world.app, team, world.user_id, "Manager")
    world.app = make_app(TEAMS="true")
    changed = world.put("/auth/team", {"team_id": team}).json
    assert {**changed, "token": 0} == {**example("/auth/team", "put", 200), "token": 0}


def test_the_examples_of_refusals(make_app, api, stranger, monkeypatch):
    small, narrow = ApiClient(make_app(MAX_BODY_BYTES="10")), make_app(RATELIMIT_UNAUTHENTICATED="1 per hour")
    small.headers.update(api.headers)
    ApiClient(narrow).get("/leads")
    refused = [
        api.request("POST", "/leads", data="[1]", content_type=MEDIA_TYPE),
        stranger.get("/leads"),
        ApiClient(api.app, create_user(api.app, "Viewer")).post("/leads"),
        api.get(f"/leads/{UNKNOWN}"),
        api.delete("/leads"),
        small.post("/leads", {"title": "More than ten bytes"}),
        api.request("POST", "/leads", data="{}", content_type="text/plain"),
        api.post("/orders", {"user_owner_id": 2147483647}),
        ApiClient(narrow).get("/leads"),
        fail(api, monkeypatch, RuntimeError),
        fail(api, monkeypatch, NoConnectionLeft("no connection is left")),
    ]
    statuses = [answer.status_code for answer in refused]
    assert statuses == [400, 401, 403, 404, 405, 413, 415, 422, 429, 500, 503]
    for answer in refused:
        own = {"request_id": answer.headers["X-Request-Id"]} if answer.status_code in (500, 503) else {}
        assert answer.json == {**example("/leads/{id}", "put", answer.status_code), **own}


def fail(api, monkeypatch, error):
    """Return the answer to a request whose query fails."""
    monkeypatch.setattr(api.app, "testing", False)
    with mock.patch.object(Query, "rows", side_effect=error):
        return api.get("/leads")
