"""What row-level security costs: the same requests of one team, in turns with a copy of the database without it."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from sqlalchemy import make_url

from benchmarks.copies import pack
from benchmarks.data import EMAIL, LEADS, POSTGRES_URL, Database, created, flask, postgres
from benchmarks.options import Options
from benchmarks.parts.versions import check_same, compare, figures, show
from benchmarks.server import Request, Server, serving
from benchmarks.workload import requests_to

ROUNDS = 9
USER = "crm_bench_user"
TEAMS = {"CRM_TEAMS": "true"}
GUARDED = {**TEAMS, "CRM_ROW_SECURITY": "true"}
ASKED = {
    "search": Request("GET", "/leads?search=zebra&count=false"),
    "filter_contains": Request("GET", "/leads?filter[title][contains]=99&count=false"),
}
"""What is measured beside the five kinds of requests: texts, which policies keep from being looked up first."""


def measure(options: Options) -> dict[str, Any]:
    """Return the figures with row-level security and without it for each kind of request."""
    leads, rounds = options.leads or LEADS, options.rounds or ROUNDS
    print(f"PostgreSQL, leads of one team: {leads:,}; with row-level security over without, pairs of rounds: {rounds}")
    print(f"{'':14}{'ratio':>8}{'lowest':>8}{'highest':>9}{'with/s':>9}{'without/s':>9}{'CPU ratio':>11}")
    results: dict[str, Any] = {"leads": leads}
    with served(leads) as (guarded, bare):
        for name, request in {**requests_to(bare), **ASKED}.items():
            check_same(name, request, guarded, bare)
            results[name] = figures(compare(request, guarded, bare, rounds))
            show(name, results[name])
    return results


@contextmanager
def served(leads: int) -> Iterator[tuple[Server, Server]]:
    """Serve a database with row-level security, and one with the same rows without it."""
    with postgres("crm_bench_bare", leads) as bare:
        flask(bare.url, "crm", "create-team", "Bench", "--owner", EMAIL, "--adopt", **TEAMS)
        with plain_user(), created("crm_bench_guarded", template="crm_bench_bare") as url:
            flask(url, "db", "upgrade", **GUARDED)
            own = give_away(url)
            for each in (bare.url, url):
                pack(each)
            with (
                serving("wsgi:app", Database(own, bare.token), teams=True, row_security=True) as guarded,
                serving("wsgi:app", bare, teams=True) as other,
            ):
                yield guarded, other


@contextmanager
def plain_user() -> Iterator[None]:
    """Have a user of PostgreSQL who is no superuser, until the block ends."""
    with psycopg.connect(POSTGRES_URL, autocommit=True) as server:
        server.execute(f"DROP ROLE IF EXISTS {USER}")
        server.execute(f"CREATE ROLE {USER} LOGIN")
        yield
        server.execute(f"DROP ROLE {USER}")


def give_away(url: str) -> str:
    """Give the user all tables of a database, and return the URL by which the user works on it."""
    with psycopg.connect(url, autocommit=True) as connection:
        for (table,) in connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall():
            connection.execute(f"ALTER TABLE {table} OWNER TO {USER}")
    return make_url(url).set(username=USER).render_as_string(hide_password=False)
