"""Look-up rows, written: what is taken, what is refused, and what becomes of the records that refer to one."""

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from crm.extensions import db
from crm.models import Label, PipelineStage
from tests.support.client import UNKNOWN, ApiClient, CommandLine
from tests.support.factories import KINDS, NAMES, alter, sample, stored
from tests.support.lookups import MORE, USED_BY, WRITTEN, create_row, row_body, shown_in, use

TAKEN = {"name": ["The name has already been taken."]}
ABSENT = {path: UNKNOWN if "external_id" in lookup.model.__table__.c else 999_999 for path, lookup in WRITTEN.items()}

each_table = pytest.mark.parametrize("table", WRITTEN)
each_used = pytest.mark.parametrize("table", USED_BY)
each_change = pytest.mark.parametrize("method", ["PUT", "PATCH"])


def listed(api: ApiClient, table: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = api.get(f"/{table}").json["data"]
    return rows


# The verbs


def test_all_tables_but_timezones_are_written() -> None:
    assert {*WRITTEN} == {
        *("labels", "lead-sources", "pipelines", "product-categories", "tax-rates", "organization-types", "industries")
    }


@each_table
def test_a_row_is_made_shown_changed_and_deleted(api: ApiClient, table: str) -> None:
    before = listed(api, table)
    made = api.post(f"/{table}", row_body(table, name="  Zzz "))
    row = made.json["data"]
    assert (made.status_code, row["name"]) == (201, "Zzz")
    assert made.headers["Location"].endswith(f"/crm/api/v2/{table}/{row['id']}")
    path = f"/{table}/{row['id']}"
    assert api.get(path).json == {"data": row}
    assert listed(api, table) == [*before, row]
    for method in ("PUT", "PATCH"):
        changed = api.request(method, path, json={"name": f"Zzz {method}"})
        assert (changed.status_code, changed.json["data"]) == (200, {**row, "name": f"Zzz {method}"})
        assert api.get(path).json == changed.json
    assert api.put(path, {}).json == changed.json
    gone = api.delete(path)
    assert (gone.status_code, gone.data) == (204, b"")
    assert listed(api, table) == before
    for method in ("GET", "PUT", "PATCH", "DELETE"):
        assert api.request(method, path, json={}).status_code == 404
    for answer in (made, changed, gone, api.get(f"/{table}/{before[0]['id']}")):
        assert "ETag" not in answer.headers  # look-ups have no version


@each_table
def test_what_names_no_row_is_a_404(api: ApiClient, table: str) -> None:
    for key in (ABSENT[table], "no-uuid", "1" * 30, "-1", "0", "1.0", "²", "%00"):
        for method in ("GET", "PUT", "PATCH", "DELETE"):
            assert api.request(method, f"/{table}/{key}", json={}).status_code == 404, key


@pytest.mark.parametrize("path", ["/timezones", "/users"])
def test_timezones_and_users_are_read_only(api: ApiClient, path: str) -> None:
    assert api.post(path, {"name": "Mars/Olympus"}).status_code == 405
    key = api.get(path).json["data"][0]["id"]
    for method in ("GET", "PUT", "PATCH", "DELETE"):
        assert api.request(method, f"{path}/{key}", json={}).status_code == 404


@each_table
def test_a_uuid_is_taken_in_either_case(api: ApiClient, table: str) -> None:
    row = create_row(api, table)
    assert api.get(f"/{table}/{str(row['id']).upper()}").json["data"] == row


# What is taken


@each_table
def test_the_name_is_required_and_has_255_characters_at_most(api: ApiClient, table: str) -> None:
    required = {"name": ["The name field is required."]}
    path = f"/{table}/{create_row(api, table)['id']}"
    for name in (None, "", "  "):
        assert api.errors(api.post(f"/{table}", row_body(table, name=name))) == required
        assert api.errors(api.put(path, {"name": name})) == required
    assert api.errors(api.post(f"/{table}", MORE.get(table, {}))) == required
    too_long = {"name": ["The name field must not be greater than 255 characters."]}
    assert api.errors(api.post(f"/{table}", row_body(table, name="x" * 256))) == too_long
    assert api.errors(api.put(path, {"name": "x" * 256})) == too_long
    assert api.put(path, {"name": "é" * 255}).status_code == 200


@each_table
def test_unknown_and_read_only_fields_are_ignored(api: ApiClient, table: str) -> None:
    row = create_row(api, table, id=ABSENT[table], team_id=5, deleted_at="2026-01-01T00:00:00Z", folded_name="x")
    assert str(row["id"]) != str(ABSENT[table])
    assert api.put(f"/{table}/{row['id']}", {"id": ABSENT[table], "folded_name": "x"}).json["data"] == row
    assert row in listed(api, table)


@each_table
def test_a_name_is_there_once_without_case(api: ApiClient, table: str) -> None:
    row, other = create_row(api, table, name="Größe"), create_row(api, table)
    for name in ("Größe", "GRÖßE", " größe "):
        assert api.errors(api.post(f"/{table}", row_body(table, name=name))) == TAKEN
        assert api.errors(api.put(f"/{table}/{other['id']}", {"name": name})) == TAKEN
        assert api.put(f"/{table}/{row['id']}", {"name": name}).status_code == 200  # its own
    assert create_row(api, table, name="Grösse")


@each_table
def test_a_name_is_free_again_once_its_row_is_renamed_or_deleted(api: ApiClient, table: str) -> None:
    row = create_row(api, table, name="First")
    assert api.put(f"/{table}/{row['id']}", {"name": "Renamed"}).status_code == 200
    second = create_row(api, table, name="FIRST")
    assert api.errors(api.post(f"/{table}", row_body(table, name="RENAMED"))) == TAKEN
    assert api.delete(f"/{table}/{second['id']}").status_code == 204
    assert create_row(api, table, name="First")


@each_table
def test_a_name_that_stands_there_by_hand_is_taken_too(app: Flask, api: ApiClient, table: str) -> None:
    row = create_row(api, table, name="By Hand")
    alter(app, WRITTEN[table].model, row["id"], folded_name=None)
    assert api.errors(api.post(f"/{table}", row_body(table, name="by hand"))) == TAKEN
    alter(app, WRITTEN[table].model, row["id"], folded_name="odd", name="Another")
    assert api.errors(api.post(f"/{table}", row_body(table, name="ODD"))) == TAKEN


@each_table
def test_the_name_by_which_the_database_knows_a_row_follows_its_name(app: Flask, api: ApiClient, table: str) -> None:
    model = WRITTEN[table].model
    more = {"stages": [{"name": "ONE"}, {"name": "Two"}]} if table == "pipelines" else {}
    row = create_row(api, table, name="Größe", **more)
    assert folded_name(app, model, row["id"]) == "größe"
    for stage in row.get("stages", ()):
        assert folded_name(app, PipelineStage, stage["id"]) == stage["name"].lower()
    stages = [{**stage, "name": f"{stage['name']} B"} for stage in row.get("stages", ())]
    assert api.put(f"/{table}/{row['id']}", {"name": "NEU", "stages": stages}).status_code == 200
    assert folded_name(app, model, row["id"]) == "neu"
    assert [folded_name(app, PipelineStage, stage["id"]) for stage in stages] == (["one b", "two b"] if stages else [])


def folded_name(app: Flask, model: Any, key: Any) -> str | None:
    with app.app_context():
        column = model.external_id if hasattr(model, "external_id") else model.id
        name: str | None = db.session.execute(select(model.folded_name).where(column == key)).scalar_one()
        return name


def test_every_fault_is_told_at_once(api: ApiClient) -> None:
    create_row(api, "labels", name="Taken")
    faults = api.errors(api.post("/labels", {"name": "taken", "hex": "red"}))
    assert faults == {**TAKEN, "hex": ["The hex field must be six hex digits."]}
    assert api.errors(api.post("/pipelines", {"stages": [{}]})).keys() == {"name", "resource", "stages.0.name"}
    assert api.errors(api.post("/tax-rates", {})).keys() == {"name", "rate"}


@each_table
def test_bodies_are_refused_as_those_of_records_are(api: ApiClient, table: str) -> None:
    path, absent = f"/{table}/{create_row(api, table)['id']}", f"/{table}/{ABSENT[table]}"
    for method, target in (("POST", f"/{table}"), ("PUT", path), ("PATCH", path)):
        assert api.request(method, target, data="{", content_type="application/json").status_code == 400
        assert api.request(method, target, data="{}", content_type="text/plain").status_code == 415
        assert api.request(method, target, json=[1]).status_code == 400
    assert api.request("PUT", absent, data="{", content_type="text/plain").status_code == 404


# Labels


@pytest.mark.parametrize(
    ("sent", "shown"), [("dc2626", "dc2626"), ("#DC2626", "dc2626"), (" #aBcDeF ", "abcdef"), (None, "6b7280")]
)
def test_a_colour_is_six_hex_digits_in_lower_case(api: ApiClient, sent: str | None, shown: str) -> None:
    assert create_row(api, "labels", hex=sent)["hex"] == shown
    assert create_row(api, "labels")["hex"] == "6b7280"


def test_a_colour_that_is_not_sent_stays(api: ApiClient) -> None:
    path = f"/labels/{create_row(api, 'labels', hex='#00ff00')['id']}"
    for body in ({"name": "Other"}, {"hex": None}, {"hex": ""}):
        assert api.put(path, body).json["data"]["hex"] == "00ff00"
    assert api.put(path, {"hex": "#00F"}).status_code == 422


@pytest.mark.parametrize("colour", ["red", "#12345", "1234567", "##12345", "12345g", "\uff1123456", 123456, ["dc2626"]])
def test_anything_else_is_no_colour(api: ApiClient, colour: Any) -> None:
    assert api.errors(api.post("/labels", row_body("labels", hex=colour))).keys() == {"hex"}


# What refers to a row


@each_used
def test_a_row_is_shown_by_its_new_name_everywhere(api: ApiClient, table: str) -> None:
    row = create_row(api, table)
    record = use(api, table, row)
    version = api.get(record).json["data"]["version"]
    row = api.put(f"/{table}/{row['id']}", {"name": "Renamed"}).json["data"]
    shown = shown_in(api, table, record)
    assert shown in ([row], row, row["id"])
    assert api.get(record).json["data"]["version"] == version


@each_used
def test_a_row_in_use_is_deleted_by_force_alone(app: Flask, api: ApiClient, table: str) -> None:
    row = create_row(api, table)
    path, records = f"/{table}/{row['id']}", [use(api, table, row) for _ in range(3)]
    assert api.delete(records.pop()).status_code == 204
    refused = api.delete(path)
    assert (refused.status_code, refused.json) == (409, {"message": "2 records refer to it.", "records": 2})
    assert api.delete(records.pop()).status_code == 204
    for query in ("", "?force=false", "?force=0", "?force=true&force=false"):
        refused = api.delete(path + query)
        assert (refused.status_code, refused.json) == (409, {"message": "1 record refers to it.", "records": 1})
    assert row in listed(api, table)
    before = stored(app, *records[0].strip("/").split("/"))
    feed = api.get("/changes?after=latest").json["meta"]["cursor"]
    assert api.delete(f"{path}?force=true").status_code == 204
    assert shown_in(api, table, records[0]) in ([], None)
    assert stored(app, *records[0].strip("/").split("/")) == before  # that is no change of theirs
    assert api.get(f"/changes?after={feed}").json["data"] == []
    assert row not in listed(api, table)


@each_used
@each_change
def test_a_record_that_is_sent_without_what_has_vanished_is_not_changed(
    app: Flask, api: ApiClient, table: str, method: str
) -> None:
    _, field = USED_BY[table]
    row, other = create_row(api, table), create_row(api, table)
    record = use(api, table, row)
    assert api.delete(f"/{table}/{row['id']}?force=true").status_code == 204
    none: Any = [] if field == "labels" else None
    before = stored(app, *record.strip("/").split("/"))
    feed = api.get("/changes?after=latest").json["meta"]["cursor"]
    answer = api.request(method, record, json={field: none})
    assert (answer.status_code, answer.json["data"]["version"]) == (200, 1)
    assert stored(app, *record.strip("/").split("/")) == before
    assert api.get(f"/changes?after={feed}").json["data"] == []
    assert (
        api.request(method, record, json={field: [other["id"]] if field == "labels" else other["id"]}).status_code
        == 200
    )
    cleared = api.request(method, record, json={field: none})
    assert cleared.json["data"]["version"] == 3


@each_used
def test_a_deleted_row_can_neither_be_taken_nor_found(api: ApiClient, table: str) -> None:
    resource, field = USED_BY[table]
    row = create_row(api, table)
    record = use(api, table, row)
    other = api.create(resource)
    asked = f"/{resource}?filter[{field}]={row['id']}"
    assert [each["id"] for each in api.get(asked).json["data"]] == [record.rpartition("/")[2]]
    assert api.delete(f"/{table}/{row['id']}?force=1").status_code == 204
    assert api.get(asked).json["data"] == []
    assert len(api.get(f"/{resource}?filter[{field}][null]=true").json["data"]) == 2
    assert {each["id"] for each in api.get(f"/{resource}?filter[{field}][ne]={row['id']}").json["data"]} == {
        *(record.rpartition("/")[2], other["id"])
    }
    value = [row["id"]] if field == "labels" else row["id"]
    fault = f"{field}.0" if field == "labels" else field
    assert api.errors(api.put(f"/{resource}/{other['id']}", {field: value})).keys() == {fault}
    assert api.get(f"/{resource}?sort={field}").status_code == 200


@pytest.mark.parametrize("resource", [name for name in NAMES if "labels" in KINDS[name].schema().load_fields])
def test_a_label_is_counted_in_every_resource_and_may_be_kept(api: ApiClient, resource: str) -> None:
    row = create_row(api, "labels")
    record = api.create(resource, labels=[row["id"]])
    path = f"/{resource}/{record['id']}"
    assert api.delete(f"/labels/{row['id']}").json["records"] == 1
    assert api.delete(f"/labels/{row['id']}?force=true").status_code == 204
    kept = api.put(path, {"labels": [row["id"]]})
    assert (kept.status_code, kept.json["data"]["labels"], kept.json["data"]["version"]) == (200, [], 1)
    another = create_row(api, "labels")
    added = api.put(path, {"labels": [row["id"], another["id"]]})
    assert (added.status_code, added.json["data"]["labels"]) == (200, [another])
    assert api.post(f"/{resource}", {**sample(resource), "labels": [row["id"]]}).status_code == 422


@pytest.mark.parametrize("force", ["", "yes", "TRUE", "2"])
def test_force_is_read_strictly_once_the_row_is_found(api: ApiClient, force: str) -> None:
    path = f"/labels/{create_row(api, 'labels')['id']}"
    assert api.errors(api.delete(f"{path}?force={force}")) == {"force": ["The force field must be true or false."]}
    assert api.delete(f"/labels/{UNKNOWN}?force={force}").status_code == 404
    assert api.put(f"{path}?force={force}", {}).status_code == 200  # which the path does not know
    pipeline = f"/pipelines/{create_row(api, 'pipelines')['id']}?force={force}"
    assert api.errors(api.put(pipeline, {})).keys() == {"force"}


# The command


def test_seed_leaves_deleted_rows_deleted_and_adds_what_is_missing_by_name(app: Flask, api: ApiClient) -> None:
    commands = CommandLine(app)
    hot = next(row for row in listed(api, "labels") if row["name"] == "Hot")
    assert api.delete(f"/labels/{hot['id']}").status_code == 204
    commands.done("seed")
    assert "Hot" not in [row["name"] for row in listed(api, "labels")]
    with app.app_context():
        rows = db.session.execute(select(Label.folded_name).where(Label.name == "Hot")).all()
    assert rows == [("hot",)]


def test_seed_gives_no_stages_to_a_pipeline_that_has_replaced_a_deleted_one(app: Flask, api: ApiClient) -> None:
    seeded = next(row for row in listed(api, "pipelines") if row["resource"] == "deals")
    assert api.delete(f"/pipelines/{seeded['id']}").status_code == 204
    own = create_row(api, "pipelines", name=seeded["name"], resource="deals", stages=[{"name": "Mine"}])
    CommandLine(app).done("seed")
    assert own in listed(api, "pipelines")
