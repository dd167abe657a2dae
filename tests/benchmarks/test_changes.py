"""What the part `changes` measures on, with a few rows: a journal that the feed follows, and leads of teams."""

import secrets

import psycopg
import pytest

from benchmarks.data import flask, postgres
from benchmarks.parts import changes
from benchmarks.server import serving
from tests.support.stores import ON_POSTGRESQL

LEADS = 60
CHANGES = 1200

pytestmark = ON_POSTGRESQL


@pytest.fixture
def name(database_url, redis_url, monkeypatch):
    """The name of a database to fill, and few leads in it."""
    monkeypatch.setattr("benchmarks.server.REDIS_URL", redis_url)
    monkeypatch.setattr(changes, "LEADS", LEADS)
    return f"crm_test_{secrets.token_hex(4)}"


def test_the_feed_is_read_from_the_start_and_from_the_middle(name):
    with changes.journal(name, CHANGES) as journal:
        for request, first in (journal.start, 1), (journal.middle, CHANGES // 2 + 1):
            page = journal.server.send(request)
            assert [change["sequence"] for change in page["data"]] == [*range(first, first + 500)]
            assert page["meta"]["has_more"]
        assert set(page["data"][0]["changed"]) == {"title", "amount"}


def test_a_journal_agrees_with_its_counter(name):
    with postgres(name, LEADS) as database:
        changes.fill_changes(database, 1, CHANGES)
        assert flask(database.url, "crm", "recount") == "0 counters mended.\n"


def test_each_connection_changes_a_lead_of_its_team(name):
    with postgres(name, LEADS) as database:
        with psycopg.connect(database.url) as connection:
            connection.execute(changes.FILL_TEAMS.format(teams=2))
        with serving("wsgi:app", database, teams=True) as server:
            for team_id in (1, 2, 2):
                server.send(changes.update_in(server, team_id))
        with psycopg.connect(database.url) as connection:
            noted = connection.execute("SELECT team_id, type FROM changes ORDER BY team_id, sequence").fetchall()
    assert noted == [(team_id, f"lead.{word}") for team_id in (1, 2, 2) for word in ("created", "updated")]
