"""Turning teams on while a server without them still writes (contract, section 4)."""

import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, insert, select

from crm.access.adoption import adopt_records, end_writes_without_team
from crm.extensions import db
from crm.models import RECORDS, Lead, Team
from tests.conftest import MakeApp
from tests.support.client import ApiClient, CommandLine
from tests.support.factories import NAMES, create_team, create_user, sample
from tests.support.faults import session
from tests.support.retries import age_answers, check_replayed, keyed
from tests.support.server import in_parallel, wait_until
from tests.support.stores import ON_POSTGRESQL

BLOCKED = (
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    " AND pid <> pg_backend_pid()"
)
WRITERS = 6
ROUNDS = 60
"""How many rounds each writer does at most: they end when they are refused."""


def is_refused(answer: Any) -> bool:
    return answer.status_code == 503 and answer.headers["Retry-After"] == "5"


@pytest.mark.parametrize("adopt", [True, False], ids=["adopted", "left"])
@pytest.mark.parametrize("resource", NAMES)
def test_with_the_first_team_every_write_without_one_ends(
    app: Flask, team_app: Flask, api: ApiClient, resource: str, adopt: bool, caplog: pytest.LogCaptureFixture
) -> None:
    live, deleted = (f"/{resource}/{api.create(resource)['id']}" for _ in range(2))
    api.delete(deleted)
    create_team(app, api.user_id, adopt=adopt)

    for method, path in [("POST", f"/{resource}"), ("PUT", live), ("DELETE", live), ("POST", f"{deleted}/restore")]:
        assert is_refused(api.request(method, path, json=sample(resource))), (method, path)

    assert "CRM_TEAMS=true" in caplog.text
    assert api.get(live).status_code == 200
    assert CommandLine(team_app).done("recount") == "0 counters mended.\n"


def test_a_write_that_is_refused_for_its_body_is_refused_for_that(app: Flask, api: ApiClient) -> None:
    create_team(app, api.user_id)
    assert api.post("/leads").status_code == 422


@pytest.mark.parametrize("resource", ["leads", "quotes"])
def test_nothing_is_lost_when_a_team_adopts_all_records_while_others_write(make_app: MakeApp, resource: str) -> None:
    alone, together = make_app(), make_app(TEAMS="true")
    owner = create_user(alone)
    api = ApiClient(alone, owner)
    kept = [api.create(resource) for _ in range(WRITERS)]
    written: list[dict[str, Any]] = []
    statuses: Counter[int] = Counter()

    def write(writer: int) -> None:
        path = f"/{resource}/{kept[writer]['id']}"
        for turn in range(ROUNDS):
            made = api.post(f"/{resource}", sample(resource))
            if made.status_code == 201:
                written.append(made.json["data"])
            others = [
                api.put(path, {"description": f"Turn {turn}"}),
                api.delete(path),
                api.post(f"{path}/restore"),
            ]
            statuses.update(answer.status_code for answer in (made, *others))
            if 503 in (answer.status_code for answer in others):
                break

    writing = threading.Thread(target=in_parallel, args=(WRITERS, WRITERS, write))
    writing.start()
    wait_until(lambda: len(written) > WRITERS)
    create_team(alone, owner, adopt=True)
    after = {api.post(f"/{resource}", sample(resource)).status_code for _ in range(3)}
    writing.join()

    assert after == {503}
    assert {*statuses} <= {200, 201, 204, 404, 503}
    assert CommandLine(together).done("recount") == "0 counters mended.\n"
    in_team = ApiClient(together, owner)
    with together.app_context():
        assert [db.session.scalar(select(func.count()).where(model.team_id.is_(None))) for model in RECORDS] == [0] * 8
        db.session.remove()
    assert all(in_team.get(f"/{resource}/{record['id']}").status_code == 200 for record in written)
    column = "lead_id" if resource == "leads" else "quote_id"
    numbers = [record[column] for record in (*written, in_team.create(resource))]
    assert len({*numbers}) == len(numbers)


def test_an_adopting_team_takes_the_kept_answers_along(app: Flask, team_app: Flask, api: ApiClient) -> None:
    first = api.post("/leads", {"title": "Once"}, headers=keyed("kept"))
    create_team(app, api.user_id, adopt=True)
    assert is_refused(api.post("/leads", {"title": "Once"}, headers=keyed("kept")))
    in_team = ApiClient(team_app, api.user_id)
    check_replayed(first, in_team.post("/leads", {"title": "Once"}, headers=keyed("kept")))
    assert in_team.get("/leads").json["meta"]["total"] == 1


@ON_POSTGRESQL
def test_a_write_that_uses_an_old_key_anew_does_not_end_the_adoption(
    app: Flask, api: ApiClient, database_url: str
) -> None:
    """It has locked the row of its key and waits for the team: so the adopting one must not wait for that row."""
    api.post("/leads", {"title": "Old"}, headers=keyed("old"))
    age_answers(app, hours=49)
    with session(database_url) as watcher, ThreadPoolExecutor(1) as pool, app.app_context():
        with db.engine.connect() as connection:
            connection.exec_driver_sql("SET LOCAL deadlock_timeout = '1ms'")
            end_writes_without_team(connection)
            team_id = connection.scalar(insert(Team).values(name="First").returning(Team.id))
            answer = pool.submit(api.post, "/leads", {"title": "New"}, headers=keyed("old"))
            wait_until(lambda: watcher.execute(BLOCKED).fetchone() == (1,))
            adopt_records(connection, team_id)
            connection.rollback()
        assert answer.result().status_code == 201


def test_of_two_first_teams_made_at_once_both_are_there(app: Flask, api: ApiClient) -> None:
    api.create("leads")
    team_ids = in_parallel(2, 2, lambda _: create_team(app, api.user_id, adopt=True))
    assert len({*team_ids}) == 2
    with app.app_context():
        assert db.session.scalar(select(Lead.team_id)) in team_ids
        db.session.remove()
