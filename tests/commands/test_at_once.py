"""Commands that run at the same moment, as the replicas of a deployment start them (contract, section 9)."""

import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from crm import create_app
from crm.access.accounts import AccountError, create_user
from crm.commands.seed import seed
from crm.extensions import db
from tests.support.databases import LOOKUP_TABLES, SECRET_KEY, empty_database, seeded_ids
from tests.support.server import ROOT, in_parallel, own_environ
from tests.support.stores import STORES

COMMANDS = [["crm", "setup"], ["crm", "setup"], ["db", "upgrade"], ["crm", "setup"]]


def run_at_once(url: str, commands: list[list[str]], **settings: str) -> list[str]:
    """Return what commands print, each in a process of its own, which all have to succeed."""
    environ = own_environ({"CRM_DATABASE_URL": url, "CRM_SECRET_KEY": SECRET_KEY, **settings})
    options: dict[str, Any] = {"cwd": ROOT, "env": environ, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    processes = [
        subprocess.Popen([sys.executable, "-m", "flask", "--app", "wsgi", *command], text=True, **options)
        for command in commands
    ]
    results = [(*process.communicate(timeout=120), process.returncode) for process in processes]
    assert [code for _, _, code in results] == [0] * len(commands), results
    return [printed for printed, _, _ in results]


@pytest.mark.parametrize("teams", ["false", "true"], ids=["no teams", "teams"])
@pytest.mark.parametrize("store", STORES)
def test_an_empty_database_is_set_up_once_by_however_many(store: str, teams: str, tmp_path: Path) -> None:
    url = empty_database(store)
    printed = run_at_once(url, COMMANDS, CRM_TEAMS=teams)
    assert sum("A first user was made" in each for each in printed) == 1
    app = create_app({"CRM_DATABASE_URL": url, "CRM_SECRET_KEY": SECRET_KEY, "CRM_TEAMS": teams}, str(tmp_path))
    assert count_rows(app, "users", "teams") == [1, 1 if teams == "true" else 0]
    assert count_rows(app, *LOOKUP_TABLES) == [seeded_ids(store)[name] for name in LOOKUP_TABLES]


def count_rows(app: Flask, *names: str) -> list[int]:
    """Return how many rows each of these tables has."""
    with app.app_context():
        counts = [db.session.scalar(select(func.count()).select_from(db.metadata.tables[name])) for name in names]
        db.session.remove()
        db.engine.dispose()
    return counts


def exchange(app: Flask, rows: Mapping[str, Any]) -> dict[str, Any]:
    """Let these be the look-up rows, by table, and return those that were there."""
    tables = [table for table in db.metadata.sorted_tables if table.name in LOOKUP_TABLES]
    with app.app_context(), db.engine.begin() as connection:
        before = {table.name: [row._asdict() for row in connection.execute(table.select())] for table in tables}
        for table in reversed(tables):
            connection.execute(table.delete())
        for table in tables:
            if table.name in rows:
                connection.execute(table.insert(), rows[table.name])
    return before


@pytest.fixture
def bare_app(app: Flask) -> Iterator[Flask]:
    """An application without a look-up row. They are put back at the end, ids and all, as other tests expect them."""
    seeded = exchange(app, {})
    yield app
    exchange(app, seeded)


def test_look_up_rows_are_seeded_once_by_however_many(bare_app: Flask) -> None:
    def seed_once(_: int) -> int:
        with bare_app.app_context():
            return seed()

    added = sorted(in_parallel(6, 6, seed_once))
    assert added[:-1] == [0] * 5
    assert added[-1] == sum(count_rows(bare_app, *LOOKUP_TABLES))


def test_a_user_who_is_added_many_times_at_once_is_there_once(app: Flask) -> None:
    def add(number: int) -> str:
        with app.app_context():
            try:
                return str(create_user("jane@example.com", f"Jane {number}", "a long secret", "Owner").email)
            except AccountError as error:
                return error.message

    outcomes = Counter(in_parallel(6, 6, add))
    assert outcomes == {"jane@example.com": 1, "The email jane@example.com is in use.": 5}
