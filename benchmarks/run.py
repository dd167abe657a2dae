"""`make bench` and `make load`: measure one part or all in turn, print tables, and keep the figures in benchmarks/results.json."""

import argparse
import sys
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any, NamedTuple

from benchmarks.needs import lacks_base, lacks_postgres, lacks_redis, lacks_wrk
from benchmarks.options import Options
from benchmarks.parts import (
    batch,
    changes,
    contacts,
    floor,
    growth,
    imports,
    load,
    logs,
    queries,
    row_security,
    sqlite,
    versions,
    webhooks,
)
from benchmarks.results import RESULTS, keep


def nothing_missed(_: dict[str, Any]) -> list[str]:
    """Return no line: the part measures, and judges nothing."""
    return []


class Part(NamedTuple):
    """How a part is measured, the checks of what it needs, and what its figures tell that it had to hold and did not."""

    measure: Callable[[Options], dict[str, Any]]
    needs: tuple[Callable[[Options], str | None], ...]
    missed: Callable[[dict[str, Any]], list[str]] = nothing_missed


PARTS = {
    "floor": Part(floor.measure, (lacks_wrk, lacks_postgres, lacks_redis)),
    "batch": Part(batch.measure, (lacks_postgres, lacks_redis)),
    "changes": Part(changes.measure, (lacks_wrk, lacks_postgres, lacks_redis)),
    "contacts": Part(contacts.measure, (lacks_postgres, lacks_redis)),
    "growth": Part(growth.measure, (lacks_postgres, lacks_redis)),
    "import": Part(imports.measure, ()),
    "load": Part(load.measure, (lacks_postgres, lacks_redis), load.missed),
    "logs": Part(logs.measure, (lacks_wrk, lacks_postgres, lacks_redis), logs.missed),
    "queries": Part(queries.measure, (lacks_postgres, lacks_redis)),
    "row-security": Part(row_security.measure, (lacks_wrk, lacks_postgres, lacks_redis)),
    "sqlite": Part(sqlite.measure, (lacks_wrk,)),
    "webhooks": Part(webhooks.measure, (lacks_postgres,)),
    "versions": Part(
        partial(versions.measure, store=versions.POSTGRES), (lacks_base, lacks_wrk, lacks_postgres, lacks_redis)
    ),
    "versions-sqlite": Part(partial(versions.measure, store=versions.SQLITE), (lacks_base, lacks_wrk)),
}


def main(arguments: list[str] | None = None) -> None:
    """Measure what is asked for, and keep each part's figures as soon as they are there.

    Ends with 1 and a line for each thing that had to hold and did not.
    """
    names, options = parse(arguments)
    if missing := lacking(names, options):
        sys.exit("\n".join(missing))
    missed = []
    for name in names:
        print(f"\n{name}")
        figures = PARTS[name].measure(options)
        keep(name, figures)
        missed += PARTS[name].missed(figures)
    print(f"\nKept in {RESULTS}")
    if missed:
        sys.exit("\n".join(missed))


def parse(arguments: list[str] | None) -> tuple[list[str], Options]:
    """Return the parts that are asked for, and the options. Without a part: all, those beside a base if it is named."""
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("part", nargs="?", choices=PARTS, help="PART=…; all in turn if it is left out")
    parser.add_argument("--base", help="BASE=…, the commit that the versions are compared with")
    parser.add_argument("--rounds", type=positive, help="ROUNDS=…, how often each kind of request is measured")
    parser.add_argument("--leads", type=positive, help="LEADS=…, how many the versions are compared with")
    parser.add_argument("--minutes", type=positive, help="MINUTES=…, how long the load lasts")
    asked = parser.parse_args(arguments)
    every = [name for name, part in PARTS.items() if asked.base or lacks_base not in part.needs]
    return [asked.part] if asked.part else every, Options(asked.base, asked.rounds, asked.leads, asked.minutes)


def positive(text: str) -> int:
    """Return a whole number from 1."""
    if (number := int(text)) < 1:
        raise ValueError
    return number


def lacking(names: Iterable[str], options: Options) -> list[str]:
    """Return a line for each thing that these parts need and that is not there."""
    checks = dict.fromkeys(check for name in names for check in PARTS[name].needs)
    return [line for check in checks if (line := check(options)) is not None]


if __name__ == "__main__":
    main()
