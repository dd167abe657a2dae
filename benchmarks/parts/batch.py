"""What a batch saves: 100 leads in one request beside 100 requests, of one client on one kept connection, in turns."""

from contextlib import AbstractContextManager
from statistics import median

from benchmarks.data import LEADS, Database, embedded, postgres
from benchmarks.options import Options
from benchmarks.server import Request, Server, serving
from benchmarks.turns import in_turns, ratio
from benchmarks.workload import requests_to

ITEMS = 100
ROUNDS = 9


def measure(options: Options) -> dict[str, dict[str, float]]:
    """Return for each store how many times as many leads a second a batch creates, and how many."""
    rounds = options.rounds or ROUNDS
    print(f"leads: {LEADS:,}, one client, rounds of {ITEMS} leads with references and labels: {rounds}")
    figures: dict[str, dict[str, float]] = {"create_100_leads": {}, "leads_per_second": {}}
    for store, database in (("postgresql", postgres("crm_bench_batch", LEADS)), ("sqlite", embedded(LEADS))):
        pairs = on_store(database, rounds, is_embedded=store == "sqlite")
        figures["create_100_leads"][store] = times = ratio((single, batch) for batch, single in pairs).median
        figures["leads_per_second"][store] = rate = round(1000 * ITEMS / median(batch for batch, _ in pairs), 1)
        print(f"{store:12}{times:8.1f} times as many as singly, {rate:8.0f} a second")
    return figures


def on_store(made: AbstractContextManager[Database], rounds: int, *, is_embedded: bool) -> list[tuple[float, float]]:
    """Return pairs of the milliseconds that a batch takes and that as many single requests take."""
    with (
        made as database,
        serving("wsgi:app", database, redis=not is_embedded, workers=1 if is_embedded else 2) as server,
    ):
        single = requests_to(server)["create"]
        batch = Request("POST", "/leads/batch/create", {"items": [single.body] * ITEMS})
        return in_turns(lambda: server.latency(batch, times=3), lambda: total(server, single), rounds)


def total(server: Server, request: Request) -> float:
    """Return the milliseconds that ITEMS requests take, one after the other."""
    return server.latency(request, times=ITEMS) * ITEMS
