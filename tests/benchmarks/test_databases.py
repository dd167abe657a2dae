"""The databases that are measured on, with a few rows: they fit the models, and the floor answers as the API does."""

import contextlib
import secrets
import sqlite3

import psycopg
import pytest
from sqlalchemy import make_url

from benchmarks.copies import copied_on_postgres, copied_on_sqlite, filled_by
from benchmarks.data import flask
from benchmarks.parts.floor import check_equal
from benchmarks.server import serving
from benchmarks.trees import HERE
from benchmarks.workload import requests_to
from tests.support.stores import STORES

LEADS = 60
pytestmark = pytest.mark.xdist_group("benchmarks")  # one process fills each store, once


@pytest.fixture(scope="module", params=STORES)
def database(request):
    """A database of each store that a base has filled, here this tree."""
    on_postgres = f"postgres('crm_test_{secrets.token_hex(4)}', {LEADS})"
    with filled_by(HERE, f"embedded({LEADS})" if request.param == "sqlite" else on_postgres) as made:
        yield made


def leads(url):
    """Return how many leads a database holds."""
    where = make_url(url)
    with contextlib.closing(sqlite3.connect(where.database) if "sqlite" in url else psycopg.connect(url)) as connection:
        return connection.execute("SELECT count(*) FROM leads").fetchone()[0]


def test_a_copy_has_the_same_rows_and_fits_the_models(database):
    copied = copied_on_sqlite if "sqlite" in database.url else copied_on_postgres
    with copied(database) as copy:
        assert copy.url != database.url
        assert leads(copy.url) == leads(database.url) >= LEADS
        assert flask(copy.url, "crm", "recount") == "0 counters mended.\n"


@pytest.mark.usefixtures("redis_url")
@pytest.mark.parametrize("database", ["postgresql"], indirect=True, scope="module")
def test_the_floor_answers_as_the_api_does(database, redis_url, monkeypatch):
    monkeypatch.setattr("benchmarks.server.REDIS_URL", redis_url)
    with serving("wsgi:app", database) as ours, serving("benchmarks.floor.app:app", database) as floor:
        for name, request in requests_to(ours).items():
            check_equal(name, request, ours, floor)
