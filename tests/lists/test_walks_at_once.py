"""Walks by cursor beside writers on real servers: each record that was there all the time is shown exactly once.

`make soak` goes on for longer: CRM_TEST_SOAK_SECONDS is for how long each.
"""

import os
import time
from collections import Counter
from itertools import product
from random import Random
from typing import NamedTuple

from flask import Flask

from tests.conftest import UNLIMITED, Serving
from tests.support.client import ApiClient
from tests.support.factories import KINDS, NAMES, create_token, full, sample
from tests.support.server import Answer, Server, in_parallel
from tests.support.stores import ON_POSTGRESQL, ON_SQLITE
from tests.support.walks import Json, walk
from tests.support.writers import Writers

SECONDS = float(os.environ.get("CRM_TEST_SOAK_SECONDS", "3"))
WRITERS = 8
WALKERS = 4
STANDING = 18
"""So many records of each resource are there all the time."""


class Sort(NamedTuple):
    """A way to walk through a list."""

    resource: str
    fields: str
    is_fixed: bool
    """Whether no write ever changes by what records are sorted; else that holds for those that nobody writes to."""


def sorts_of(resource: str) -> list[Sort]:
    """Return the sorts of a resource by what never changes, both ways, and by what does."""
    number = KINDS[resource].model.number
    fixed = ("created_at", "id", *([number[0]] if number else []))
    changing = next(iter(sample(resource)), "reference")
    return [
        *(Sort(resource, minus + field, True) for minus, field in product(("", "-"), fixed)),
        *(Sort(resource, fields, False) for fields in (changing, f"-version,{changing}", f"-{changing},-created_at")),
    ]


SORTS = [sort for resource in NAMES for sort in sorts_of(resource)]


@ON_POSTGRESQL
def test_walks_of_four_workers_show_each_record_once(
    serving: Serving, app: Flask, api: ApiClient, database_url: str, redis_url: str
) -> None:
    environ = {"CRM_DATABASE_URL": database_url, "CRM_SECRET_KEY": app.config["SECRET_KEY"], **UNLIMITED}
    environ |= {"CRM_RATELIMIT_STORAGE_URL": redis_url}
    with serving(environ, create_token(app, api.user_id), "--workers", "4") as server:
        Run(server, api).run()


@ON_SQLITE
def test_walks_of_sixteen_threads_show_each_record_once(
    serving: Serving, app: Flask, api: ApiClient, database_url: str
) -> None:
    environ = {"CRM_DATABASE_URL": database_url, "CRM_SECRET_KEY": app.config["SECRET_KEY"], **UNLIMITED}
    with serving(environ, create_token(app, api.user_id), "--threads", "16") as server:
        Run(server, api).run()


class Run:
    """Writers and walkers of one server."""

    def __init__(self, server: Server, api: ApiClient):
        self.server = server
        self.standing: dict[str, list[str]] = {resource: stand(api, resource) for resource in NAMES}
        self.writers = Writers(self.send, api)
        self.order = {sort: self.standing_of(sort, self.ask(f"{path_of(sort, 100)}")["data"]) for sort in SORTS}
        self.others = 0
        """How many records of the writers the walks have shown."""

    def send(self, method: str, path: str, body: Json | None, headers: dict[str, str]) -> Answer:
        return self.server.request(method, path, body, **headers)

    def ask(self, path: str) -> Json:
        answer = self.server.request("GET", path)
        assert answer.status == 200, answer
        page: Json = answer.data
        return page

    def run(self) -> None:
        """Have the writers write and the walkers walk until the time is over, and each sort has been walked."""
        end = time.monotonic() + SECONDS

        def work(number: int) -> None:
            if number < WRITERS:
                self.writers.write_until(end, number)
            else:
                self.walk_until(end, number - WRITERS)

        in_parallel(WRITERS + WALKERS, WRITERS + WALKERS, work)
        words = {word for word, status in self.writers.statuses if status < 300}
        assert words == {"created", "updated", "deleted", "restored"}
        assert self.others > 0

    def walk_until(self, end: float, walker: int) -> None:
        chance = Random(walker)
        mine = SORTS[walker::WALKERS]
        for turn, sort in enumerate(chance.sample(mine, len(mine)) * 10_000):
            if turn >= len(mine) and time.monotonic() > end:
                return
            asked = chance.choice(("", "&filter[created_at][gte]=2000-01-01T00:00:00Z"))
            self.check(sort, walk(self.ask, path_of(sort, chance.choice((7, 20, 60))) + asked))

    def check(self, sort: Sort, records: list[Json]) -> None:
        """Check that a walk shows what was there all the time once, in its order, and nothing twice if it must not."""
        assert self.standing_of(sort, records) == self.order[sort], sort
        times = Counter(record["id"] for record in records)
        assert not sort.is_fixed or {*times.values()} == {1}, sort
        self.others += len(times) - STANDING

    def standing_of(self, sort: Sort, records: list[Json]) -> list[str]:
        standing = self.standing[sort.resource]
        return [record["id"] for record in records if record["id"] in standing]


def path_of(sort: Sort, size: int) -> str:
    return f"/{sort.resource}?sort={sort.fields}&per_page={size}&fields=id"


def stand(api: ApiClient, resource: str) -> list[str]:
    """Create records that nobody writes to, most of them alike."""
    whole = full(api, resource)
    return [api.create(resource, **(whole if place % 3 else {}))["id"] for place in range(STANDING)]
