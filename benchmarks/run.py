"""Measure the API beside the floor, print a table, and write benchmarks/results.json: `make bench`.

Both are driven in turns, so that what else the machine does falls on both; the table shows medians.
"""

import json
import sys
from contextlib import ExitStack
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.data import Database, embedded, postgres
from benchmarks.growth import growth
from benchmarks.load import CONNECTIONS, WORKERS, Request, Round, Server, serving

ROUNDS = 5
SECONDS = 2
RESULTS = Path(__file__).parent / "results.json"
LABELS = 2


def main() -> None:
    """Measure everything and write the results."""
    with ExitStack() as stack:
        small = stack.enter_context(postgres("crm_bench_small", 10_000))
        results: dict[str, Any] = compare(small)
        large = stack.enter_context(postgres("crm_bench_large", 1_000_000))
        results["growth"] = growth(small, large)
    results["sqlite"] = sqlite()
    RESULTS.write_text(json.dumps(results, indent=2) + "\n")
    print(f"Written to {RESULTS}")


def compare(database: Database) -> dict[str, Any]:
    """Return the figures of the application and of the floor for each kind of request."""
    print(f"PostgreSQL, 10,000 leads, {WORKERS} workers, {CONNECTIONS} connections, {ROUNDS} rounds of {SECONDS} s")
    with serving("wsgi:app", database) as ours, serving("benchmarks.floor:app", database) as floor:
        results: dict[str, Any] = {}
        print(f"{'':14}{'requests/s':>12}{'p50 ms':>9}{'p99 ms':>9}{'CPU ms':>9}{'floor/s':>10}{'ratio':>8}")
        for name, request in requests_to(ours).items():
            check_equal(name, request, ours, floor)
            rounds = [(ours.drive(request, SECONDS), floor.drive(request, SECONDS)) for _ in range(ROUNDS)]
            results[name] = figures(rounds)
            shown = results[name]
            print(
                f"{name:14}{shown['requests_per_second']:12.0f}{shown['p50_ms']:9.2f}{shown['p99_ms']:9.2f}"
                f"{shown['cpu_ms']:9.2f}{shown['floor_requests_per_second']:10.0f}{shown['ratio_to_floor']:8.2f}"
            )
        results["worker_rss_mb"] = round(ours.memory(), 1)
        print(f"memory of a worker after this: {results['worker_rss_mb']} MB")
    return results


def requests_to(server: Server) -> dict[str, Request]:
    """Return what is measured, made of the ids that the server has."""
    leads = server.send(Request("GET", "/leads"))["data"]
    lead = next(lead for lead in leads if lead["person"] and lead["organization"])
    pipelines = server.send(Request("GET", "/pipelines"))["data"]
    stages = next(pipeline["stages"] for pipeline in pipelines if pipeline["resource"] == "leads")
    labels = [label["id"] for label in server.send(Request("GET", "/labels"))["data"][:LABELS]]
    new = {
        "title": "A new lead",
        "amount": 1500.5,
        "person_id": lead["person"]["id"],
        "organization_id": lead["organization"]["id"],
        "pipeline_stage_id": stages[0]["id"],
        "labels": labels,
    }
    return {
        "list": Request("GET", "/leads"),
        "show": Request("GET", f"/leads/{lead['id']}"),
        "list_quotes": Request("GET", "/quotes"),
        "update": Request("PUT", f"/leads/{lead['id']}", {"title": "Another title", "amount": 99.95}),
        "create": Request("POST", "/leads", new),
    }


def check_equal(name: str, request: Request, ours: Server, floor: Server) -> None:
    """Stop unless both answer the same, byte for byte after sorting keys."""
    bodies = [comparable(server.send(request), server) for server in (ours, floor)]
    if bodies[0] != bodies[1]:
        sys.exit(f"The floor answers another body for {name}:\n{bodies[0]}\n{bodies[1]}")


def comparable(answer: Any, server: Server) -> str:
    """Return an answer as text with sorted keys, without what differs between two creations or two servers."""
    if isinstance(answer["data"], dict):
        own = {"id", "lead_id", "created_at", "updated_at"}
        answer = {name: value for name, value in answer["data"].items() if name not in own}
    return json.dumps(answer, sort_keys=True).replace(f":{server.port}/", "/")


def figures(rounds: list[tuple[Round, Round]]) -> dict[str, float]:
    """Return the medians of rounds, each of the application and then of the floor."""
    ours, floor = ([pair[side] for pair in rounds] for side in (0, 1))
    rate, floor_rate = median(r.rate for r in ours), median(r.rate for r in floor)
    return {
        "ratio_to_floor": round(median(a.rate / b.rate for a, b in rounds), 3),
        "requests_per_second": round(rate, 1),
        "floor_requests_per_second": round(floor_rate, 1),
        "p50_ms": round(median(r.p50 for r in ours), 2),
        "p99_ms": round(median(r.p99 for r in ours), 2),
        "cpu_ms": round(median(r.cpu for r in ours), 3),
        "floor_cpu_ms": round(median(r.cpu for r in floor), 3),
    }


def sqlite() -> dict[str, Any]:
    """Return the figures of the embedded default: one worker, SQLite, limits counted in memory."""
    print("SQLite, 10,000 leads, 1 worker")
    with embedded(10_000) as database, serving("wsgi:app", database, redis=False, workers=1) as server:
        results = {}
        for name, request in requests_to(server).items():
            rounds = [server.drive(request, SECONDS) for _ in range(ROUNDS)]
            results[name] = {
                "requests_per_second": round(median(r.rate for r in rounds), 1),
                "p50_ms": round(median(r.p50 for r in rounds), 2),
                "p99_ms": round(median(r.p99 for r in rounds), 2),
            }
            print(
                f"{name:14}{results[name]['requests_per_second']:12.0f}{results[name]['p50_ms']:9.2f}"
                f"{results[name]['p99_ms']:9.2f}"
            )
        return results


if __name__ == "__main__":
    main()
