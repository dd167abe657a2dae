"""How gunicorn serves the API (contract, section 9); its command line overrides every setting."""

import os
from pathlib import Path
from typing import Any

from crm.config import load_settings
from crm.database.connections import THREADS
from crm.http.connection import bound_silence
from crm.operate import log
from crm.operate.address import LISTENS_ON
from crm.operate.metrics_server import metrics_server_at

log.configure(None, "info")  # until the settings are known
log.catch_tracebacks()
with log.telling_why_not():
    _settings = load_settings(os.environ, str(Path(__file__).parent / "instance"))
log.configure(_settings["LOG_FORMAT"], _settings["LOG_LEVEL"])
with log.telling_why_not():
    _metrics = metrics_server_at(_settings["METRICS_BIND"]) if _settings["METRICS_BIND"] else None
_counts_in_memory = _settings["RATELIMIT_STORAGE_URL"].startswith("memory://")

bind = LISTENS_ON
worker_class = "gthread"
workers = 1 if _counts_in_memory else max(2, os.cpu_count() or 2)  # each worker's memory would be a count of its own
threads = THREADS
preload_app = True  # a setting that cannot be used stops the start, not each worker
limit_request_line = 8190  # characters; the most that gunicorn takes
keepalive = 65  # seconds; longer than a proxy in front keeps its connections
graceful_timeout = 30  # seconds for the requests in flight at a stop
control_socket_disable = True
logger_class = "crm.operate.server_log.ServerLog"
forwarded_allow_ips = "*" if _settings["TRUSTED_PROXIES"] else ""
forwarder_headers = ""  # of a proxy's word for path and scheme the application judges; gunicorn would take any
secure_scheme_headers: dict[str, str] = {}


def pre_request(_worker: Any, request: Any) -> None:
    """Give the application the means to end a connection, which WSGI has none for (`crm/http/connection.py`)."""
    request.body.end_connection = request.force_close


def when_ready(server: Any) -> None:
    """Bound how long clients may be silent, and serve the metrics from here, the master, which sees all that counts."""
    for listener in server.LISTENERS:
        bound_silence(listener.sock)
    if _metrics:
        _metrics.serve(server.app.wsgi())


def post_fork(_server: Any, _worker: Any) -> None:
    """Leave the metrics' address to the master."""
    if _metrics:
        _metrics.leave_to_master()


def child_exit(_server: Any, worker: Any) -> None:
    """Note that a worker has ended."""
    if _metrics:
        _metrics.end_of(worker.pid)


def on_exit(_server: Any) -> None:
    """Remove the files of the metrics."""
    if _metrics:
        _metrics.close()
