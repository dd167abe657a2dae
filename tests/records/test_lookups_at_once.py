"""Look-up rows that many write at the same moment, or that are taken while they are deleted (beyond, section 18)."""

import itertools
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from threading import Barrier, Event
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text

from crm.database.connections import transaction
from crm.models import PipelineStage
from crm.schemas.reading import Reading
from tests.support.client import ApiClient
from tests.support.factories import alter, sample
from tests.support.lookups import USED_BY, WRITTEN, create_row, row_body
from tests.support.server import in_parallel
from tests.support.stores import ON_POSTGRESQL

WRITERS = 20
ROUNDS = 12
Json = dict[str, Any]

each_table = pytest.mark.parametrize("table", WRITTEN)
each_used = pytest.mark.parametrize("table", [*USED_BY, "pipelines"])


def at_once(*requests: Callable[[], Any]) -> list[Any]:
    """Send requests at the same moment and return their answers."""
    start = Barrier(len(requests), timeout=60)

    def send(number: int) -> Any:
        start.wait()
        return requests[number]()

    return in_parallel(len(requests), len(requests), send)


def statuses(answers: list[Any]) -> Counter[int]:
    return Counter(answer.status_code for answer in answers)


@each_table
def test_of_twenty_rows_of_one_name_one_is_made(api: ApiClient, table: str) -> None:
    names = ["Same" if n % 2 else "SAME" for n in range(WRITERS)]
    answers = at_once(*(lambda name=name: api.post(f"/{table}", row_body(table, name=name)) for name in names))
    assert statuses(answers) == {201: 1, 422: WRITERS - 1}
    assert len([row for row in api.get(f"/{table}").json["data"] if row["name"].lower() == "same"]) == 1


@each_table
def test_of_twenty_rows_that_are_given_one_name_one_gets_it(api: ApiClient, table: str) -> None:
    paths = [f"/{table}/{create_row(api, table)['id']}" for _ in range(WRITERS)]
    answers = at_once(*(lambda path=path: api.put(path, {"name": "Same"}) for path in paths))
    assert statuses(answers) == {200: 1, 422: WRITERS - 1}


@each_table
def test_of_twenty_who_delete_a_row_one_does(api: ApiClient, table: str) -> None:
    path = f"/{table}/{create_row(api, table)['id']}"
    assert statuses(at_once(*[lambda: api.delete(path)] * WRITERS)) == {204: 1, 404: WRITERS - 1}


def test_there_is_one_default_rate_at_any_moment(api: ApiClient) -> None:
    rows = [create_row(api, "tax-rates") for _ in range(WRITERS)]
    done = Event()

    def watch() -> set[int]:
        seen = set()
        while not done.is_set():
            seen.add(sum(row["default"] for row in api.get("/tax-rates").json["data"]))
        return seen

    def change() -> list[Any]:
        try:
            requests = [lambda row=row: api.put(f"/tax-rates/{row['id']}", {"default": True}) for row in rows[1:]]
            made = [lambda n=n: api.post("/tax-rates", row_body("tax-rates", default=True)) for n in range(5)]
            return at_once(*requests, *made, lambda: api.delete(f"/tax-rates/{rows[0]['id']}"))
        finally:
            done.set()

    seen, answers = in_parallel(2, 2, lambda number: (watch, change)[number]())
    assert seen == {1}
    assert statuses(answers) == {200: WRITERS - 1, 201: 5, 204: 1}
    assert sum(row["default"] for row in api.get("/tax-rates").json["data"]) == 1


def test_stages_are_as_one_of_their_writers_left_them(api: ApiClient) -> None:
    pipeline = create_row(api, "pipelines", stages=[{"name": name} for name in "abc"])
    path, kept = f"/pipelines/{pipeline['id']}", pipeline["stages"]

    def stages(writer: int) -> list[Json]:
        """Return the three stages in an order of its own, by new names, and one more."""
        order = [*itertools.permutations(kept)][writer % 6]
        named = [{**stage, "name": f"{'abc'[(place + writer) % 3]}"} for place, stage in enumerate(order)]
        return [*named, {"name": f"Of {writer}"}]

    answers = at_once(*(lambda n=n: api.put(path, {"stages": stages(n)}) for n in range(WRITERS)))
    assert statuses(answers) == {200: WRITERS}
    shown = api.get(path).json["data"]["stages"]
    writer = int(shown[-1]["name"].removeprefix("Of "))
    assert shown[:-1] == stages(writer)[:-1]
    assert shown == answers[writer].json["data"]["stages"]


# Taken and deleted


def taken(api: ApiClient, table: str) -> tuple[str, Json, Json]:
    """Return the path that deletes a new row, or removes a new stage, and resource and values that take it."""
    if table == "pipelines":
        row = create_row(api, table, stages=[{"name": "Only"}])
        return f"/{table}/{row['id']}", {"resource": "leads"}, {"pipeline_stage_id": row["stages"][0]["id"]}
    row, (resource, field) = create_row(api, table), USED_BY[table]
    return f"/{table}/{row['id']}", {"resource": resource}, {field: [row["id"]] if field == "labels" else row["id"]}


def takers(api: ApiClient, resource: str, values: Mapping[str, Any]) -> list[Callable[[], Any]]:
    """Return requests of each kind that have a record take a row."""
    records = [f"/{resource}/{api.create(resource)['id']}" for _ in range(2)]
    batch = {"items": [{**sample(resource), **values}]}
    return [
        lambda: api.post(f"/{resource}", {**sample(resource), **values}),
        lambda: api.put(records[0], values),
        lambda: api.post(f"/{resource}/batch/create", batch),
        lambda: api.put(f"{records[1]}", values),
    ]


@each_used
def test_a_row_is_not_taken_and_deleted_at_once(api: ApiClient, table: str) -> None:
    met: Counter[bool] = Counter()
    for turn in range(ROUNDS):
        path, named, values = taken(api, table)
        take = takers(api, named["resource"], values)[turn % 4]
        removal = (
            (lambda path=path: api.put(path, {"stages": []}))
            if (table, turn % 3) == ("pipelines", 0)
            else lambda path=path: api.delete(path)
        )
        took, removed = at_once(take, removal)
        assert (took.status_code, removed.status_code) in (*[(200, 409), (201, 409), (422, 204), (422, 200)],), (
            took.text,
            removed.text,
        )
        met[removed.status_code == 409] += 1
    assert sum(met.values()) == ROUNDS


@each_used
@pytest.mark.parametrize("kind", range(4))
def test_a_row_that_was_deleted_since_it_was_judged_is_refused(
    app: Flask, api: ApiClient, monkeypatch: pytest.MonkeyPatch, table: str, kind: int
) -> None:
    path, named, values = taken(api, table)
    take = takers(api, named["resource"], values)[kind]
    before = api.get(f"/{named['resource']}").json["meta"]["total"]
    judged, row = Reading.accepted, path.split("/")

    def delete_once(reading: Reading) -> dict[str, Any]:
        monkeypatch.setattr(Reading, "accepted", judged)
        delete_behind(app, table, row[2], values)
        return judged(reading)

    monkeypatch.setattr(Reading, "accepted", delete_once)
    assert api.errors(take()).keys() <= faults_of(values)
    assert api.get(f"/{named['resource']}").json["meta"]["total"] == before


def delete_behind(app: Flask, table: str, key: str, values: Mapping[str, Any]) -> None:
    """Delete the row that values take, behind the API's back."""
    model = PipelineStage if table == "pipelines" else WRITTEN[table].model
    taken_key = values.get("pipeline_stage_id", int(key) if key.isdecimal() else key)
    alter(app, model, taken_key, deleted_at=datetime.now(UTC))


def faults_of(values: Mapping[str, Any]) -> set[str]:
    (field,) = values
    path = f"{field}.0" if field == "labels" else field
    return {path, f"items.0.{path}"}


def test_a_deleted_label_is_kept_by_its_record_alone(api: ApiClient) -> None:
    row, other = create_row(api, "labels"), create_row(api, "labels")
    having, lacking = api.create("leads", labels=[row["id"]]), api.create("leads")
    assert api.delete(f"/labels/{row['id']}?force=true").status_code == 204
    both = [row["id"], other["id"]]
    items = [{"id": having["id"], "labels": both}, {"id": lacking["id"], "labels": both}]
    answer = api.post("/leads/batch/update", {"items": items, "atomic": False})
    assert [item["status"] for item in answer.json["data"]] == [200, 422]


@ON_POSTGRESQL
def test_a_deletion_waits_for_who_is_taking_the_row(app: Flask, api: ApiClient) -> None:
    row = create_row(api, "lead-sources")
    began = Event()

    def take(_: int) -> Any:
        with app.app_context(), transaction() as connection:
            statement = "SELECT id FROM lead_sources WHERE external_id = :key FOR KEY SHARE"
            row_id = connection.scalar(text(statement), {"key": row["id"]})
            began.set()
            connection.execute(text("SELECT pg_sleep(0.5)"))
            values = {"key": row_id, "lead": lead["id"]}
            connection.execute(text("UPDATE leads SET lead_source_id = :key WHERE external_id = :lead"), values)

    def delete(_: int) -> Any:
        began.wait(10)
        return api.delete(f"/lead-sources/{row['id']}")

    lead = api.create("leads")
    _, refused = in_parallel(2, 2, lambda number: (take, delete)[number](number))
    assert (refused.status_code, refused.json["records"]) == (409, 1)
