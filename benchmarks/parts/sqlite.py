"""The embedded default: one worker, SQLite, limits counted in memory."""

from statistics import median
from typing import Any

from benchmarks.data import LEADS, embedded
from benchmarks.options import Options
from benchmarks.server import serving
from benchmarks.workload import requests_to
from benchmarks.wrk import CONNECTIONS, Round, drive

ROUNDS = 5
SECONDS = 2


def measure(options: Options) -> dict[str, Any]:
    """Return the figures of each kind of request."""
    rounds = options.rounds or ROUNDS
    print(f"SQLite, leads: {LEADS:,}, workers: 1, connections: {CONNECTIONS}, rounds of {SECONDS} s: {rounds}")
    with embedded(LEADS) as database, serving("wsgi:app", database, redis=False, workers=1) as server:
        results = {}
        print(f"{'':14}{'requests/s':>12}{'p50 ms':>9}{'p99 ms':>9}")
        for name, request in requests_to(server).items():
            results[name] = shown = figures([drive(server, request, SECONDS) for _ in range(rounds)])
            print(f"{name:14}{shown['requests_per_second']:12.0f}{shown['p50_ms']:9.2f}{shown['p99_ms']:9.2f}")
        return results


def figures(rounds: list[Round]) -> dict[str, float]:
    """Return the medians of rounds."""
    return {
        "requests_per_second": round(median(r.rate for r in rounds), 1),
        "p50_ms": round(median(r.p50 for r in rounds), 2),
        "p99_ms": round(median(r.p99 for r in rounds), 2),
    }
