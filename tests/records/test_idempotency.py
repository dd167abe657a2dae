"""`Idempotency-Key`: each write is done once, and its answer is kept in the same transaction (beyond, section 13)."""

from typing import Any

import pytest
from flask import Flask

from crm.records import kept_answers
from tests.conftest import MakeApp
from tests.support.client import UNKNOWN, UNKNOWN_PARTS, ApiClient, CommandLine, Teams, statements
from tests.support.described import description
from tests.support.factories import create_token, create_user, sample
from tests.support.record_parts import part_of
from tests.support.retries import USED, age_answers, check_replayed, contents, count_answers, keyed
from tests.support.writes import KEYED_WRITES, SHOWING_SECRETS, WRITES, WRITES_OF_RECORDS, ready_request

JSON = {"content_type": "application/json"}
GOOD = ["a", "!", "~", "a" * 255, 'a"b', "5f1c0f6e-2d0b-4a53", "a,b", "\\", "W/x"]
BAD = ["", '""', '"', '"""', '"a', 'a"', '"a""', "a b", " ", "a\tb", "\x7f", "ä", "a" * 256, f'"{"a" * 256}"', '" "']

each_write = pytest.mark.parametrize(("method", "path"), KEYED_WRITES)


@each_write
def test_every_write_is_done_once(api: ApiClient, app: Flask, method: str, path: str) -> None:
    path, body = ready_request(api, method, path)
    first = api.request(method, path, json=body, headers=keyed("once"))
    assert first.status_code in (200, 201, 202, 204), first.text
    assert ("Location" in first.headers) == (first.status_code == 201 and not part_of(path))
    after = contents(app)
    for _ in range(3):
        check_replayed(first, api.request(method, path, json=body, headers=keyed("once")))
    assert contents(app) == after
    assert count_answers(app) == 1


@each_write
def test_a_write_that_was_refused_has_not_used_its_key(api: ApiClient, app: Flask, method: str, path: str) -> None:
    target, body = ready_request(api, method, path)
    before = contents(app)
    if method == "DELETE":
        assert api.request(method, path, headers=keyed("free")).status_code == 404
    else:
        assert api.request(method, target, data=b"{", headers=keyed("free"), **JSON).status_code == 400
    if (method, path) in WRITES_OF_RECORDS:
        stale = keyed("free", **{"If-Match": '"77"'})
        assert api.request(method, target, json=body, headers=stale).status_code == 412
    assert contents(app) == before
    assert api.request(method, target, json=body, headers=keyed("free")).status_code < 300


def test_a_body_that_was_refused_has_not_used_its_key(api: ApiClient, app: Flask) -> None:
    assert api.post("/leads", {"title": None}, headers=keyed("free")).status_code == 422
    assert count_answers(app) == 0
    assert api.post("/leads", {"title": "Right"}, headers=keyed("free")).status_code == 201


def test_the_description_tells_of_keys_where_they_count() -> None:
    key = {"$ref": "#/components/parameters/IdempotencyKey"}
    operations = {
        (method, path): operation
        for path, methods in description()["paths"].items()
        for method, operation in methods.items()
    }
    writes = {(method, path) for method, path in operations if method != "get" and not path.startswith("/auth/")}
    writes -= {(method.lower(), path.replace(UNKNOWN, "{id}")) for method, path in SHOWING_SECRETS}
    assert {each for each, operation in operations.items() if key in operation.get("parameters", ())} == writes
    assert {each for each, operation in operations.items() if "409" in operation["responses"]} == writes
    assert len(writes) == len(KEYED_WRITES)


def test_only_the_writes_of_tokens_and_accounts_and_those_that_show_a_secret_take_no_key() -> None:
    assert {*WRITES} - {*KEYED_WRITES} == {
        *SHOWING_SECRETS,
        ("POST", "/auth/token"),
        ("DELETE", "/auth/token"),
        ("DELETE", "/auth/tokens"),
        ("DELETE", f"/auth/tokens/{UNKNOWN_PARTS['token_id']}"),
        ("PUT", "/auth/team"),
        ("PUT", "/auth/password"),
    }


def test_where_a_key_does_not_count_it_is_not_even_read(api: ApiClient, app: Flask) -> None:
    path = f"/leads/{api.create('leads')['id']}"
    for key in ("a", "", "a b"):
        for read in ("/leads", path, f"{path}/changes", "/changes", "/labels", "/auth/me"):
            assert api.get(read, headers=keyed(key)).status_code == 200
        assert api.post("/auth/token", headers=keyed(key)).status_code == 422
    tokens = [ApiClient(app, Authorization=f"Bearer {create_token(app, api.user_id)}") for _ in range(2)]
    assert [client.delete("/auth/token", headers=keyed("a")).status_code for client in tokens] == [204, 204]
    assert count_answers(app) == 0


# The key


@pytest.mark.parametrize("key", GOOD)
def test_a_key_is_visible_text_with_or_without_quotes(api: ApiClient, key: str) -> None:
    first = api.post("/leads", {"title": "Once"}, headers=keyed(key))
    assert first.status_code == 201
    for sent in (key, f'"{key}"'):
        check_replayed(first, api.post("/leads", {"title": "Once"}, headers=keyed(sent)))
    assert api.post("/leads", {"title": "Once"}, headers=keyed("other")).json != first.json


@pytest.mark.parametrize("key", BAD)
def test_any_other_key_is_a_400_that_names_the_header(api: ApiClient, app: Flask, key: str) -> None:
    for path in ("/leads", f"/leads/{UNKNOWN}/restore"):
        refused = api.post(path, {"title": "Never"}, headers=keyed(key))
        assert refused.status_code == 400
        assert "Idempotency-Key" in refused.json["message"]
    assert api.get("/leads").json["meta"]["total"] == count_answers(app) == 0


def test_keys_differ_in_case(api: ApiClient) -> None:
    made = [api.post("/leads", {"title": "x"}, headers=keyed(key)) for key in ("abc", "ABC")]
    assert [answer.headers.get("Idempotent-Replayed") for answer in made] == [None, None]


# What the same request is


def test_anything_else_with_a_used_key_is_a_422(api: ApiClient, app: Flask) -> None:
    path = f"/leads/{api.create('leads')['id']}"
    first = api.request("PUT", f"{path}?a=1", data=b'{"amount": 5}', headers=keyed("used"), **JSON)
    after = contents(app)
    others: list[tuple[str, str, bytes]] = [
        ("PATCH", f"{path}?a=1", b'{"amount": 5}'),
        ("PUT", f"{path}?a=1", b'{"amount":5}'),
        ("PUT", f"{path}?a=1", b'{"amount": 5} '),
        ("PUT", f"{path}?a=1", b""),
        ("PUT", f"{path}?a=%31", b'{"amount": 5}'),
        ("PUT", path, b'{"amount": 5}'),
        ("PUT", f"/leads/{UNKNOWN}?a=1", b'{"amount": 5}'),
        ("PUT", f"{path.upper().replace('LEADS', 'leads')}?a=1", b'{"amount": 5}'),
        ("DELETE", f"{path}?a=1", b'{"amount": 5}'),
        ("POST", f"{path}/restore?a=1", b'{"amount": 5}'),
        ("POST", "/leads?a=1", b'{"amount": 5}'),
        ("POST", "/people?a=1", b'{"amount": 5}'),
    ]
    for method, target, body in others:
        refused = api.request(method, target, data=body, headers=keyed("used"), **JSON)
        assert api.errors(refused) == USED, (method, target, body)
    assert contents(app) == after
    for target in (f"{path}?a=1", f"{path}/?a=1"):
        again = api.request("PUT", target, data=b'{"amount": 5}', headers=keyed("used"), **JSON)
        check_replayed(first, again)


def test_parts_of_a_request_are_told_apart_where_they_end(api: ApiClient) -> None:
    path = f"/leads/{api.create('leads')['id']}/restore"
    assert api.request("POST", f"{path}?x", data=b"{}", headers=keyed("k"), **JSON).status_code == 200
    assert api.errors(api.request("POST", path, data=b"x{}", headers=keyed("k"), **JSON)) == USED


def test_other_headers_do_not_matter_if_they_can_be_read(api: ApiClient, app: Flask) -> None:
    path = f"/leads/{api.create('leads')['id']}"
    first = api.put(path, {"amount": 5}, headers=keyed("k", **{"If-Match": '"1"'}))
    other_token = ApiClient(app, Authorization=f"Bearer {create_token(app, api.user_id)}")
    for others in ({}, {"If-Match": '"1"'}, {"If-Match": '"77"'}, {"If-None-Match": "*", "Content-Encoding": "gzip"}):
        for client in (api, other_token):
            again = client.put(path, {"amount": 5}, headers=keyed("k", **others, **{"X-Request-Id": "another"}))
            check_replayed(first, again)
            assert again.headers["X-Request-Id"] == "another"
    body = api.app.json.dumps({"amount": 5})
    raw = api.request("PUT", path, data=body, headers=keyed("raw"), **JSON)
    check_replayed(raw, api.request("PUT", path, data=body, headers=keyed("raw"), content_type="text/plain"))
    assert api.put(path, {"amount": 5}, headers=keyed("k", **{"If-Match": "1"})).status_code == 400


@pytest.mark.parametrize("field", [{"amount": 5}, {}], ids=["changed", "unchanged"])
def test_the_kept_answer_is_the_first_whatever_has_become_of_the_record(
    api: ApiClient, app: Flask, field: dict[str, Any]
) -> None:
    created = api.post("/leads", {"title": "First"}, headers=keyed("create"))
    path = f"/leads/{created.json['data']['id']}"
    updated = api.put(path, field, headers=keyed("update"))
    assert updated.status_code == 200
    api.put(path, {"title": "Second", "amount": 6})
    deleted = api.delete(path, headers=keyed("delete"))
    check_replayed(updated, api.put(path, field, headers=keyed("update")))
    restored = api.post(f"{path}/restore", headers=keyed("restore"))
    check_replayed(deleted, api.delete(path, headers=keyed("delete")))
    assert api.get(path).json["data"]["title"] == "Second"
    api.delete(path)
    check_replayed(created, api.post("/leads", {"title": "First"}, headers=keyed("create")))
    check_replayed(updated, api.put(path, field, headers=keyed("update")))
    check_replayed(restored, api.post(f"{path}/restore", headers=keyed("restore")))
    assert api.get(path).status_code == 404
    assert count_answers(app) == 4


def test_a_batch_of_which_some_items_failed_has_an_answer_that_is_kept(api: ApiClient, app: Flask) -> None:
    batch = {"items": [{"title": "Good"}, {}], "atomic": False}
    first = api.post("/leads/batch/create", batch, headers=keyed("k"))
    assert first.status_code == 207
    check_replayed(first, api.post("/leads/batch/create", batch, headers=keyed("k")))
    assert api.get("/leads").json["meta"]["total"] == 1


# Whose a key is


def test_a_key_is_another_one_in_another_team_and_of_another_user(teams: Teams) -> None:
    clients = (teams.ours, teams.theirs, teams.both, teams.in_b)
    made = [client.post("/leads", {"title": "x"}, headers=keyed("same")) for client in clients]
    assert len({answer.json["data"]["id"] for answer in made}) == 4
    for client, first in zip(clients, made, strict=True):
        check_replayed(first, client.post("/leads", {"title": "x"}, headers=keyed("same")))
        assert client.errors(client.post("/leads", {"title": "y"}, headers=keyed("same"))) == USED
    assert [client.get("/leads").json["meta"]["total"] for client in (teams.ours, teams.theirs)] == [2, 2]


# The order of refusals


def test_token_team_and_headers_come_before_the_key(teams: Teams) -> None:
    path = f"/leads/{teams.both.create('leads')['id']}"
    teams.both.put(path, {"amount": 5}, headers=keyed("k"))
    assert ApiClient(teams.app).put(path, {"amount": 5}, headers=keyed("a b")).status_code == 401
    elsewhere = keyed("a b", **{"X-Team-ID": "999"})
    assert teams.both.put(path, {"amount": 5}, headers=elsewhere).status_code == 403
    for headers, status in ((keyed("a b"), 400), (keyed("k", **{"If-Match": "1"}), 400), (keyed("k"), 422)):
        assert teams.both.put(f"/leads/{UNKNOWN}", {"amount": 6}, headers=headers).status_code == status


@pytest.mark.parametrize("key", ["a b", "used"])
def test_who_may_not_write_is_refused_whatever_the_key(api: ApiClient, app: Flask, key: str) -> None:
    path = f"/leads/{api.create('leads')['id']}"
    client = ApiClient(app, create_user(app, "Admin", email="ada@example.com"))
    assert client.put(path, {"amount": 5}, headers=keyed("used")).status_code == 200
    CommandLine(app).done("update-user", "ada@example.com", "--role", "Viewer")
    assert client.put(path, {"amount": 5}, headers=keyed(key)).status_code == 403


def test_a_replay_counts_for_the_limit(make_app: MakeApp) -> None:
    app = make_app(RATELIMIT_AUTHENTICATED="2 per minute")
    api = ApiClient(app, create_user(app))
    answers = [api.post("/leads", {"title": "x"}, headers=keyed("k")) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [201, 201, 429]


def test_a_used_key_comes_before_row_body_and_version(api: ApiClient, app: Flask) -> None:
    api.post("/leads", {"title": "x"}, headers=keyed("k"))
    path = f"/leads/{api.create('leads')['id']}"
    stale, large = {"If-Match": '"9"'}, b" " * (app.config["MAX_CONTENT_LENGTH"] + 1)
    for headers, target, body, content_type, unused in (
        ({}, f"/leads/{UNKNOWN}", b"{}", "application/json", 404),
        ({}, f"/leads/{UNKNOWN}", large, "text/plain", 404),
        ({}, path, large, "text/plain", 415),
        ({"Content-Encoding": "gzip"}, path, large, "application/json", 415),
        (stale, path, large, "application/json", 413),
        (stale, path, b"{", "application/json", 400),
        (stale, path, b'{"amount": -1}', "application/json", 422),
        (stale, path, b"{}", "application/json", 412),
    ):
        for key in ("k", "unused"):
            sent = {"data": body, "content_type": content_type, "headers": keyed(key, **headers)}
            answer = api.request("PUT", target, **sent)
            assert answer.status_code == (422 if key == "k" else unused), (key, unused)
            assert (answer.json.get("errors") == USED) == (key == "k")
    assert count_answers(app) == 1


def test_a_body_that_cannot_be_read_is_the_same_as_no_other(api: ApiClient, app: Flask) -> None:
    path = f"/leads/{api.create('leads')['id']}"
    large = {"data": b" " * (app.config["MAX_CONTENT_LENGTH"] + 1), "headers": keyed("k")}
    assert api.request("DELETE", path, **large).status_code == 204  # which takes no body
    assert api.errors(api.request("DELETE", path, **large)) == USED


# For how long


@pytest.mark.parametrize(("settings", "hours"), [({}, 48), ({"IDEMPOTENCY_HOURS": "2"}, 2)])
def test_a_key_counts_as_unused_after_its_time(make_app: MakeApp, settings: dict[str, str], hours: int) -> None:
    app = make_app(**settings)
    api = ApiClient(app, create_user(app))
    first = api.post("/leads", {"title": "First"}, headers=keyed("k"))
    age_answers(app, hours - 0.1)
    check_replayed(first, api.post("/leads", {"title": "First"}, headers=keyed("k")))
    age_answers(app, hours + 0.1)
    assert api.post("/leads", headers=keyed("k")).status_code == 422  # and is free again, not used
    second = api.post("/leads", {"title": "Second"}, headers=keyed("k"))
    assert second.status_code == 201
    check_replayed(second, api.post("/leads", {"title": "Second"}, headers=keyed("k")))
    assert api.errors(api.post("/leads", {"title": "First"}, headers=keyed("k"))) == USED
    assert count_answers(app) == 1


def test_each_write_with_a_key_removes_a_few_answers_past_their_time(api: ApiClient, app: Flask) -> None:
    for number in range(25):
        api.post("/leads", {"title": "Old"}, headers=keyed(f"old {number}".replace(" ", "-")))
    age_answers(app, 49)
    left = []
    for number in range(4):
        api.post("/leads", {"title": "New"}, headers=keyed(f"new-{number}"))
        left.append(count_answers(app))
    assert left == [16, 7, 3, 4]
    assert kept_answers.AT_ONCE > 10


# Its price


@each_write
def test_a_key_costs_three_statements(api: ApiClient, app: Flask, method: str, path: str) -> None:
    taken = []
    for headers in ({}, keyed("k"), keyed("k")):
        if len(taken) < 2:
            target, body = ready_request(api, method, path)
        with statements(app) as sent:
            assert api.request(method, target, json=body, headers=headers).status_code < 300
        taken.append(len(sent))
    without, first, again = taken
    assert first - without == 3
    assert again <= 6  # token, and claim and answer within a transaction


def test_a_document_is_answered_again_as_it_was(api: ApiClient) -> None:
    line = {"product_id": api.create("products")["id"], "quantity": 1, "unit_price": 1, "amount": 1}
    body = {**sample("quotes"), "title": "Ünïcode €", "line_items": [line] * 200}
    first = api.post("/quotes", body, headers=keyed("k"))
    check_replayed(first, api.post("/quotes", body, headers=keyed("k")))
    assert len(first.data) > 50_000
