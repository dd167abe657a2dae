"""Whatever lists are asked, a bounded number of statements is kept, and memory stays flat.

`make soak` asks 10,000 questions: CRM_TEST_SOAK_QUERIES is how many on each store.
"""

import gc
import os
import sys
from collections.abc import Callable
from random import Random

import pytest
from flask import Flask
from sqlalchemy import literal, select

from crm.blueprints import PREFIX
from crm.database.connections import cursor
from crm.database.query import Query, _CompiledQuery
from crm.lists import statements
from tests.support.client import ApiClient
from tests.support.factories import NAMES, create_user, sample
from tests.support.questions import random_question
from tests.support.stores import ON_POSTGRESQL

QUERIES = int(os.environ.get("CRM_TEST_SOAK_QUERIES", "800"))
SETTLING = 200
"""How many questions are the same before each look at memory, so that the same statements are kept then.

Statements differ in size: by which of them are kept, memory differs by a thousand pieces and more.
"""
KEPT = 4
"""How many statements of each kind a list keeps here, so that it soon has them all."""
MOST_KEPT = 256
MOST_GROWTH = 200 + QUERIES // 8
"""So many pieces of memory may be more in use after half of the questions than before: less than one for each."""
MOST_PREPARED = 100

Ask = Callable[[str], str | None]
"""Asks a path and returns that of the next page by cursor, if there is one."""


@pytest.fixture
def app(serve: Callable[[str], Flask], database: str, monkeypatch: pytest.MonkeyPatch) -> Flask:
    """An application of the test's own, whose lists keep fewer statements."""
    assert statements._KEPT == MOST_KEPT
    monkeypatch.setattr(statements, "_KEPT", KEPT)
    return serve(database)


@pytest.fixture
def ask(app: Flask) -> Ask:
    """What asks; there are five records of each resource."""
    api = ApiClient(app, create_user(app))
    for resource in NAMES:
        assert api.post(f"/{resource}/batch/create", {"items": [sample(resource)] * 5}).status_code == 200
    client = app.test_client(use_cookies=False)

    def ask(path: str) -> str | None:
        answer = client.get(PREFIX + path, headers=api.headers)
        assert answer.status_code == 200, (path, answer.text)
        following: str | None = answer.json["links"]["next"]
        return following.partition(PREFIX)[2] if following and "cursor=" in following else None

    return ask


def ask_many(ask: Ask, count: int, chance: Random) -> None:
    """Ask so many random questions, and go on where there is a cursor."""
    path = None
    for _ in range(count):
        path = ask(path or random_question(chance))


def compiled() -> int:
    """Return how many statements are kept by anything."""
    gc.collect()
    return sum(type(each) is _CompiledQuery for each in gc.get_objects())


def blocks() -> int:
    """Return how many pieces of memory are in use."""
    gc.collect()
    return sys.getallocatedblocks()


def test_memory_stays_flat(ask: Ask) -> None:
    chance, others = Random(3), compiled()

    def blocks_after_others() -> int:
        ask_many(ask, QUERIES // 2, chance)
        ask_many(ask, SETTLING, Random(1))
        return blocks()

    warm = blocks_after_others()
    assert blocks_after_others() - warm < MOST_GROWTH
    pages_and_counts = 2 * len(NAMES)
    assert KEPT * len(NAMES) < compiled() - others < (KEPT + 3) * pages_and_counts


def test_a_settled_query_is_without_its_statement(app: Flask) -> None:
    with app.app_context():
        query = Query(select(literal(1))).settled()
        assert not hasattr(query, "statement")
        assert query.rows() == [(1,)]


@ON_POSTGRESQL
def test_the_database_prepares_a_bounded_number_of_statements(app: Flask, ask: Ask) -> None:
    for size in range(1, MOST_PREPARED + 20):
        for _ in range(6):
            ask(f"/leads?sort=title&per_page={size}&count=false")
    ask_many(ask, 50, Random(4))
    sql = "SELECT count(*) FROM pg_prepared_statements"
    with app.app_context(), cursor(sql) as driver:
        ((prepared,),) = driver.execute(sql).fetchall()
    assert 0 < prepared <= MOST_PREPARED
