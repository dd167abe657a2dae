"""What it costs to tell: JSON lines to a file and metrics, in turns with a server that logs and counts nothing."""

from typing import Any

from benchmarks.data import LEADS, postgres
from benchmarks.options import Options
from benchmarks.server import WORKERS, free_port, serving
from benchmarks.turns import in_turns, ratio
from benchmarks.workload import requests_to
from benchmarks.wrk import CONNECTIONS, drive

ROUNDS = 9
SECONDS = 2
LEAST = 0.92
"""Of the requests per second of a server that tells nothing, how many one that does has to answer."""
SILENT = {"CRM_LOG_LEVEL": "critical"}


def measure(options: Options) -> dict[str, Any]:
    """Return for each kind of request how many a server answers that tells, over those of one that does not."""
    rounds = options.rounds or ROUNDS
    print(f"PostgreSQL, leads: {LEADS:,}, workers: {WORKERS}, connections: {CONNECTIONS}")
    print(f"With log and metrics over without, pairs of rounds of {SECONDS} s: {rounds}")
    telling = {"CRM_LOG_FORMAT": "json", "CRM_METRICS_BIND": f"127.0.0.1:{free_port()}"}
    results = {}
    with (
        postgres("crm_bench_logs", LEADS) as database,
        serving("wsgi:app", database, more=telling) as told,
        serving("wsgi:app", database, more=SILENT) as silent,
    ):
        print(f"{'':14}{'ratio':>8}{'lowest':>8}{'highest':>9}")
        for name, request in requests_to(silent).items():
            pairs = in_turns(lambda: drive(told, request, SECONDS), lambda: drive(silent, request, SECONDS), rounds)  # noqa: B023 (called at once)
            found = ratio((one.rate, other.rate) for one, other in pairs)
            results[name] = {"ratio": found.median, "lowest_ratio": found.low, "highest_ratio": found.high}
            print(f"{name:14}{found.median:8.3f}{found.low:8.3f}{found.high:9.3f}")
    return results


def missed(figures: dict[str, Any]) -> list[str]:
    """Return a line for each kind of request that telling costs too much."""
    ratios = {name: found["ratio"] for name, found in figures.items()}
    return [f"logs: {name} is {found}, less than {LEAST}." for name, found in ratios.items() if found < LEAST]
