"""What it costs to find people by e-mail and phone in a long list: each beside the first page that asks nothing."""

import psycopg

from benchmarks.data import Database, created, prepare, settle
from benchmarks.options import Options
from benchmarks.parts.growth import slowdown
from benchmarks.server import Request, serving

PEOPLE = 1_000_000
ROUNDS = 3
SHARED = 1000
"""How many people have one e-mail address and phone number in common."""

FILL = f"""
INSERT INTO people (external_id, first_name, last_name, search_text, created_at, updated_at)
SELECT gen_random_uuid(), 'First ' || n, 'Last ' || n,
  format(E'first %s\\nlast %s\\nfirst.last.%s@customers.example.com\\noffice.%s@example.org\\n+44 20 %s\\n4420%s',
    n, n, n, n % {{people}} / {SHARED}, 10000000 + n, 10000000 + n), moment, moment
FROM generate_series(1, {{people}}) n,
  LATERAL (SELECT date_trunc('second', now() - ({{people}} - n) * interval '400 days' / {{people}}) AS moment) m;
INSERT INTO people_emails (record_id, position, team_id, address, key, "primary")
SELECT id, 1, 0, address, address, true
FROM people, LATERAL (SELECT format('first.last.%s@customers.example.com', id) AS address) a
UNION ALL
SELECT id, 2, 0, address, address, false
FROM people, LATERAL (SELECT format('office.%s@example.org', id % {{people}} / {SHARED}) AS address) a;
INSERT INTO people_phones (record_id, position, team_id, number, key, "primary")
SELECT id, 1, 0, '+44 20 ' || 10000000 + id, '4420' || 10000000 + id, true FROM people;
INSERT INTO counters (team_id, resource, last_number, live_records) VALUES (0, 'people', 1000 + {{people}}, {{people}});
"""


def measure(options: Options) -> dict[str, float]:
    """Return how many times as long each question takes as the first page."""
    rounds = options.rounds or ROUNDS
    print(f"PostgreSQL, people: {PEOPLE:,}, one client, rounds of 100 requests: {rounds}")
    figures = {}
    with created("crm_bench_contacts") as url:
        database = fill(url, PEOPLE)
        with serving("wsgi:app", database) as server:
            first = Request("GET", "/people?count=false")
            for name, query in questions(PEOPLE).items():
                asked = Request("GET", f"/people?count=false&{query}")
                figures[name] = slowdown(server, asked, server, first, rounds)
                print(f"{name:24}{figures[name]:8.2f}")
    return figures


def fill(url: str, people: int) -> Database:
    """Fill a database with so many people, and return it with a token."""
    token = prepare(url)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(FILL.format(people=people))
    settle(url)
    return Database(url, token)


def questions(people: int) -> dict[str, str]:
    """Return the queries that are asked, by their names: of a person amid the others, and of the oldest thousand."""
    amid = people // 2 + 123
    return {
        "filter_email": f"filter[email]=First.Last.{amid}@customers.example.com",
        "filter_email_of_oldest": "filter[email]=office.0@example.org",
        "filter_phone": f"filter[phone]=%2B44-20-{10000000 + amid}",
        "search_email": f"search=first.last.{amid}@customers.example.com",
        "search_email_of_oldest": "search=office.0@example.org",
        "search_part_of_email": f"search=last.{amid}@",
        "search_phone": f"search={10000000 + amid}",
    }
