"""PostgreSQL and Redis beside the floor: how much of what is possible the API gives."""

import sys
from statistics import median
from typing import Any

from benchmarks.data import LEADS, postgres
from benchmarks.options import Options
from benchmarks.server import WORKERS, Request, Server, serving
from benchmarks.turns import in_turns, ratio
from benchmarks.workload import comparable, requests_to
from benchmarks.wrk import CONNECTIONS, Round, drive

ROUNDS = 5
SECONDS = 2


def measure(options: Options) -> dict[str, Any]:
    """Return the figures of the application and of the floor for each kind of request."""
    rounds = options.rounds or ROUNDS
    print(
        f"PostgreSQL, leads: {LEADS:,}, workers: {WORKERS}, connections: {CONNECTIONS}, rounds of {SECONDS} s: {rounds}"
    )
    with (
        postgres("crm_bench_floor", LEADS) as database,
        serving("wsgi:app", database) as ours,
        serving("benchmarks.floor.app:app", database) as floor,
    ):
        results: dict[str, Any] = {}
        print(f"{'':14}{'requests/s':>12}{'p50 ms':>9}{'p99 ms':>9}{'CPU ms':>9}{'floor/s':>10}{'ratio':>8}")
        for name, request in requests_to(ours).items():
            check_equal(name, request, ours, floor)
            results[name] = figures(compare(request, ours, floor, rounds))
            show(name, results[name])
        results["worker_rss_mb"] = round(ours.memory(), 1)
    print(f"memory of a worker after this: {results['worker_rss_mb']} MB")
    return results


def check_equal(name: str, request: Request, ours: Server, floor: Server) -> None:
    """Stop unless both answer the same, byte for byte after sorting keys."""
    bodies = [comparable(server.send(request), server) for server in (ours, floor)]
    if bodies[0] != bodies[1]:
        sys.exit(f"The floor answers another body for {name}:\n{bodies[0]}\n{bodies[1]}")


def compare(request: Request, ours: Server, floor: Server, rounds: int) -> list[tuple[Round, Round]]:
    """Return rounds of the application, each with one of the floor."""
    return in_turns(lambda: drive(ours, request, SECONDS), lambda: drive(floor, request, SECONDS), rounds)


def figures(pairs: list[tuple[Round, Round]]) -> dict[str, float]:
    """Return the medians of rounds, each of the application and then of the floor."""
    ours, floor = zip(*pairs, strict=True)
    return {
        "ratio_to_floor": ratio((a.rate, b.rate) for a, b in pairs).median,
        "requests_per_second": round(median(r.rate for r in ours), 1),
        "floor_requests_per_second": round(median(r.rate for r in floor), 1),
        "p50_ms": round(median(r.p50 for r in ours), 2),
        "p99_ms": round(median(r.p99 for r in ours), 2),
        "cpu_ms": round(median(r.cpu for r in ours), 3),
        "floor_cpu_ms": round(median(r.cpu for r in floor), 3),
    }


def show(name: str, shown: dict[str, float]) -> None:
    """Print a line of the table."""
    print(
        f"{name:14}{shown['requests_per_second']:12.0f}{shown['p50_ms']:9.2f}{shown['p99_ms']:9.2f}"
        f"{shown['cpu_ms']:9.2f}{shown['floor_requests_per_second']:10.0f}{shown['ratio_to_floor']:8.2f}"
    )
