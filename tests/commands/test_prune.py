"""`flask crm prune`: what it says, and that answers kept for retries go after their time, whatever of changes."""

from typing import Any

import pytest
from flask import Flask

from crm.records import kept_answers
from tests.conftest import MakeApp
from tests.support.client import ApiClient, CommandLine
from tests.support.factories import create_user
from tests.support.retries import age_answers, check_replayed, count_answers, keyed

FOR_EVER = "Changes are kept for ever: CRM_CHANGES_DAYS is not set.\n"
NO_MESSAGES = "0 webhook messages older than 30 days.\n"
NO_TOKENS = "0 expired tokens older than 30 days.\n"
NO_MORE = f"Removed {NO_MESSAGES}Removed {NO_TOKENS}"


def post(app: Flask, user: int, *keys: str) -> list[Any]:
    return [ApiClient(app, user).post("/leads", {"title": "x"}, headers=keyed(key)) for key in keys]


def test_answers_go_after_their_time_though_changes_are_kept_for_ever(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kept_answers, "AT_ONCE", 2)
    user = create_user(app)
    post(app, user, "a", "b", "c", "d", "e")
    age_answers(app, hours=49)
    commands = CommandLine(app)
    assert commands.done("prune", "--dry-run") == (
        f"{FOR_EVER}Would remove 5 kept answers older than 48 hours.\n"
        f"Would remove {NO_MESSAGES}Would remove {NO_TOKENS}"
    )
    assert count_answers(app) == 5
    assert commands.done("prune") == f"{FOR_EVER}Removed 5 kept answers older than 48 hours.\n{NO_MORE}"
    assert commands.done("prune") == f"{FOR_EVER}Removed 0 kept answers older than 48 hours.\n{NO_MORE}"
    assert count_answers(app) == 0


def test_younger_answers_stay(app: Flask) -> None:
    user = create_user(app)
    (first,) = post(app, user, "a")
    age_answers(app, hours=47)
    CommandLine(app).done("prune")
    (again,) = post(app, user, "a")
    check_replayed(first, again)


def test_each_kind_has_a_line_of_its_own(make_app: MakeApp) -> None:
    app = make_app(CHANGES_DAYS="1", IDEMPOTENCY_HOURS="1")
    post(app, create_user(app), "a")
    age_answers(app, hours=2)
    said = CommandLine(app).done("prune")
    assert said == f"Removed 0 changes older than 1 day.\nRemoved 1 kept answer older than 1 hour.\n{NO_MORE}"
