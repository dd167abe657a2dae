"""Servers to measure: gunicorn with the application or the floor, and one patient client."""

import contextlib
import http.client
import json
import os
import re
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from statistics import median
from types import MappingProxyType
from typing import Any, NamedTuple

from benchmarks.data import SECRET_KEY, Database
from benchmarks.trees import HERE, Tree, environ

REDIS_URL = os.environ.get("CRM_TEST_REDIS_URL", "redis://127.0.0.1:6379/15")
LIMIT = 1_000_000_000
LOOPBACK = "127.0.0.0/8"
WORKERS = 2
START_SECONDS = 30
PREFIX = "/crm/api/v2"
_TICKS = os.sysconf("SC_CLK_TCK")


COUNT = "COUNT"
"""What stands for a number that counts up in a body that is sent again and again, so that each changes something."""


class Request(NamedTuple):
    """What is sent: a method, a path under the prefix, a JSON body, and headers beside those of every request."""

    method: str
    path: str
    body: Any = None
    headers: Mapping[str, str] = MappingProxyType({})


class Server:
    """A running gunicorn."""

    def __init__(self, process: subprocess.Popen[bytes], port: int, token: str):
        self.process = process
        self.port = port
        self.headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}

    def send(self, request: Request) -> Any:
        """Send one request and return the JSON of its answer."""
        with contextlib.closing(self._connect()) as client:
            return json.loads(self._exchange(client, request)[1])

    def answer(self, request: Request) -> http.client.HTTPResponse:
        """Send one request and return its answer with status and headers; the body is read."""
        with contextlib.closing(self._connect()) as client:
            return self._exchange(client, request)[0]

    def latency(self, request: Request, times: int = 100) -> float:
        """Return the median time of so many requests on one connection, one after the other, in milliseconds."""
        taken = []
        with contextlib.closing(self._connect()) as client:
            for _ in range(times):
                started = time.perf_counter()
                self._exchange(client, request)
                taken.append(time.perf_counter() - started)
        return median(taken) * 1000

    def _connect(self) -> http.client.HTTPConnection:
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)

    def _exchange(self, client: http.client.HTTPConnection, request: Request) -> tuple[http.client.HTTPResponse, bytes]:
        body = None if request.body is None else json.dumps(request.body)
        client.request(request.method, PREFIX + request.path, body, {**self.headers, **request.headers})
        response = client.getresponse()
        text = response.read()
        if response.status >= 400:
            raise RuntimeError(f"{request.method} {request.path}: {response.status} {text[:200]!r}")
        return response, text

    def workers(self) -> list[int]:
        """Return the process ids of the workers."""
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text()
        return [int(pid) for pid in children.split()]

    def cpu_seconds(self) -> float:
        """Return the processor time that the workers have used."""
        return (
            sum(sum(map(int, Path(f"/proc/{pid}/stat").read_text().split()[13:15])) for pid in self.workers()) / _TICKS
        )

    def memory(self) -> float:
        """Return the memory of the largest worker, in MB."""
        status = (Path(f"/proc/{pid}/status").read_text() for pid in self.workers())
        return max(int(re.search(r"VmRSS:\s+(\d+)", text)[1]) for text in status) / 1024  # type: ignore[index]


@contextlib.contextmanager
def serving(
    application: str,
    database: Database,
    tree: Tree = HERE,
    *,
    redis: bool = True,
    workers: int = WORKERS,
    teams: bool = False,
    loopback: bool = False,
    row_security: bool = False,
) -> Iterator[Server]:
    """Serve an application of a tree on a database until the block ends; its webhooks may be on the `loopback`."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    settings = {
        "CRM_DATABASE_URL": database.url,
        "CRM_SECRET_KEY": SECRET_KEY,
        "CRM_RATELIMIT_AUTHENTICATED": f"{LIMIT} per minute",
        "FLOOR_LIMIT": str(LIMIT),
        **({"CRM_RATELIMIT_STORAGE_URL": REDIS_URL} if redis else {}),
        **({"CRM_TEAMS": "true"} if teams else {}),
        **({"CRM_ROW_SECURITY": "true"} if row_security else {}),
        **({"CRM_WEBHOOKS_ALLOW_NETWORKS": LOOPBACK} if loopback else {}),
    }
    command = [tree.python, "-m", "gunicorn", "--bind", f"127.0.0.1:{port}", "--workers", str(workers)]
    command += ["--log-level", "error", application]
    with subprocess.Popen(command, cwd=tree.root, env=environ(**settings)) as process:
        try:
            _wait_for(process, port)
            yield Server(process, port, database.token)
        finally:
            process.terminate()


def _wait_for(process: subprocess.Popen[bytes], port: int) -> None:
    end = time.monotonic() + START_SECONDS
    while process.poll() is None and time.monotonic() < end:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(0.02)
    raise RuntimeError("The server does not answer.")
