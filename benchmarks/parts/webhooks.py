"""How many messages one deliverer sends to a receiver on the loopback, and how long after its write each comes."""

import asyncio
import json
import multiprocessing
import re
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from benchmarks.data import LEADS, SECRET_KEY, Database, postgres
from benchmarks.options import Options
from benchmarks.server import LOOPBACK, Request, serving
from benchmarks.trees import HERE, environ

MESSAGES = 3_000
SINGLE_WRITES = 200
IN_A_BATCH = 100
_LENGTH = re.compile(rb"content-length: (\d+)", re.IGNORECASE)

Arrivals = Any
"""A queue of the sequences of messages and the times at which they came."""


def measure(_options: Options) -> dict[str, Any]:
    """Return the messages per second, and of single writes the 99th percentile of the time until the message comes."""
    print(f"PostgreSQL, one deliverer, messages: {MESSAGES:,}, then single writes: {SINGLE_WRITES}")
    with (
        postgres("crm_bench_webhooks", LEADS) as database,
        receiving() as (port, arrivals),
        serving("wsgi:app", database, redis=False, loopback=True) as server,
        delivering(database),
    ):
        server.send(Request("POST", "/webhooks", {"url": f"http://127.0.0.1:{port}/", "types": ["lead.*"]}))
        figures = {
            "per_second": round(throughput(server, arrivals), 1),
            "lag_p99_ms": round(percentile(lags(server, arrivals), 99), 1),
        }
    for name, value in figures.items():
        print(f"{name:36}{value:10.1f}")
    return figures


def throughput(server: Any, arrivals: Arrivals) -> float:
    """Return how many messages come in a second while there are always more to send."""
    batch = Request("POST", "/leads/batch/create", {"items": [{"title": "A new lead"}] * IN_A_BATCH})
    for _ in range(MESSAGES // IN_A_BATCH):
        server.send(batch)
    moments: list[float] = [arrivals.get(timeout=60)[1] for _ in range(MESSAGES)]
    return (MESSAGES - 1) / (moments[-1] - moments[0])


def lags(server: Any, arrivals: Arrivals) -> list[float]:
    """Return the milliseconds from the answer to each of some writes until its message has come."""
    taken = []
    for n in range(SINGLE_WRITES):
        server.send(Request("POST", "/leads", {"title": f"Lead {n}"}))
        answered = time.time()
        taken.append(max(0.0, arrivals.get(timeout=10)[1] - answered) * 1000)
        time.sleep(n % 10 / 100)
    return taken


def percentile(values: list[float], percent: int) -> float:
    """Return the value that so many percent of the values do not exceed."""
    return sorted(values)[min(len(values) - 1, len(values) * percent // 100)]


@contextmanager
def delivering(database: Database) -> Iterator[None]:
    """Run a deliverer until the block ends."""
    settings = {
        "CRM_DATABASE_URL": database.url,
        "CRM_SECRET_KEY": SECRET_KEY,
        "CRM_WEBHOOKS_ALLOW_NETWORKS": LOOPBACK,
    }
    command = [HERE.python, "-m", "flask", "--app", "wsgi", "crm", "deliver"]
    with subprocess.Popen(command, cwd=HERE.root, env=environ(**settings)) as process:
        try:
            yield
        finally:
            process.send_signal(signal.SIGTERM)


@contextmanager
def receiving() -> Iterator[tuple[int, Arrivals]]:
    """Run a receiver in a process of its own; give its port and what arrives."""
    listening = socket.create_server(("127.0.0.1", 0), backlog=256)
    arrivals = multiprocessing.Queue()  # type: ignore[var-annotated]
    process = multiprocessing.Process(target=_receive, args=(listening, arrivals), daemon=True)
    process.start()
    try:
        yield listening.getsockname()[1], arrivals
    finally:
        process.terminate()
        process.join()
        listening.close()


def _receive(listening: socket.socket, arrivals: Arrivals) -> None:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        length = _LENGTH.search(head)
        body = await reader.readexactly(int(length[1]) if length else 0)
        arrivals.put((json.loads(body)["data"]["sequence"], time.time()))
        writer.write(b"HTTP/1.1 204 No Content\r\n\r\n")
        await writer.drain()
        writer.close()

    async def serve() -> None:
        server = await asyncio.start_server(answer, sock=listening)
        await server.serve_forever()

    asyncio.run(serve())
