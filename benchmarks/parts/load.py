"""A working day in minutes: mixed traffic of many teams at a part of what the server can do, and what must hold."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from statistics import median
from threading import Event, Thread
from typing import Any, NamedTuple

import psycopg

from benchmarks.data import Database, created, prepare, settle
from benchmarks.options import Options
from benchmarks.pace import Sent, at_once, at_rate, send_all
from benchmarks.parts.webhooks import percentile
from benchmarks.server import LIMIT, WORKERS, Server, free_port, serving
from benchmarks.traffic import WEIGHTS, Size, add_people, jobs, log_in_all

NAME = "crm_bench_load"
MINUTES = 10
CAPACITY_SECONDS = 20
CLIENTS = 16
PART = 0.6
"""Of the requests per second that are possible, how many are sent."""
SPREAD = 8
"""How many times the median the 99th percentile may be of any kind of request, but for log-ins."""
GROWTH = 1.05
"""How many times the memory of its first minute a worker may have in the last."""
_EVERY = 1.0
SETTINGS = {
    "CRM_RATELIMIT_UNAUTHENTICATED": f"{LIMIT} per minute",
    "CRM_LOG_FORMAT": "json",
}


class Held(NamedTuple):
    """What the server holds at a moment: the memory of its largest worker in MB, its connections and open files."""

    moment: float
    memory: float
    connections: int
    files: int


def measure(options: Options) -> dict[str, Any]:
    """Return what is possible, what was sent, the times of each kind of request, and what the server held."""
    seconds = 60 * (options.minutes or MINUTES)
    size = Size()
    print(f"PostgreSQL and Redis, workers: {WORKERS}, teams: {size.teams}, users: {size.users}")
    more = {**SETTINGS, "CRM_METRICS_BIND": f"127.0.0.1:{free_port()}"}
    with (
        filled(NAME, size) as database,
        serving("wsgi:app", database, teams=True, more=more) as server,
    ):
        users = log_in_all(server, size)
        settle(database.url)
        capacity = len(send_all(server, jobs(users, 1), at_once(CAPACITY_SECONDS), CLIENTS)) / CAPACITY_SECONDS
        rate = PART * capacity
        print(f"Possible: {capacity:.0f} requests/s; sending {rate:.0f}/s for {seconds // 60} minutes")
        with watching(server, database) as held:
            sent = send_all(server, jobs(users, 2), at_rate(rate, seconds, 3), 2 * CLIENTS)
    figures = {
        "minutes": seconds // 60,
        "capacity_per_second": round(capacity, 1),
        "sent_per_second": round(len(sent) / seconds, 1),
        "requests": {kind: times([one for one in sent if one.kind == kind]) for kind in WEIGHTS},
        "refused": sum(one.status >= 400 for one in sent),
        "server_errors": sum(one.status >= 500 for one in sent),
        "held": held_at_ends(held, min(60, seconds / 3)),
    }
    show(figures)
    return figures


@contextmanager
def filled(name: str, size: Size) -> Iterator[Database]:
    """Give a database with the teams and their users."""
    with created(name) as url:
        database = Database(url, prepare(url))
        add_people(database, size)
        yield database


@contextmanager
def watching(server: Server, database: Database) -> Iterator[list[Held]]:
    """Note each second what the server holds, until the block ends."""
    held: list[Held] = []
    end = Event()
    count = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"

    def watch() -> None:
        with psycopg.connect(database.url, autocommit=True) as connection:
            while not end.wait(_EVERY):
                connections = connection.execute(count).fetchone()[0]  # type: ignore[index]
                held.append(Held(time.perf_counter(), server.memory(), connections, server.open_files()))

    watcher = Thread(target=watch)
    watcher.start()
    try:
        yield held
    finally:
        end.set()
        watcher.join()


def times(sent: list[Sent]) -> dict[str, float]:
    """Return how many requests there were, and median and 99th percentile of their times in milliseconds."""
    taken = [1000 * one.seconds for one in sent]
    return {"sent": len(sent), "p50_ms": round(percentile(taken, 50), 2), "p99_ms": round(percentile(taken, 99), 2)}


def held_at_ends(held: list[Held], seconds: float) -> dict[str, dict[str, float]]:
    """Return the median of each that was held in the first so many seconds, and in the last."""
    first = [each for each in held if each.moment <= held[0].moment + seconds]
    last = [each for each in held if each.moment >= held[-1].moment - seconds]
    return {name: {"first": _median(first, name), "last": _median(last, name)} for name in Held._fields[1:]}


def _median(held: list[Held], name: str) -> float:
    values: list[float] = [getattr(each, name) for each in held]
    return round(median(values), 1)


def show(figures: dict[str, Any]) -> None:
    """Print the tables."""
    print(f"{'':14}{'sent':>8}{'p50 ms':>9}{'p99 ms':>9}{'p99/p50':>9}")
    for kind, found in figures["requests"].items():
        spread = found["p99_ms"] / found["p50_ms"]
        print(f"{kind:14}{found['sent']:8}{found['p50_ms']:9.2f}{found['p99_ms']:9.2f}{spread:9.1f}")
    print(f"{'':14}{'first minute':>14}{'last':>9}")
    for name, most in figures["held"].items():
        print(f"{name:14}{most['first']:14.1f}{most['last']:9.1f}")
    print(f"Refused: {figures['refused']}, of them errors of the server: {figures['server_errors']}")


def missed(figures: dict[str, Any]) -> list[str]:
    """Return a line for each thing that had to hold and did not."""
    lines = [f"load: {figures['refused']} requests were refused."] if figures["refused"] else []
    for kind, found in figures["requests"].items():
        if kind != "login" and found["p99_ms"] > SPREAD * found["p50_ms"]:
            lines.append(f"load: p99 of {kind} is more than {SPREAD} times p50.")
    for name, most in figures["held"].items():
        if most["last"] > most["first"] * (GROWTH if name == "memory" else 1):
            lines.append(f"load: {name} grow from {most['first']:.1f} to {most['last']:.1f}.")
    return lines
