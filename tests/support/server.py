"""Real servers: gunicorn in processes of its own, on a free port of the loopback address."""

import contextlib
import http.client
import itertools
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from pathlib import Path
from typing import IO, Any, NamedTuple

from crm.blueprints import PREFIX

ROOT = Path(__file__).parents[2]


class Answer(NamedTuple):
    """What a server answered; `data` is the JSON body, None where there is none."""

    status: int
    headers: dict[str, str]
    data: Any


class Server:
    """A running gunicorn. `token` is sent with every request unless another is given."""

    def __init__(self, process: subprocess.Popen[bytes], port: int, token: str, log: IO[bytes]):
        self.process = process
        self.port = port
        self.token = token
        self._log = log
        self._own = threading.local()
        self._connections: list[http.client.HTTPConnection] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def request(
        self, method: str, path: str, body: Any = None, token: str | None = None, **more_headers: str
    ) -> Answer:
        """Send a request on this thread's own connection. Raises OSError or HTTPException if it breaks."""
        connection = self._connection()
        headers = {"Authorization": f"Bearer {token or self.token}", "Content-Type": "application/json"}
        try:
            connection.request(
                method, PREFIX + path, None if body is None else json.dumps(body), {**headers, **more_headers}
            )
            response = connection.getresponse()
            text = response.read()
        except (OSError, http.client.HTTPException):
            connection.close()
            raise
        return Answer(response.status, dict(response.headers), json.loads(text, parse_float=Decimal) if text else None)

    def _connection(self) -> http.client.HTTPConnection:
        if not hasattr(self._own, "connection"):
            self._own.connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
            self._connections.append(self._own.connection)
        return self._own.connection

    def log_lines(self) -> list[str]:
        """Return what the server has written to stderr."""
        written = self._log.fileno()
        return os.pread(written, os.fstat(written).st_size, 0).decode().splitlines()

    def log(self) -> list[dict[str, Any]]:
        """Return the lines of the log that the server has written to stderr, as JSON."""
        return [json.loads(line) for line in self.log_lines()]

    def workers(self) -> list[int]:
        """Return the process ids of the workers."""
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text()
        return [int(pid) for pid in children.split()]

    def close(self) -> None:
        """Close all connections to the server and end it. Its idle workers would take a second or two to notice."""
        for connection in self._connections:
            connection.close()
        if self.process.poll() is None:
            workers = self.workers()
            self.process.terminate()
            for worker in workers:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(worker, signal.SIGKILL)


@contextlib.contextmanager
def run_server(environ: dict[str, str], token: str = "", *options: str) -> Iterator[Server]:
    """Run gunicorn with settings named with their prefix, until the block ends."""
    port = free_port()
    command = [sys.executable, "-m", "gunicorn", "--bind", f"127.0.0.1:{port}", *options, "wsgi:app"]
    with (
        tempfile.TemporaryFile() as log,
        subprocess.Popen(command, cwd=ROOT, env=own_environ(environ), stderr=log) as process,
    ):
        server = Server(process, port, token, log)
        try:
            wait_until(lambda: answers(server))
            yield server
        finally:
            server.close()


def free_port() -> int:
    """Return a port of the loopback address that nobody listens at."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def own_environ(settings: dict[str, str]) -> dict[str, str]:
    """Return the environment of a process that gets these settings and no others."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("CRM_")}
    return {**kept, **settings}


def answers(server: Server) -> bool:
    """Tell whether a server takes requests; fail if it has ended."""
    assert server.process.poll() is None, "gunicorn ended"
    with contextlib.suppress(OSError):
        return server.request("GET", "/no-such-path").status == 404
    return False


@contextlib.contextmanager
def losing_workers(server: Server, seconds: float = 1) -> Iterator[None]:
    """Kill one of the workers each so many seconds, until the block ends."""
    end = threading.Event()

    def kill() -> None:
        for turn in itertools.count():
            if end.wait(seconds):
                return
            workers = server.workers()
            os.kill(workers[turn % len(workers)], signal.SIGKILL)

    killer = threading.Thread(target=kill)
    killer.start()
    try:
        yield
    finally:
        end.set()
        killer.join()


def wait_until(condition: Callable[[], bool], seconds: float = 20) -> None:
    """Wait until a condition holds; fail after `seconds`."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, f"not within {seconds} seconds"
        time.sleep(0.02)


def in_parallel(threads: int, jobs: int, work: Callable[[int], Any]) -> list[Any]:
    """Return the results of `work(0)` to `work(jobs - 1)`, done by so many threads at once."""
    with ThreadPoolExecutor(threads) as pool:
        return list(pool.map(work, range(jobs)))
