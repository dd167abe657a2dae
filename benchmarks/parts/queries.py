"""What questions cost in a long list: each beside the first page that asks nothing, of one client, in turns."""

from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from urllib.parse import quote

from benchmarks.data import Database, embedded, postgres
from benchmarks.options import Options
from benchmarks.parts.growth import slowdown
from benchmarks.server import Request, Server, serving

ON_POSTGRESQL = 1_000_000
ON_SQLITE = 100_000
ROUNDS = 3
PAGES = 1000
RARE = "zebra"
"""A word that stands in few leads."""


def measure(options: Options) -> dict[str, float]:
    """Return how many times as long each question takes as the first page; on SQLite under names of their own."""
    rounds = options.rounds or ROUNDS
    figures = on_store(postgres("crm_bench_queries", ON_POSTGRESQL), rounds, f"PostgreSQL, leads: {ON_POSTGRESQL:,}")
    embedded_figures = on_store(embedded(ON_SQLITE), rounds, f"SQLite, leads: {ON_SQLITE:,}", is_embedded=True)
    return {**figures, **{f"sqlite_{name}": value for name, value in embedded_figures.items()}}


def on_store(
    made: AbstractContextManager[Database], rounds: int, title: str, *, is_embedded: bool = False
) -> dict[str, float]:
    """Return the figures of one store."""
    print(f"{title}, one client, rounds of 100 requests: {rounds}")
    figures = {}
    workers = 1 if is_embedded else 2
    with made as database, serving("wsgi:app", database, redis=not is_embedded, workers=workers) as server:
        first = Request("GET", "/leads?count=false")
        for name, query in questions(server).items():
            asked = Request("GET", f"/leads?count=false&{query}")
            figures[name] = slowdown(server, asked, server, first, rounds)
            print(f"{name:24}{figures[name]:8.2f}")
        begin, far = Request("GET", "/leads?cursor="), Request("GET", f"/leads?cursor={walk(server)}")
        figures[f"cursor_page_{PAGES}"] = slowdown(server, far, server, begin, rounds)
        print(f"{'cursor_page_' + str(PAGES):24}{figures[f'cursor_page_{PAGES}']:8.2f}")
    return figures


def questions(server: Server) -> dict[str, str]:
    """Return the queries that are asked, by their names."""
    leads = server.send(Request("GET", "/leads?page=200&include=external_keys"))["data"]
    lead = next(each for each in leads if each["person"] and each["organization"])
    sorts = ("title", "amount", "created_at", "updated_at")
    moment = datetime.fromisoformat(lead["created_at"]).astimezone(UTC)
    day = quote((moment - timedelta(days=1)).isoformat())
    amount = lead["amount"] or 1000
    return {
        **{f"sort_{name}": f"sort={name}" for name in sorts},
        **{f"sort_{name}_descending": f"sort=-{name}" for name in sorts},
        "filter_person": f"filter[person_id]={lead['person']['id']}",
        "filter_organization": f"filter[organization_id]={lead['organization']['id']}",
        "filter_stage": f"filter[pipeline_stage_id]={(lead['pipeline_stage'] or {}).get('id', lead['id'])}",
        "filter_source": f"filter[lead_source_id]={(lead['lead_source'] or {}).get('id', lead['id'])}",
        "filter_owner": "filter[user_owner_id]=1",
        "filter_number": f"filter[lead_id]={lead['lead_id']}",
        "filter_own_key": "filter[external_keys.bench]=" + quote(lead["external_keys"].get("bench", "none")),
        "range_created_at": f"filter[created_at][gte]={day}&filter[created_at][lt]={quote(moment.isoformat())}",
        "range_amount": f"filter[amount][gte]={amount}&filter[amount][lt]={amount * 1.001}",
        "search_few": f"search={RARE}",
        "search_many": "search=lead",
    }


def walk(server: Server) -> str:
    """Return the cursor of a page far out, reached in large steps."""
    cursor = ""
    for _ in range(PAGES // 4):
        cursor = server.send(Request("GET", f"/leads?per_page=100&fields=id&cursor={cursor}"))["meta"]["next_cursor"]
    return cursor
