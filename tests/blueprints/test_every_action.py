"""Every action but `restore`: effect, answer, refusals, permissions, teams, and twenty at once (beyond, section 16).

What is declared is held against the cases of `tests/support/actions.py`, which are written by hand.
"""

from collections import Counter
from datetime import UTC, datetime, timedelta
from threading import Barrier
from typing import Any

import pytest
from flask import Flask

from crm.blueprints import resources_of
from tests.support.actions import ACTIONS, CASES, NOW, Refused, path_of, ready, take
from tests.support.changes import changes_of, count_changes
from tests.support.client import ApiClient, make_teams
from tests.support.factories import NAMES, create_user, full
from tests.support.sales import contents
from tests.support.server import in_parallel

Json = dict[str, Any]
AT_ONCE = 20

each_action = pytest.mark.parametrize(("resource", "name"), CASES, ids=["-".join(key) for key in CASES])
each_refusal = pytest.mark.parametrize(
    ("resource", "name", "refused"),
    [(*key, refused) for key, case in CASES.items() for refused in case.refused],
    ids=lambda value: "-".join(value.steps) if isinstance(value, Refused) else value,
)
each_that_leaves = pytest.mark.parametrize(
    ("resource", "name", "steps"),
    [(*key, steps) for key, case in CASES.items() for steps in case.leaves],
    ids=lambda value: "-".join(value) if isinstance(value, tuple) else value,
)


def whole(api: ApiClient, resource: str, name: str) -> Json:
    """Return a record with values in all fields on which an action has something to do."""
    return ready(api, resource, name, lambda: api.create(resource, **full(api, resource)))


def shown(api: ApiClient, resource: str, record: Json) -> Json:
    found: Json = api.get(f"/{resource}/{record['id']}").json["data"]
    return found


def is_now(moment: str) -> bool:
    return abs(datetime.now(UTC) - datetime.fromisoformat(moment)) < timedelta(minutes=1)


def test_every_action_has_a_case() -> None:
    assert {key for key in ACTIONS if key[1] != "restore"} == CASES.keys()
    assert {key for key in ACTIONS if key[1] == "restore"} == {(name, "restore") for name in NAMES}


@each_action
def test_what_is_declared_is_what_it_is_to_do(resource: str, name: str) -> None:
    action, case = ACTIONS[resource, name], CASES[resource, name]
    assert (action.word, action.permission) == (case.word, "edit")
    assert (action.makes.__tablename__ if action.makes else "") == case.makes
    assert bool(action.refused) == bool(case.refused)


@each_action
def test_an_action_does_what_it_says(api: ApiClient, resource: str, name: str) -> None:
    case, before = CASES[resource, name], whole(api, resource, name)
    answer = api.post(path_of(resource, before, name), case.body)
    after = shown(api, resource, before)
    if case.word:
        assert after["version"] == before["version"] + 1
        differing = {field for field in after if after[field] != before[field]} - {"version", "updated_at"}
        assert {field for field, value in case.changed.items() if before[field] != value} == differing
        for field, value in case.changed.items():
            assert is_now(after[field]) if value is NOW else after[field] == value
    else:
        assert after == before
    if not case.makes:
        assert (answer.status_code, answer.json["data"]) == (200, after)
        assert answer.headers["ETag"] == api.get(f"/{resource}/{before['id']}").headers["ETag"]
        assert "Location" not in answer.headers


@each_action
def test_an_action_has_its_word_in_the_journal(api: ApiClient, resource: str, name: str) -> None:
    case, record = CASES[resource, name], ready(api, resource, name)
    cursor = api.get("/changes?after=latest").json["meta"]["cursor"]
    answer = api.post(path_of(resource, record, name), case.body).json["data"]
    noted = [(change["type"], change["record_id"]) for change in api.get(f"/changes?after={cursor}").json["data"]]
    of_itself = [(f"{resource[:-1]}.{case.word}", record["id"])] if case.word else []
    of_made = [(f"{case.makes[:-1]}.created", answer["id"])] if case.makes else []
    assert noted == of_itself + of_made
    if case.word:
        last = changes_of(lambda path: api.get(path).json, f"/{resource}/{record['id']}")[-1]
        assert last["changed"].keys() <= case.changed.keys()
        assert last["user"]["id"] == api.user_id


@each_action
def test_what_is_made_is_answered(api: ApiClient, resource: str, name: str) -> None:
    case, record = CASES[resource, name], ready(api, resource, name)
    if not case.makes:
        return
    answer = api.post(path_of(resource, record, name))
    assert answer.status_code == 201
    made = answer.json["data"]
    assert (made["version"], made[resource[:-1]]["id"]) == (1, record["id"])
    assert made["created_at"] == made["updated_at"]
    path = f"/{case.makes}/{made['id']}"
    assert answer.headers["Location"] == f"http://localhost/crm/api/v2{path}"
    again = api.get(path)
    assert (again.json, again.headers["ETag"]) == (answer.json, answer.headers["ETag"])
    assert api.get(f"/{case.makes}").json["meta"]["total"] == 1


@each_refusal
def test_an_action_is_refused_and_changes_nothing(
    api: ApiClient, app: Flask, resource: str, name: str, refused: Refused
) -> None:
    record = api.create(resource)
    made = take(api, resource, record, refused.steps)
    before = contents(app)
    version = shown(api, resource, record)["version"]
    for headers in ({}, {"If-Match": f'"{version}"'}, {"Idempotency-Key": "free"}):
        answer = api.post(path_of(resource, record, name), CASES[resource, name].body, headers=headers)
        naming = {refused.names: made["id"]} if refused.names and made else {}
        assert (answer.status_code, answer.json) == (409, {"message": refused.message, **naming})
    assert contents(app) == before


@each_that_leaves
def test_an_action_that_has_nothing_to_do_changes_nothing(
    api: ApiClient, app: Flask, resource: str, name: str, steps: tuple[str, ...]
) -> None:
    record = api.create(resource)
    take(api, resource, record, steps)
    before, after_steps = contents(app), shown(api, resource, record)
    answer = api.post(path_of(resource, record, name))
    assert (answer.status_code, answer.json["data"]) == (200, after_steps)
    assert contents(app) == before


@each_action
def test_the_state_is_judged_after_the_version(api: ApiClient, resource: str, name: str) -> None:
    for refused in CASES[resource, name].refused:
        record = api.create(resource)
        take(api, resource, record, refused.steps)
        stale = api.post(path_of(resource, record, name), headers={"If-Match": '"77"'})
        assert stale.status_code == 412
        assert stale.headers["ETag"] == api.get(f"/{resource}/{record['id']}").headers["ETag"]


@each_action
def test_fields_and_include_are_those_of_what_is_answered(api: ApiClient, resource: str, name: str) -> None:
    case, record = CASES[resource, name], ready(api, resource, name)
    answered = case.makes or resource
    number = f"{answered[:-1]}_id"
    path = f"{path_of(resource, record, name)}?fields={number}&include=external_keys"
    assert api.post(path, headers={"If-Match": '"77"'}).status_code == 412
    assert set(api.errors(api.post(f"{path},nonsense"))) == {"include"}
    assert api.post(path).json["data"].keys() == {"id", number, "external_keys"}


@each_action
def test_an_action_needs_edit_and_create_on_what_it_makes(
    api: ApiClient, app: Flask, monkeypatch: pytest.MonkeyPatch, resource: str, name: str
) -> None:
    record, case = ready(api, resource, name), CASES[resource, name]
    path, before = path_of(resource, record, name), count_changes(app)
    employee = ApiClient(app, create_user(app, "Employee"))
    kinds = resources_of(app)
    needed = [(resource, "edit"), *([(case.makes, "create")] if case.makes else [])]
    for kind, verb in needed:
        with monkeypatch.context() as patched:
            patched.setattr(kinds[kind], "staff_verbs", {"view", "create", "edit", "delete"} - {verb})
            assert employee.post(path, headers={"If-Match": "unreadable"}).status_code == 403
    assert count_changes(app) == before
    with monkeypatch.context() as patched:
        patched.setattr(kinds[resource], "staff_verbs", {"edit"})
        assert employee.post(path, case.body).status_code < 300


@each_action
def test_an_action_stays_within_its_team(team_app: Flask, resource: str, name: str) -> None:
    teams, case = make_teams(team_app), CASES[resource, name]
    record = ready(teams.theirs, resource, name)
    path = path_of(resource, record, name)
    assert teams.ours.post(path, case.body).status_code == 404
    assert teams.both.post(path, case.body).status_code == 404
    assert shown(teams.theirs, resource, record) == record
    done = teams.in_b.post(path, case.body)
    assert done.status_code < 300
    if case.makes:
        assert teams.ours.get(f"/{case.makes}").json["data"] == []
        assert [made["id"] for made in teams.theirs.get(f"/{case.makes}").json["data"]] == [done.json["data"]["id"]]


@each_action
def test_a_deleted_record_is_not_there_for_an_action(api: ApiClient, resource: str, name: str) -> None:
    record = ready(api, resource, name)
    assert api.delete(f"/{resource}/{record['id']}").status_code == 204
    assert api.post(path_of(resource, record, name)).status_code == 404


@each_action
def test_of_twenty_at_once_one_succeeds(api: ApiClient, resource: str, name: str) -> None:
    case, record = CASES[resource, name], ready(api, resource, name)
    start = Barrier(AT_ONCE)
    cursor = api.get("/changes?after=latest").json["meta"]["cursor"]

    def act(_: int) -> int:
        start.wait()
        return api.post(path_of(resource, record, name), case.body).status_code

    statuses = Counter(in_parallel(AT_ONCE, AT_ONCE, act))
    success, late = (201 if case.makes else 200), (409 if case.refused and name != "reopen" else 200)
    assert statuses == ({200: AT_ONCE} if late == 200 else {success: 1, late: AT_ONCE - 1})
    noted = [change["type"] for change in api.get(f"/changes?after={cursor}").json["data"]]
    assert len(noted) == len(set(noted)) == bool(case.word) + bool(case.makes)
    if case.makes:
        assert api.get(f"/{case.makes}").json["meta"]["total"] == 1


@each_action
def test_an_action_is_found_by_the_number(api: ApiClient, resource: str, name: str) -> None:
    record = ready(api, resource, name)
    number = record[f"{resource[:-1]}_id"].lower()
    assert api.post(f"/{resource}/{number}/{name}", CASES[resource, name].body).status_code < 300
