"""The requests of an earlier commit beside those of now, on copies of one database: whether they have become dearer."""

import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from statistics import median
from typing import Any, NamedTuple

from benchmarks.copies import ON_POSTGRES, ON_SQLITE, copied_on_postgres, copied_on_sqlite, filled_by
from benchmarks.data import LEADS, Database
from benchmarks.options import Options
from benchmarks.server import WORKERS, Request, Server, serving
from benchmarks.trees import exported, name_of, name_of_this
from benchmarks.turns import in_turns, ratio
from benchmarks.workload import requests_to
from benchmarks.wrk import CONNECTIONS, Round, drive

ROUNDS = 9
SECONDS = 3


class Store(NamedTuple):
    """Where both are measured: how the base fills its database, how that is copied, how both are served."""

    name: str
    maker: str
    copied: Callable[[Database], AbstractContextManager[Database]]
    redis: bool
    workers: int


POSTGRES = Store("PostgreSQL", ON_POSTGRES, copied_on_postgres, redis=True, workers=WORKERS)
SQLITE = Store("SQLite", ON_SQLITE, copied_on_sqlite, redis=False, workers=1)


def measure(options: Options, store: Store) -> dict[str, Any]:
    """Return the figures of this tree and of the base for each kind of request."""
    base, leads, rounds = str(options.base), options.leads or LEADS, options.rounds or ROUNDS
    results: dict[str, Any] = {"base": name_of(base), "new": name_of_this(), "leads": leads}
    print(f"{store.name}, leads: {leads:,}, workers: {store.workers}, connections: {CONNECTIONS}")
    print(f"{results['new']} over {results['base']}, pairs of rounds of {SECONDS} s: {rounds}")
    with served(base, store, leads) as (new, old):
        print(f"{'':14}{'ratio':>8}{'lowest':>8}{'highest':>9}{'new/s':>9}{'base/s':>9}{'CPU ratio':>11}")
        for name, request in requests_to(old).items():
            check_same(name, request, new, old)
            results[name] = figures(compare(request, new, old, rounds))
            show(name, results[name])
    return results


@contextmanager
def served(base: str, store: Store, leads: int) -> Iterator[tuple[Server, Server]]:
    """Serve this tree and the base with the same settings, each on its own of two databases with the same rows."""
    options: dict[str, Any] = {"redis": store.redis, "workers": store.workers}
    with (
        exported(base) as tree,
        filled_by(tree, store.maker.format(leads=leads)) as original,
        store.copied(original) as copy,
        serving("wsgi:app", copy, **options) as new,
        serving("wsgi:app", original, tree, **options) as old,
    ):
        yield new, old


def check_same(name: str, request: Request, new: Server, old: Server) -> None:
    """Stop unless both read the same records."""
    if request.method == "GET" and ids(new.send(request)["data"]) != ids(old.send(request)["data"]):
        sys.exit(f"The base shows other records for {name}.")


def ids(data: Any) -> list[str]:
    """Return the ids of the record or the records in an answer."""
    return [record["id"] for record in (data if isinstance(data, list) else [data])]


def compare(request: Request, new: Server, old: Server, rounds: int) -> list[tuple[Round, Round]]:
    """Return rounds of this tree, each with one of the base."""
    return in_turns(lambda: drive(new, request, SECONDS), lambda: drive(old, request, SECONDS), rounds)


def figures(pairs: list[tuple[Round, Round]]) -> dict[str, float]:
    """Return what pairs of rounds say, each of this tree and then of the base."""
    rates = ratio((new.rate, old.rate) for new, old in pairs)
    return {
        "ratio_to_base": rates.median,
        "lowest_ratio": rates.low,
        "highest_ratio": rates.high,
        "requests_per_second": round(median(new.rate for new, _ in pairs), 1),
        "base_requests_per_second": round(median(old.rate for _, old in pairs), 1),
        "cpu_ratio_to_base": ratio((new.cpu, old.cpu) for new, old in pairs).median,
    }


def show(name: str, shown: dict[str, float]) -> None:
    """Print a line of the table."""
    print(
        f"{name:14}{shown['ratio_to_base']:8.3f}{shown['lowest_ratio']:8.3f}{shown['highest_ratio']:9.3f}"
        f"{shown['requests_per_second']:9.0f}{shown['base_requests_per_second']:9.0f}{shown['cpu_ratio_to_base']:11.3f}"
    )
