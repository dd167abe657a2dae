"""A backup that is restored and written to again: an old cursor has expired or goes on right, never silently wrong."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from crm.changes.pruning import prune_changes
from crm.extensions import db
from crm.models.types import now
from tests.support.changes import Follower, read_lists
from tests.support.client import ApiClient
from tests.support.databases import copied_database
from tests.support.factories import create_user

Json = dict[str, Any]
EXPIRED = "The cursor has expired. Read everything again, then follow from a new cursor."


class ExpiredError(Exception):
    """The feed has answered 410."""


@dataclass
class Crm:
    """An application, of which backups are made and restored."""

    serve: Callable[[str], Flask]
    url: str
    api: ApiClient = field(init=False)
    leads: list[str] = field(default_factory=list)
    """The paths of leads."""

    def __post_init__(self) -> None:
        app = self.serve(self.url)
        self.api = ApiClient(app, create_user(app))

    def ask(self, path: str) -> Json:
        answer = self.api.get(path)
        if answer.status_code == 410:
            assert answer.json == {"message": EXPIRED}
            raise ExpiredError
        assert answer.status_code == 200, answer.text
        return answer.json

    def create(self) -> None:
        self.leads.append(f"/leads/{self.api.create('leads')['id']}")

    def change(self, lead: int, title: str) -> None:
        assert self.api.put(self.leads[lead], {"title": title}).json["data"]["title"] == title

    def delete(self, lead: int) -> None:
        assert self.api.delete(self.leads[lead]).status_code == 204

    def latest(self) -> str:
        return self.ask("/changes?after=latest")["meta"]["cursor"]

    def follow(self, cursor: str) -> list[int]:
        """Return the sequences of the changes after a cursor. Raises ExpiredError."""
        return [change["sequence"] for change in self.ask(f"/changes?after={cursor}")["data"]]

    def backup(self) -> str:
        """Return the URL of a copy of the database."""
        with self.api.app.app_context():
            db.engine.dispose()
        return copied_database(self.url)

    def restore(self, backup: str) -> None:
        """Serve a backup from now on."""
        headers = self.api.headers
        self.url = backup
        self.api = ApiClient(self.serve(backup), **headers)

    def prune(self) -> int:
        """Remove all changes."""
        with self.api.app.app_context():
            return sum(prune_changes(now() + timedelta(seconds=1)))


@pytest.fixture
def crm(serve: Callable[[str], Flask], database: str) -> Crm:
    return Crm(serve, database)


def is_expired(crm: Crm, cursor: str) -> bool:
    try:
        crm.follow(cursor)
    except ExpiredError:
        return True
    return False


def test_cursors_of_before_a_backup_go_on_and_those_of_what_is_lost_have_expired(crm: Crm) -> None:
    cursors = [crm.latest()]  # of an empty journal
    backups = []
    for _ in range(4):
        crm.create()
        cursors.append(crm.latest())
        if len(cursors) == 3:
            backups.append(crm.backup())
    crm.restore(*backups)
    for last in (2, 3, 4, 5):  # before what is lost, at each of its places, and beyond it
        assert [crm.follow(cursor) for cursor in cursors[:3]] == [[*range(n + 1, last + 1)] for n in range(3)]
        assert [is_expired(crm, cursor) for cursor in cursors[3:]] == [True, True]
        crm.create()
    assert crm.follow(crm.latest()) == []


@pytest.mark.parametrize("pruned", ["before the backup", "in the backup", "in what is lost"])
def test_cursors_are_judged_as_right_after_pruning(crm: Crm, pruned: str) -> None:
    cursors = [crm.latest()]
    for _ in range(3):
        crm.create()
        cursors.append(crm.latest())
    if pruned == "before the backup":
        crm.prune()
    backup = crm.backup()
    crm.create()
    cursors.append(crm.latest())
    if pruned == "in what is lost":
        crm.prune()
        assert crm.follow(cursors[4]) == []
    crm.restore(backup)
    crm.create()
    if pruned == "in the backup":
        crm.prune()
    kept = {"before the backup": [3], "in the backup": [], "in what is lost": [0, 1, 2, 3]}[pruned]
    for n, cursor in enumerate(cursors):
        assert is_expired(crm, cursor) == (n not in kept), n
    assert [crm.follow(cursors[n]) for n in kept] == [[*range(n + 1, 5)] for n in kept]
    newest = crm.latest()
    crm.create()
    assert crm.follow(newest) == [5]


def test_no_copy_is_silently_wrong_however_far_its_follower_was(crm: Crm) -> None:
    """Each follower reads one change at a time, with its record as that is by then."""
    followers: list[Follower] = []

    def write(*writes: Callable[[], None]) -> None:
        """Have a follower for each place of the journal after each write."""
        for each in writes:
            each()
            known = crm.ask("/changes?limit=500")["data"]
            for pages in range(1, len(known) + 1):
                follower = Follower(crm.ask, limit=1)
                for _ in range(pages):
                    follower.read_page()
                followers.append(follower)

    write(crm.create, crm.create, lambda: crm.change(0, "Kept"))
    backup = crm.backup()
    write(lambda: crm.change(1, "Lost"), lambda: crm.delete(0), crm.create)
    assert len(followers) == sum(range(7))
    crm.restore(backup)
    outcomes = set()
    for again in (lambda: None, crm.create, crm.create, lambda: crm.change(1, "Again"), lambda: crm.delete(1)):
        again()
        listed = read_lists(crm.ask)
        for follower in followers:
            try:
                assert follower.fork().catch_up() == listed
                outcomes.add("right")
            except ExpiredError:
                outcomes.add("expired")
    assert outcomes == {"right", "expired"}
