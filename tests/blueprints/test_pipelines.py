"""Pipelines, written: their stages are sent whole, and records stay in those that are kept (beyond, section 18)."""

from typing import Any

import pytest

from tests.support.client import UNKNOWN, ApiClient
from tests.support.lookups import create_row, row_body

Json = dict[str, Any]
REPEATED = "The stages.{}.name has already been given."
SALES = ("leads", "deals", "quotes")


def staged(api: ApiClient, *names: str, resource: str = "leads") -> Json:
    return create_row(api, "pipelines", resource=resource, stages=[{"name": name} for name in names])


def put(api: ApiClient, pipeline: Json, stages: Any, query: str = "") -> Any:
    return api.put(f"/pipelines/{pipeline['id']}{query}", {"stages": stages})


def faults(api: ApiClient, pipeline: Json, stages: Any) -> dict[str, list[str]]:
    """Return what is wrong with stages, which changes nothing."""
    found = api.errors(put(api, pipeline, stages))
    assert api.get(f"/pipelines/{pipeline['id']}").json["data"] == pipeline
    return found


def names(row: Json) -> list[str]:
    return [stage["name"] for stage in row["stages"]]


def test_stages_are_shown_in_the_order_sent(api: ApiClient) -> None:
    assert names(staged(api, "b", "A", "c")) == ["b", "A", "c"]
    assert create_row(api, "pipelines")["stages"] == []
    assert names(create_row(api, "pipelines", stages={"7": {"name": "Later"}, "2": {"name": "First"}})) == [
        *("First", "Later")
    ]


@pytest.mark.parametrize("resource", SALES)
def test_records_stay_in_a_stage_that_is_moved_and_renamed(api: ApiClient, resource: str) -> None:
    pipeline = staged(api, "One", "Two", "Three", resource=resource)
    one, two, three = pipeline["stages"]
    record = api.create(resource, pipeline_stage_id=two["id"])
    answer = put(api, pipeline, [{"id": three["id"], "name": "Three"}, {"name": "New"}, {**two, "name": "2"}, one])
    assert answer.status_code == 200
    shown = answer.json["data"]["stages"]
    assert [stage["name"] for stage in shown] == ["Three", "New", "2", "One"]
    assert [shown[0], shown[2], shown[3]] == [three, {**two, "name": "2"}, one]
    path = f"/{resource}/{record['id']}"
    assert api.get(path).json["data"] == {**record, "pipeline_stage": {"id": two["id"], "name": "2"}}


def test_two_stages_may_change_their_names_with_each_other(api: ApiClient) -> None:
    pipeline = staged(api, "A", "B", "C")
    a, b, c = pipeline["stages"]
    answer = put(api, pipeline, [{**a, "name": "b"}, {**b, "name": "C"}, {**c, "name": "A"}])
    assert (answer.status_code, names(answer.json["data"])) == (200, ["b", "C", "A"])
    replaced = put(api, pipeline, [{"name": "B"}, {"name": "c"}, {"name": "a"}])
    assert (replaced.status_code, names(replaced.json["data"])) == (200, ["B", "c", "a"])


def test_absent_and_null_keep_the_stages_and_an_empty_list_removes_them(api: ApiClient) -> None:
    pipeline = staged(api, "A", "B")
    for body in ({}, {"stages": None}, {"name": pipeline["name"]}):
        assert api.put(f"/pipelines/{pipeline['id']}", body).json["data"] == pipeline
    for empty in ([], {}):
        assert put(api, staged(api, "A"), empty).json["data"]["stages"] == []


def test_faults_of_stages_are_named_by_their_place(api: ApiClient) -> None:
    pipeline = staged(api, "A", "B")
    a, b = pipeline["stages"]
    elsewhere = staged(api, "A")["stages"][0]
    invalid = "The selected stages.{}.id is invalid."
    assert faults(api, pipeline, [a, {**elsewhere, "name": "C"}]) == {"stages.1.id": [invalid.format(1)]}
    assert faults(api, pipeline, [{"id": UNKNOWN, "name": "C"}]) == {"stages.0.id": [invalid.format(0)]}
    assert faults(api, pipeline, [a, b, {**a, "name": "C"}]) == {"stages.2.id": [invalid.format(2)]}
    assert faults(api, pipeline, [a, {"id": b["id"]}]) == {"stages.1.name": ["The stages.1.name field is required."]}
    assert faults(api, pipeline, [a, {"name": "a "}]) == {"stages.1.name": [REPEATED.format(1)]}
    assert faults(api, pipeline, {"3": {"name": "Ä"}, "5": {"name": "ä"}}) == {"stages.5.name": [REPEATED.format(5)]}
    assert faults(api, pipeline, "x") == {"stages": ["The stages field must be an array."]}
    assert faults(api, pipeline, ["x"]) == {"stages.0": ["The stages.0 field must be an array."]}
    assert faults(api, pipeline, [{"id": 5, "name": "x" * 256}]).keys() == {"stages.0.id", "stages.0.name"}
    many = [{"name": f"{n}"} for n in range(51)]
    assert faults(api, pipeline, many) == {"stages": ["The stages field must not have more than 50 items."]}
    assert put(api, pipeline, many[:50]).status_code == 200


def test_an_id_in_a_new_pipeline_is_ignored(api: ApiClient) -> None:
    stage = staged(api, "A")["stages"][0]
    made = create_row(api, "pipelines", stages=[stage, {"id": "x", "name": "B"}])["stages"]
    assert [each["name"] for each in made] == ["A", "B"]
    assert made[0]["id"] != stage["id"]


def test_a_stage_that_was_removed_does_not_come_back(api: ApiClient) -> None:
    pipeline = staged(api, "A", "B")
    assert put(api, pipeline, pipeline["stages"][:1]).status_code == 200
    assert api.errors(put(api, pipeline, pipeline["stages"])).keys() == {"stages.1.id"}
    again = put(api, pipeline, [*pipeline["stages"][:1], {"name": "B"}])
    assert again.json["data"]["stages"][1]["id"] != pipeline["stages"][1]["id"]


@pytest.mark.parametrize("resource", SALES)
def test_a_stage_in_use_is_removed_by_force_alone(api: ApiClient, resource: str) -> None:
    pipeline = staged(api, "A", "B", resource=resource)
    a, b = pipeline["stages"]
    record = api.create(resource, pipeline_stage_id=b["id"])
    deleted = api.create(resource, pipeline_stage_id=b["id"])
    api.delete(f"/{resource}/{deleted['id']}")
    refused = put(api, pipeline, [a])
    assert (refused.status_code, refused.json) == (409, {"message": "1 record refers to it.", "records": 1})
    assert api.get(f"/pipelines/{pipeline['id']}").json["data"] == pipeline
    assert put(api, pipeline, [b]).status_code == 200  # nobody is in the other one
    forced = put(api, pipeline, [{"name": "C"}], "?force=true")
    assert names(forced.json["data"]) == ["C"]
    assert api.get(f"/{resource}/{record['id']}").json["data"] == {**record, "pipeline_stage": None}
    assert api.errors(api.post(f"/{resource}", {**record, "pipeline_stage_id": b["id"]})).keys() == {
        "pipeline_stage_id"
    }


def test_a_pipeline_is_in_use_where_its_stages_are(api: ApiClient) -> None:
    pipeline = staged(api, "A", "B", resource="deals")
    deals = [api.create("deals", pipeline_stage_id=stage["id"]) for stage in pipeline["stages"]]
    path = f"/pipelines/{pipeline['id']}"
    refused = api.delete(path)
    assert (refused.status_code, refused.json) == (409, {"message": "2 records refer to it.", "records": 2})
    assert api.delete(f"{path}?force=true").status_code == 204
    assert [api.get(f"/deals/{deal['id']}").json["data"]["pipeline_stage"] for deal in deals] == [None, None]
    stage = {"pipeline_stage_id": pipeline["stages"][0]["id"]}
    assert api.errors(api.put(f"/deals/{deals[0]['id']}", stage)).keys() == {"pipeline_stage_id"}


def test_the_resource_is_one_of_three_and_stays(api: ApiClient) -> None:
    for resource in ("orders", "Leads", "lead", 5, None, ""):
        body = row_body("pipelines", resource=resource)
        assert api.errors(api.post("/pipelines", body)).keys() == {"resource"}
    pipeline = staged(api, "A", resource="quotes")
    for resource in ("deals", "nonsense", None):
        assert api.put(f"/pipelines/{pipeline['id']}", {"resource": resource}).json["data"] == pipeline


def test_a_name_may_be_another_resources_too(api: ApiClient) -> None:
    made = [create_row(api, "pipelines", name="Same", resource=resource) for resource in SALES]
    taken = {"name": ["The name has already been taken."]}
    for resource in SALES:
        assert api.errors(api.post("/pipelines", {"name": "SAME", "resource": resource})) == taken
    other = create_row(api, "pipelines", name="Other", resource="deals")
    assert api.errors(api.put(f"/pipelines/{other['id']}", {"name": "same"})) == taken
    assert api.delete(f"/pipelines/{made[1]['id']}").status_code == 204
    assert api.put(f"/pipelines/{other['id']}", {"name": "same"}).status_code == 200
