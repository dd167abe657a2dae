"""Servers under load: gunicorn with the application or the floor, driven by wrk or by one patient client."""

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
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

from benchmarks.data import ROOT, SECRET_KEY, Database

REDIS_URL = os.environ.get("CRM_TEST_REDIS_URL", "redis://127.0.0.1:6379/15")
LIMIT = 1_000_000_000
WORKERS = 2
CONNECTIONS = 8
PREFIX = "/crm/api/v2"
_UNITS = {"us": 0.001, "ms": 1.0, "s": 1000.0}
_SCRIPT = 'wrk.method = "{method}"\nwrk.body = [==[{body}]==]\nwrk.headers["Content-Type"] = "application/json"\n'
_TICKS = os.sysconf("SC_CLK_TCK")


class Request(NamedTuple):
    """What is sent: a method, a path under the prefix, a JSON body."""

    method: str
    path: str
    body: Any = None


class Round(NamedTuple):
    """What one round of wrk measured; times in milliseconds, `cpu` of the server's processes for one request."""

    rate: float
    p50: float
    p99: float
    cpu: float


class Server:
    """A running gunicorn."""

    def __init__(self, process: subprocess.Popen[bytes], port: int, token: str):
        self.process = process
        self.port = port
        self.headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}

    def send(self, request: Request, client: http.client.HTTPConnection | None = None) -> Any:
        """Send one request, on a kept connection or on a new one, and return the JSON of its answer."""
        client = client or http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        body = None if request.body is None else json.dumps(request.body)
        client.request(request.method, PREFIX + request.path, body, self.headers)
        response = client.getresponse()
        text = response.read()
        if response.status >= 300:
            raise RuntimeError(f"{request.method} {request.path}: {response.status} {text[:200]!r}")
        return json.loads(text)

    def latency(self, request: Request, times: int = 100) -> float:
        """Return the median time of so many requests, one after the other, in milliseconds."""
        taken = []
        client = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        for _ in range(times):
            started = time.perf_counter()
            self.send(request, client)
            taken.append(time.perf_counter() - started)
        return median(taken) * 1000

    def drive(self, request: Request, seconds: float) -> Round:
        """Let wrk send a request on all connections for so long."""
        with tempfile.NamedTemporaryFile("w", suffix=".lua") as script:
            if request.body is not None:
                script.write(_SCRIPT.format(method=request.method, body=json.dumps(request.body)))
                script.flush()
            url = f"http://127.0.0.1:{self.port}{PREFIX}{request.path}"
            command = ["wrk", "-t", "1", "-c", str(CONNECTIONS), "-d", f"{seconds}s", "--latency", url]
            if request.body is not None:
                command += ["-s", script.name]
            for name, value in self.headers.items():
                command += ["-H", f"{name}: {value}"]
            before = self.cpu_seconds()
            output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
        if "Non-2xx" in output:
            raise RuntimeError(output)
        requests = int(re.search(r"(\d+) requests in", output)[1])  # type: ignore[index]
        rate = float(re.search(r"Requests/sec:\s+([\d.]+)", output)[1])  # type: ignore[index]
        cpu = (self.cpu_seconds() - before) / requests * 1000
        return Round(rate, _percentile(output, 50), _percentile(output, 99), cpu)

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
def serving(application: str, database: Database, *, redis: bool = True, workers: int = WORKERS) -> Iterator[Server]:
    """Serve an application on a database until the block ends."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environ = {
        **{name: value for name, value in os.environ.items() if not name.startswith("CRM_")},
        "CRM_DATABASE_URL": database.url,
        "CRM_SECRET_KEY": SECRET_KEY,
        "CRM_RATELIMIT_AUTHENTICATED": f"{LIMIT} per minute",
        "FLOOR_LIMIT": str(LIMIT),
        **({"CRM_RATELIMIT_STORAGE_URL": REDIS_URL} if redis else {}),
    }
    command = [sys.executable, "-m", "gunicorn", "--bind", f"127.0.0.1:{port}", "--workers", str(workers)]
    command += ["--log-level", "error", application]
    with subprocess.Popen(command, cwd=ROOT, env=environ) as process:
        try:
            _wait_for(port)
            yield Server(process, port, database.token)
        finally:
            process.terminate()


def _wait_for(port: int) -> None:
    for _ in range(500):
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(0.02)
    raise RuntimeError("The server does not answer.")


def _percentile(output: str, percent: int) -> float:
    number, unit = re.search(rf"{percent}%\s+([\d.]+)(us|ms|s)", output).groups()  # type: ignore[union-attr]
    return float(number) * _UNITS[unit]
