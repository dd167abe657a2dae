"""A server under load: wrk sends one request on several connections for some seconds."""

import json
import re
import subprocess
import tempfile
from typing import NamedTuple

from benchmarks.server import PREFIX, Request, Server

CONNECTIONS = 8
_UNITS = {"us": 0.001, "ms": 1.0, "s": 1000.0}
_SCRIPT = 'wrk.method = "{method}"\nwrk.body = [==[{body}]==]\nwrk.headers["Content-Type"] = "application/json"\n'


class Round(NamedTuple):
    """What one round of wrk measured; times in milliseconds, `cpu` of the server's processes for one request."""

    rate: float
    p50: float
    p99: float
    cpu: float


def drive(server: Server, request: Request, seconds: float) -> Round:
    """Let wrk send a request on all connections for so long."""
    with tempfile.NamedTemporaryFile("w", suffix=".lua") as script:
        if request.body is not None:
            script.write(_SCRIPT.format(method=request.method, body=json.dumps(request.body)))
            script.flush()
        url = f"http://127.0.0.1:{server.port}{PREFIX}{request.path}"
        command = ["wrk", "-t", "1", "-c", str(CONNECTIONS), "-d", f"{seconds}s", "--latency", url]
        if request.body is not None:
            command += ["-s", script.name]
        for name, value in server.headers.items():
            command += ["-H", f"{name}: {value}"]
        before = server.cpu_seconds()
        output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    if "Non-2xx" in output:
        raise RuntimeError(output)
    requests = int(re.search(r"(\d+) requests in", output)[1])  # type: ignore[index]
    rate = float(re.search(r"Requests/sec:\s+([\d.]+)", output)[1])  # type: ignore[index]
    cpu = (server.cpu_seconds() - before) / requests * 1000
    return Round(rate, _percentile(output, 50), _percentile(output, 99), cpu)


def _percentile(output: str, percent: int) -> float:
    number, unit = re.search(rf"{percent}%\s+([\d.]+)(us|ms|s)", output).groups()  # type: ignore[union-attr]
    return float(number) * _UNITS[unit]
