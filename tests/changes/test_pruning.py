"""`flask crm prune`: what is kept no longer goes, and whoever has missed something is told."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import update

from crm.changes import pruning
from crm.extensions import db
from crm.models import Change
from crm.models.types import now
from tests.support.changes import count_changes
from tests.support.client import ApiClient, CommandLine, make_teams

Age = Callable[..., None]


@pytest.fixture
def aging(make_app: Any) -> Flask:
    """An application that keeps changes for thirty days."""
    return make_app(CHANGES_DAYS="30")


def age(app: Flask, *sequences: int, days: int = 31) -> None:
    """Have changes been made so many days ago."""
    with app.app_context():
        chosen = update(Change).where(Change.sequence.in_(sequences))
        db.session.execute(chosen.values(occurred_at=now() - timedelta(days=days)))
        db.session.commit()


def feed_of(api: ApiClient, query: str = "") -> tuple[list[int], str]:
    page = api.get(f"/changes?{query}").json
    return [change["sequence"] for change in page["data"]], page["meta"]["cursor"]


def pruned(app: Flask, *options: str) -> str:
    """Return what the command says of changes, which is its first line."""
    return CommandLine(app).done("prune", *options).splitlines()[0]


def user_of(app: Flask) -> ApiClient:
    from tests.support.factories import create_user

    return ApiClient(app, create_user(app))


def test_old_changes_go_and_the_sequence_counts_on(aging: Flask) -> None:
    api = user_of(aging)
    path = f"/leads/{api.create('leads')['id']}"
    for amount in range(4):
        api.put(path, {"amount": amount})
    cursors = [feed_of(api, f"limit={limit}")[1] for limit in range(1, 6)]
    age(aging, 1, 2, 3)
    assert pruned(aging, "--dry-run") == "Would remove 3 changes older than 30 days."
    assert feed_of(api)[0] == [1, 2, 3, 4, 5]
    assert pruned(aging) == "Removed 3 changes older than 30 days."
    assert pruned(aging) == "Removed 0 changes older than 30 days."
    assert feed_of(api)[0] == [4, 5]  # it begins at the oldest that is kept
    assert api.get(f"{path}/changes").json["meta"]["total"] == 2
    statuses = [api.get(f"/changes?after={cursor}").status_code for cursor in cursors]
    assert statuses == [410, 410, 200, 200, 200]  # the third has missed nothing
    assert feed_of(api, f"after={cursors[2]}")[0] == [4, 5]


def test_after_everything_is_pruned_old_cursors_go_on(aging: Flask) -> None:
    api = user_of(aging)
    path = f"/leads/{api.create('leads')['id']}"
    api.put(path, {"amount": 1})
    first, last = feed_of(api, "limit=1")[1], feed_of(api)[1]
    age(aging, 1, 2)
    CommandLine(aging).done("prune")
    assert feed_of(api) == ([], feed_of(api, "after=latest")[1])
    assert api.get(f"/changes?after={first}").status_code == 410
    assert feed_of(api, f"after={last}")[0] == []
    api.put(path, {"amount": 2})
    assert feed_of(api, f"after={last}")[0] == feed_of(api)[0] == [3]
    assert api.get(path).json["data"]["version"] == 3


def test_a_cursor_of_before_the_first_change_has_missed_what_was_pruned(aging: Flask) -> None:
    api = user_of(aging)
    start = feed_of(api)[1]
    api.create("leads")
    age(aging, 1)
    assert feed_of(api, f"after={start}")[0] == [1]
    CommandLine(aging).done("prune")
    assert api.get(f"/changes?after={start}").status_code == 410


def test_where_an_older_change_has_the_later_time_the_cursor_of_now_is_good(aging: Flask) -> None:
    api = user_of(aging)
    api.create("leads")
    api.create("leads")
    age(aging, 2)  # a clock was put back between the two
    CommandLine(aging).done("prune")
    assert feed_of(api, f"after={feed_of(api, 'after=latest')[1]}")[0] == []
    assert feed_of(api, f"after={feed_of(api)[1]}")[0] == []


def test_all_teams_are_pruned_in_portions(make_app: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pruning, "AT_ONCE", 2)
    app = make_app(TEAMS="true", CHANGES_DAYS="1")
    teams = make_teams(app)
    for client, how_many in ((teams.ours, 5), (teams.theirs, 3)):
        for _ in range(how_many):
            client.create("leads")
    age(app, 1, 2, 3, 4, days=2)
    assert pruned(app) == "Removed 7 changes older than 1 day."
    assert feed_of(teams.ours)[0] == [5]
    teams.theirs.create("leads")
    assert feed_of(teams.theirs)[0] == [4]
    assert count_changes(app) == 2


def test_changes_are_kept_for_ever_unless_a_setting_says_otherwise(api: ApiClient) -> None:
    api.create("leads")
    age(api.app, 1, days=5000)
    for options in ((), ("--dry-run",)):
        assert pruned(api.app, *options) == "Changes are kept for ever: CRM_CHANGES_DAYS is not set."
    assert count_changes(api.app) == 1


def test_a_change_as_old_as_may_be_is_kept(aging: Flask) -> None:
    api = user_of(aging)
    api.create("leads")
    age(aging, 1, days=29)
    assert pruned(aging) == "Removed 0 changes older than 30 days."
