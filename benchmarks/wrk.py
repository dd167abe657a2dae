"""A server under load: wrk sends requests on several connections for some seconds."""

import json
import re
import subprocess
import tempfile
from collections.abc import Sequence
from typing import NamedTuple

from benchmarks.server import COUNT, PREFIX, Request, Server

CONNECTIONS = 8
_UNITS = {"us": 0.001, "ms": 1.0, "s": 1000.0}
_SCRIPT = """
local requests = {{{requests}}}
local threads = 0
function setup(thread)
  threads = threads + 1
  thread:set("place", threads)
end
function init()
  for name, value in pairs(requests[place]) do wrk[name] = value end
  wrk.headers["Host"] = wrk.host
end
"""
_COUNTING = """
local count = 0
function request()
  count = count + 1
  return wrk.format(nil, nil, nil, (string.gsub(wrk.body, "{count}", count)))
end
"""


class Round(NamedTuple):
    """What one round of wrk measured; times in milliseconds, `cpu` of the server's processes for one request."""

    rate: float
    p50: float
    p99: float
    cpu: float


def drive(server: Server, request: Request, seconds: float) -> Round:
    """Let wrk send a request on all connections for so long."""
    return _run(server, [request], CONNECTIONS, seconds)


def drive_each(server: Server, requests: Sequence[Request], seconds: float) -> Round:
    """Let wrk send for so long each request on a connection of its own."""
    return _run(server, requests, len(requests), seconds)


def _run(server: Server, requests: Sequence[Request], connections: int, seconds: float) -> Round:
    """Run wrk with a thread for each request, since its scripts know their thread and not their connection."""
    with tempfile.NamedTemporaryFile("w", suffix=".lua") as script:
        script.write(_SCRIPT.format(requests=", ".join(_lua(server, request) for request in requests)))
        if requests[0].body is not None:
            script.write(_COUNTING.format(count=COUNT))
        script.flush()
        command = ["wrk", "-t", str(len(requests)), "-c", str(connections), "-d", f"{seconds}s", "--latency"]
        command += ["-s", script.name, f"http://127.0.0.1:{server.port}"]
        before = server.cpu_seconds()
        output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    if "Non-2xx" in output:
        raise RuntimeError(output)
    sent = int(re.search(r"(\d+) requests in", output)[1])  # type: ignore[index]
    rate = float(re.search(r"Requests/sec:\s+([\d.]+)", output)[1])  # type: ignore[index]
    cpu = (server.cpu_seconds() - before) / sent * 1000
    return Round(rate, _percentile(output, 50), _percentile(output, 99), cpu)


def _lua(server: Server, request: Request) -> str:
    """Return a request as a table of Lua, by the names that wrk has for what it sends."""
    headers = {**server.headers, **request.headers}.items()
    fields = {
        "method": _quoted(request.method),
        "path": _quoted(PREFIX + request.path),
        "headers": "{" + ", ".join(f"[ {_quoted(name)} ] = {_quoted(value)}" for name, value in headers) + "}",
        "body": "nil" if request.body is None else _quoted(json.dumps(request.body)),
    }
    return "{" + ", ".join(f"{name} = {value}" for name, value in fields.items()) + "}"


def _quoted(text: str) -> str:
    return f"[==[{text}]==]"


def _percentile(output: str, percent: int) -> float:
    number, unit = re.search(rf"{percent}%\s+([\d.]+)(us|ms|s)", output).groups()  # type: ignore[union-attr]
    return float(number) * _UNITS[unit]
