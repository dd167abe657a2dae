"""Many clients at once: as fast as the server answers, or at a given pace whatever the server does."""

import contextlib
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from random import Random
from threading import Lock
from typing import NamedTuple

from benchmarks.server import Server
from benchmarks.traffic import Job, learn


class Sent(NamedTuple):
    """What came of a request: its kind, when it was due, the status, the seconds from when it was due to its answer."""

    kind: str
    due: float
    status: int
    seconds: float


def at_once(seconds: float) -> Iterator[float]:
    """Yield for so long that the next request is due now."""
    end = time.perf_counter() + seconds
    while (now := time.perf_counter()) < end:
        yield now


def at_rate(rate: float, seconds: float, seed: int) -> Iterator[float]:
    """Yield for so long when requests are due that come by chance, so many a second in the mean."""
    random = Random(seed)
    due = time.perf_counter()
    end = due + seconds
    while (due := due + random.expovariate(rate)) < end:
        yield due


def send_all(server: Server, jobs: Iterator[Job], dues: Iterator[float], clients: int) -> list[Sent]:
    """Have so many clients, each on a connection, send each job when it is due. Return what came of them.

    One that has to wait for a free client counts from when it was due: the server made it wait.
    """
    turn = Lock()

    def work(_: int) -> list[Sent]:
        sent: list[Sent] = []
        with contextlib.closing(server.connect()) as client:
            while True:
                with turn:
                    if (due := next(dues, None)) is None:
                        return sent
                    job = next(jobs)
                time.sleep(max(0.0, due - time.perf_counter()))
                answer = server.timed(client, job.request)
                sent.append(Sent(job.kind, due, answer.status, time.perf_counter() - due))
                learn(job, answer)

    with ThreadPoolExecutor(clients) as pool:
        return [one for some in pool.map(work, range(clients)) for one in some]
