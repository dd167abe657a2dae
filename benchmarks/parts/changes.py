"""What the journal costs and saves: a 304 beside a 200, the feed of a long journal, writers that share its counter."""

import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from statistics import median
from typing import NamedTuple

import psycopg

from benchmarks.data import LEADS, Database, postgres, settle
from benchmarks.options import Options
from benchmarks.parts.growth import slowdown
from benchmarks.server import COUNT, Request, Server, serving
from benchmarks.turns import in_turns, ratio
from benchmarks.wrk import CONNECTIONS, Round, drive, drive_each

CHANGES = 10_000
MANY_CHANGES = 1_000_000
TEAMS = CONNECTIONS
ROUNDS = 5
SECONDS = 3

FILL_CHANGES = """
INSERT INTO changes (team_id, sequence, id, type, resource, record_id, version, occurred_at, user_id, user_name,
  token_id, token_name, request_id, changed)
SELECT 0, n, gen_random_uuid(), 'lead.updated', 'leads', leads.external_id, 2 + n / {leads}, now(), 1, 'Bench',
  1, 'api-token', gen_random_uuid(), format(
    '{{"title":{{"from":"Lead %s","to":"Lead %s, seen again"}},"amount":{{"from":%s.5,"to":%s.25}}}}', n, n, n, n + 100)
FROM generate_series({first}, {last}) n JOIN leads ON leads.id = 1 + n % {leads};
INSERT INTO counters (team_id, resource, last_number, live_records) VALUES (0, 'changes', {last}, 0)
ON CONFLICT (team_id, resource) DO UPDATE SET last_number = {last};
"""
FILL_TEAMS = """
INSERT INTO teams (name, created_at) SELECT 'Team ' || n, now() FROM generate_series(1, {teams}) n;
INSERT INTO memberships (user_id, team_id, role) SELECT users.id, teams.id, 'Owner' FROM users, teams;
"""


def measure(options: Options) -> dict[str, float]:
    """Return what a 304 of a show, a page of the feed and updates of one team and of eight cost."""
    rounds = options.rounds or ROUNDS
    print(f"PostgreSQL, leads: {LEADS:,}, connections: {CONNECTIONS}, rounds of {SECONDS} s or 100 requests: {rounds}")
    figures: dict[str, float] = {}
    for part in (not_modified, feed, updates):
        figures |= (found := part(rounds))
        for name, value in found.items():
            print(f"{name:36}{value:10.2f}")
    return figures


def not_modified(rounds: int) -> dict[str, float]:
    """Return the requests per second of a show that is answered with 304 and of one with 200, and their ratio."""
    with postgres("crm_bench_show", LEADS) as database, serving("wsgi:app", database) as server:
        lead = server.send(Request("GET", "/leads?page=200"))["data"][0]
        show = Request("GET", f"/leads/{lead['id']}")
        known = show._replace(headers={"If-None-Match": str(server.answer(show).headers["ETag"])})
        if (status := server.answer(known).status) != 304:
            sys.exit(f"A show with the tag of its last answer is a {status}.")
        pairs = in_turns(lambda: drive(server, known, SECONDS), lambda: drive(server, show, SECONDS), rounds)
    return {
        "not_modified_over_200": rates(pairs),
        "not_modified_per_second": rate(one for one, _ in pairs),
        "show_per_second": rate(other for _, other in pairs),
    }


def feed(rounds: int) -> dict[str, float]:
    """Return how many times longer a page of 500 changes takes in a long journal than in a short one."""
    with journal("crm_bench_short", CHANGES) as short, journal("crm_bench_long", MANY_CHANGES) as long:
        return {
            "feed_page_1m_over_10k": slowdown(long.server, long.middle, short.server, short.middle, rounds),
            "feed_first_page_1m_over_10k": slowdown(long.server, long.start, short.server, short.start, rounds),
            "feed_page_1m_ms": round(long.server.latency(long.middle), 2),
        }


class Journal(NamedTuple):
    """A server whose journal is full, and the requests of a page from its start and from its middle."""

    server: Server
    start: Request
    middle: Request


@contextmanager
def journal(name: str, changes: int) -> Iterator[Journal]:
    """Serve a database with so many changes; the cursor of its middle is that of now when it is half full."""
    page = "/changes?limit=500"
    with postgres(name, LEADS) as database, serving("wsgi:app", database) as server:
        fill_changes(database, 1, changes // 2)
        cursor = server.send(Request("GET", "/changes?after=latest"))["meta"]["cursor"]
        fill_changes(database, changes // 2 + 1, changes)
        settle(database.url)
        yield Journal(server, Request("GET", page), Request("GET", f"{page}&after={cursor}"))


def fill_changes(database: Database, first: int, last: int) -> None:
    """Note changes with these sequences."""
    with psycopg.connect(database.url) as connection:
        connection.execute(FILL_CHANGES.format(first=first, last=last, leads=LEADS))


def updates(rounds: int) -> dict[str, float]:
    """Return the requests per second of connections that update a lead each, of one team and of a team each."""
    with postgres("crm_bench_teams", LEADS) as database:
        with psycopg.connect(database.url) as connection:
            connection.execute(FILL_TEAMS.format(teams=TEAMS))
        with serving("wsgi:app", database, teams=True) as server:
            one_team = [update_in(server, 1) for _ in range(TEAMS)]
            each_its_own = [update_in(server, team_id) for team_id in range(1, TEAMS + 1)]
            pairs = in_turns(
                lambda: drive_each(server, each_its_own, SECONDS), lambda: drive_each(server, one_team, SECONDS), rounds
            )
    return {
        "updates_one_team": rate(other for _, other in pairs),
        "updates_eight_teams": rate(one for one, _ in pairs),
        "updates_eight_teams_over_one": rates(pairs),
    }


def update_in(server: Server, team_id: int) -> Request:
    """Make a lead in a team and return the request that changes it."""
    team = {"X-Team-ID": str(team_id)}
    lead = server.send(Request("POST", "/leads", {"title": "A new lead", "amount": 1500.5}, team))["data"]
    return Request("PUT", f"/leads/{lead['id']}", {"title": f"Title {COUNT}", "amount": 99.95}, team)


def rates(pairs: list[tuple[Round, Round]]) -> float:
    """Return the median over pairs of how many times as many requests per second the first has answered."""
    return ratio((one.rate, other.rate) for one, other in pairs).median


def rate(rounds: Iterable[Round]) -> float:
    """Return the median requests per second of rounds."""
    return round(median(each.rate for each in rounds), 1)
