"""Servers to measure: gunicorn with the application or the floor, and one patient client."""

import contextlib
import http.client
import json
import os
import re
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from statistics import median
from types import MappingProxyType
from typing import IO, Any, NamedTuple

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


class Timed(NamedTuple):
    """An answer: its status, the seconds that it took, its body."""

    status: int
    seconds: float
    text: bytes


class Server:
    """A running gunicorn."""

    def __init__(self, process: subprocess.Popen[bytes], port: int, token: str):
        self.process = process
        self.port = port
        self.headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}

    def send(self, request: Request) -> Any:
        """Send one request and return the JSON of its answer."""
        with contextlib.closing(self.connect()) as client:
            return json.loads(self._exchange(client, request)[1])

    def answer(self, request: Request) -> http.client.HTTPResponse:
        """Send one request and return its answer with status and headers; the body is read."""
        with contextlib.closing(self.connect()) as client:
            return self._exchange(client, request)[0]

    def timed(self, client: http.client.HTTPConnection, request: Request) -> Timed:
        """Send one request on a connection, and return what came and how long it took; a refusal is an answer, too."""
        started = time.perf_counter()
        response, text = self._ask(client, request)
        return Timed(response.status, time.perf_counter() - started, text)

    def latency(self, request: Request, times: int = 100) -> float:
        """Return the median time of so many requests on one connection, one after the other, in milliseconds."""
        taken = []
        with contextlib.closing(self.connect()) as client:
            for _ in range(times):
                started = time.perf_counter()
                self._exchange(client, request)
                taken.append(time.perf_counter() - started)
        return median(taken) * 1000

    def connect(self) -> http.client.HTTPConnection:
        """Return a connection to the server, which opens with its first request."""
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)

    def _exchange(self, client: http.client.HTTPConnection, request: Request) -> tuple[http.client.HTTPResponse, bytes]:
        response, text = self._ask(client, request)
        if response.status >= 400:
            raise RuntimeError(f"{request.method} {request.path}: {response.status} {text[:200]!r}")
        return response, text

    def _ask(self, client: http.client.HTTPConnection, request: Request) -> tuple[http.client.HTTPResponse, bytes]:
        body = None if request.body is None else json.dumps(request.body)
        client.request(request.method, PREFIX + request.path, body, {**self.headers, **request.headers})
        response = client.getresponse()
        return response, response.read()

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

    def open_files(self) -> int:
        """Return how many files and sockets the workers have open, connections among them."""
        return sum(len(list(Path(f"/proc/{pid}/fd").iterdir())) for pid in self.workers())


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
    more: Mapping[str, str] = MappingProxyType({}),
) -> Iterator[Server]:
    """Serve an application of a tree on a database until the block ends; its webhooks may be on the `loopback`.

    Its log is a file, as that of a service. `more` are settings beside those that all that is measured has.
    """
    port = free_port()
    settings = {
        "CRM_DATABASE_URL": database.url,
        "CRM_SECRET_KEY": SECRET_KEY,
        "CRM_RATELIMIT_AUTHENTICATED": f"{LIMIT} per minute",
        "FLOOR_LIMIT": str(LIMIT),
        **({"CRM_RATELIMIT_STORAGE_URL": REDIS_URL} if redis else {}),
        **({"CRM_TEAMS": "true"} if teams else {}),
        **({"CRM_ROW_SECURITY": "true"} if row_security else {}),
        **({"CRM_WEBHOOKS_ALLOW_NETWORKS": LOOPBACK} if loopback else {}),
        **more,
    }
    command = [tree.python, "-m", "gunicorn", "--bind", f"127.0.0.1:{port}", "--workers", str(workers)]
    command += ["--log-level", "error", application]
    with (
        tempfile.TemporaryFile() as log,
        subprocess.Popen(command, cwd=tree.root, env=environ(**settings), stderr=log) as process,
    ):
        try:
            _wait_for(process, port, log)
            yield Server(process, port, database.token)
        finally:
            process.terminate()


def free_port() -> int:
    """Return a port of the loopback address that nobody listens at."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_for(process: subprocess.Popen[bytes], port: int, log: IO[bytes]) -> None:
    end = time.monotonic() + START_SECONDS
    while process.poll() is None and time.monotonic() < end:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(0.02)
    sys.stderr.write(os.pread(log.fileno(), 10_000, 0).decode())
    raise RuntimeError("The server does not answer.")
