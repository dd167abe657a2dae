"""Batches and own keys of many clients at the same moment: one record for each key, and nobody is turned away."""

from collections import Counter
from collections.abc import Iterator
from threading import Barrier
from typing import Any

import pytest
from flask import Flask

from tests.conftest import UNLIMITED, Serving
from tests.support.changes import read_lists
from tests.support.client import ApiClient
from tests.support.factories import create_token
from tests.support.server import Answer, Server, in_parallel

AT_ONCE = 50
CLIENTS = 12
KEYS = 50


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
