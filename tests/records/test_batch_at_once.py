"""Batches and own keys of many clients at the same moment: one record for each key, and nobody is turned away."""

from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from flask import Flask

from tests.conftest import UNLIMITED, Serving
from tests.support.changes import read_lists
from tests.support.client import ApiClient
from tests.support.factories import create_token
from tests.support.faults import session
from tests.support.server import Answer, Server, in_parallel, wait_until
from tests.support.stores import ON_POSTGRESQL

AT_ONCE = 50
CLIENTS = 12
KEYS = 50
BLOCKED = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"


@pytest.fixture
def server(serving: Serving, app: Flask, api: ApiClient, database_url: str, redis_url: str) -> Iterator[Server]:
    """A server of several workers on the test's database."""
    settings = {"CRM_DATABASE_URL": database_url, "CRM_SECRET_KEY": app.config["SECRET_KEY"]}
    settings |= {"CRM_RATELIMIT_STORAGE_URL": redis_url, **UNLIMITED}
    with serving(settings, create_token(app, api.user_id), "--workers", "4") as server:
        yield server


def keyed_leads(api: ApiClient) -> dict[str, Any]:
    """Return all leads by their own keys, of which each has one."""
    leads = read_lists(lambda path: api.get(f"{path}&include=external_keys").json)
    found = {lead["external_keys"]["erp"]: lead for lead in leads.values()}
    assert len(found) == len(leads)
    return found


def test_fifty_puts_of_a_new_key_make_one_record(server: Server, api: ApiClient) -> None:
    start = Barrier(AT_ONCE)

    def put(client: int) -> list[Answer]:
        answers = []
        for turn in range(5):
            start.wait()
            path, body = f"/leads/by/erp/{turn}", {"title": f"Client {client}"}
            answers.append(server.request("PUT" if client % 2 else "PATCH", path, body))
        return answers

    for same in zip(*in_parallel(AT_ONCE, AT_ONCE, put), strict=True):
        assert Counter(answer.status for answer in same) == {201: 1, 200: AT_ONCE - 1}
        assert len({answer.data["data"]["id"] for answer in same}) == 1
        assert sorted(answer.data["data"]["version"] for answer in same) == [*range(1, AT_ONCE + 1)]
    assert {lead["version"] for lead in keyed_leads(api).values()} == {AT_ONCE}


def test_overlapping_batches_in_opposite_orders_make_one_record_of_each_key(server: Server, api: ApiClient) -> None:
    start = Barrier(CLIENTS)

    def upsert(client: int) -> list[Answer]:
        answers = []
        for turn in range(6):
            first = (client * 7 + turn * 3) % (KEYS // 2)
            keys = range(first, first + KEYS // 2)
            order = keys if client % 2 else reversed(keys)
            items = [{"key": {"source": "erp", "key": f"{turn} {key}"}, "title": f"{client} {turn}"} for key in order]
            start.wait()
            answers.append(server.request("POST", "/leads/batch/upsert", {"items": items, "atomic": client % 3 > 0}))
        return answers

    answers = [answer for each in in_parallel(CLIENTS, CLIENTS, upsert) for answer in each]
    assert Counter(answer.status for answer in answers) == {200: len(answers)}
    results = [item for answer in answers for item in answer.data["data"]]
    made = [item["data"]["id"] for item in results if item["status"] == 201]
    leads = keyed_leads(api)
    assert sorted(made) == sorted(lead["id"] for lead in leads.values())
    assert sum(lead["version"] for lead in leads.values()) == len(results)


def test_records_that_are_put_changed_and_deleted_by_key_come_and_go_whole(server: Server, api: ApiClient) -> None:
    start = Barrier(CLIENTS)

    def work(client: int) -> list[Answer]:
        keys = [{"source": "erp", "key": str(key)} for key in range(20)]
        by_turns = keys if client % 2 else keys[::-1]
        batches: list[tuple[str, list[Any]]] = [
            ("upsert", [{"key": key, "title": f"Client {client}"} for key in by_turns]),
            ("update", [{"id": key, "amount": client} for key in by_turns]),
            ("delete", [{"id": key} for key in by_turns]),
        ]
        start.wait()
        return [
            server.request("POST", f"/leads/batch/{verb}", {"items": items, "atomic": False})
            for turn in range(4)
            for verb, items in batches[(client + turn) % 3 :] + batches[: (client + turn) % 3]
        ]

    answers = [answer for each in in_parallel(CLIENTS, CLIENTS, work) for answer in each]
    assert {answer.status for answer in answers} <= {200, 207}
    items = [item for answer in answers for item in answer.data["data"]]
    refused = [item["errors"] for item in items if item["status"] == 422]
    assert {repr(errors) for errors in refused} <= {"{'id': ['The selected id is invalid.']}"}
    counts = Counter(item["status"] for item in items)
    assert counts[201] - counts[204] == len(keyed_leads(api)) == api.get("/leads").json["meta"]["total"]


def test_of_many_batches_for_one_version_one_succeeds(server: Server, api: ApiClient) -> None:
    ids = [api.create("leads")["id"] for _ in range(20)]
    start = Barrier(CLIENTS)

    def change(client: int) -> Answer:
        items = [{"id": lead, "version": 1, "title": f"Client {client}"} for lead in (ids if client % 2 else ids[::-1])]
        start.wait()
        return server.request("POST", "/leads/batch/update", {"items": items})

    answers = in_parallel(CLIENTS, CLIENTS, change)
    assert Counter(answer.status for answer in answers) == {200: 1, 422: CLIENTS - 1}
    titles = {lead["title"] for lead in api.get("/leads?per_page=100").json["data"]}
    assert len(titles) == 1


def while_it_waits(url: str, lock: str, write: Callable[[], Any], *meanwhile: str) -> Any:
    """Have a write wait for what a statement locks, run others in the transaction that has it, return the answer."""
    with ThreadPoolExecutor(1) as pool, session(url) as other, session(url) as watcher:
        with other.transaction():
            other.execute(lock)
            answer = pool.submit(write)
            wait_until(lambda: watcher.execute(BLOCKED).fetchone() == (1,))
            for statement in meanwhile:
                other.execute(statement)
        return answer.result(20)


@ON_POSTGRESQL
@pytest.mark.parametrize("many", [False, True])
def test_a_delete_that_waits_for_the_counter_still_has_its_keys(api: ApiClient, database_url: str, many: bool) -> None:
    api.create("leads", external_keys={"erp": "1"})
    item = {"id": {"source": "erp", "key": "1"}}

    def delete() -> int:
        answer = api.post("/leads/batch/delete", {"items": [item]}) if many else api.delete("/leads/by/erp/1")
        return answer.status_code

    counter = "SELECT FROM counters WHERE resource = 'leads' FOR UPDATE"
    keys = "SELECT FROM external_keys WHERE key = '1' FOR UPDATE NOWAIT"  # as who makes a record waits for one
    assert while_it_waits(database_url, counter, delete, keys) == (200 if many else 204)


MOVED = "UPDATE external_keys SET record_id = (SELECT id FROM leads WHERE title = 'other') WHERE key = '1'"
GONE = "DELETE FROM external_keys WHERE key = '1'"
CHANGED = "UPDATE external_keys SET key = '2' WHERE key = '1'"


@ON_POSTGRESQL
@pytest.mark.parametrize("many", [False, True])
@pytest.mark.parametrize(("meanwhile", "status"), [(MOVED, 200), (GONE, 201), (CHANGED, 201)])
def test_a_put_that_has_waited_is_for_the_record_that_has_the_key_then(
    api: ApiClient, database_url: str, many: bool, meanwhile: str, status: int
) -> None:
    first = api.create("leads", title="first", external_keys={"erp": "1"})
    other = api.create("leads", title="other")
    item = {"key": {"source": "erp", "key": "1"}, "title": "put"}

    def put() -> tuple[int, Any]:
        if not many:
            answer = api.put("/leads/by/erp/1", {"title": "put"})
            return answer.status_code, answer.json["data"]
        ((done,),) = (api.post("/leads/batch/upsert", {"items": [item]}).json["data"],)
        return done["status"], done["data"]

    lock = "SELECT FROM leads WHERE title = 'first' FOR UPDATE"
    answered, lead = while_it_waits(database_url, lock, put, meanwhile)
    assert (answered, lead["title"]) == (status, "put")
    assert api.get(f"/leads/{first['id']}").json["data"] == first
    assert (lead["id"] == other["id"]) == (meanwhile == MOVED)
    assert api.get("/leads/by/erp/1").json["data"] == lead


@ON_POSTGRESQL
@pytest.mark.parametrize("many", [False, True])
def test_a_delete_by_key_spares_a_record_that_has_lost_the_key(api: ApiClient, database_url: str, many: bool) -> None:
    first = api.create("leads", title="first", external_keys={"erp": "1"})
    item = {"id": {"source": "erp", "key": "1"}}

    def delete() -> int:
        answer = api.post("/leads/batch/delete", {"items": [item]}) if many else api.delete("/leads/by/erp/1")
        return answer.status_code

    lock = "SELECT FROM leads WHERE title = 'first' FOR UPDATE"
    assert while_it_waits(database_url, lock, delete, GONE) == (422 if many else 404)
    assert api.get(f"/leads/{first['id']}").json["data"] == first
