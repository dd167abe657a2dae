"""The part `load`, with few people and for a moment: what is sent is answered, and what has to hold is judged."""

import itertools
import random
import secrets

import pytest

from benchmarks import pace, traffic
from benchmarks.parts import load
from benchmarks.parts.load import Held
from benchmarks.server import serving
from tests.support.stores import ON_POSTGRESQL

KINDS = ["list", "show", "feed", "update", "create", "batch", "login"]
FINE = {
    "refused": 0,
    "server_errors": 0,
    "requests": {kind: {"sent": 10, "p50_ms": 10.0, "p99_ms": 80.0} for kind in KINDS},
    "held": {"memory": {"first": 100.0, "last": 105.0}, "connections": {"first": 16.0, "last": 16.0}},
}


@ON_POSTGRESQL
@pytest.mark.usefixtures("database_url")
def test_every_kind_of_request_is_answered(redis_url, monkeypatch):
    monkeypatch.setattr("benchmarks.server.REDIS_URL", redis_url)
    few, name = traffic.Size(teams=2, users=4, leads=100), f"crm_test_{secrets.token_hex(4)}"
    with (
        load.filled(name, few) as database,
        serving("wsgi:app", database, teams=True, more=load.SETTINGS) as server,
    ):
        users = traffic.log_in_all(server, few)
        assert [len(user.team.leads) for user in users] == [100] * 4
        some = [*itertools.islice(traffic.jobs(users, 1), 300)]
        assert {job.kind for job in some} == {*KINDS} == {*traffic.WEIGHTS}
        with load.watching(server, database) as held:
            sent = pace.send_all(server, iter(some), iter([0.0] * len(some)), 2)
    assert {one.status for one in sent} == {200, 201}
    assert len(sent) == len(some)
    assert all(job.user.cursor != "latest" for job in some if job.kind == "feed")
    assert all(each.memory > 10 < each.files and each.connections > 0 for each in held)


def test_requests_come_by_chance_at_the_rate_that_is_asked_for(monkeypatch):
    monkeypatch.setattr(pace.time, "perf_counter", lambda: 100.0)
    dues = [*pace.at_rate(50, 60, seed=1)]
    assert len(dues) == pytest.approx(3000, rel=0.1)
    assert dues == sorted(dues)
    assert 100 < dues[0] < dues[-1] < 160


def test_what_is_held_is_compared_by_its_medians_at_both_ends():
    held = [Held(moment, 80 + moment, 16, 50) for moment in range(300)]
    random.Random(1).shuffle(held)
    held.sort()
    assert load.held_at_ends(held, 60)["memory"] == {"first": 110, "last": 349}
    assert load.held_at_ends(held, 60)["connections"] == {"first": 16, "last": 16}


def test_what_holds_is_no_line():
    assert load.missed(FINE) == []


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        ({"refused": 1}, "1 requests were refused"),
        ({"requests": {"show": {"p50_ms": 10.0, "p99_ms": 80.1}}}, "p99 of show"),
        ({"held": {"memory": {"first": 100.0, "last": 105.1}}}, "memory"),
        ({"held": {"connections": {"first": 16.0, "last": 17.0}}}, "connections"),
    ],
)
def test_each_thing_that_does_not_hold_is_a_line(wrong, named):
    (line,) = load.missed({**FINE, **wrong})
    assert named in line


def test_log_ins_may_take_longer():
    assert load.missed({**FINE, "requests": {"login": {"p50_ms": 10.0, "p99_ms": 1000.0}}}) == []
