"""Where Prometheus gets the metrics: an address of their own, served by a thread of gunicorn's master.

The master adds up what all workers have written into a folder, those included that have ended. gunicorn.conf.py calls
these functions where the server's life comes to them.
"""

import logging
import os
import shutil
import socket
import tempfile
from collections.abc import Iterator, Mapping
from functools import cache
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Lock, Thread
from typing import TYPE_CHECKING

from flask import Flask

from crm.database.connections import see_every_team
from crm.database.faults import database_errors, fault_of, report
from crm.extensions import db
from crm.operate.deliveries import deliveries
from crm.operate.metrics import FOLDER

if TYPE_CHECKING:
    from prometheus_client import CollectorRegistry, Metric

PATH = "/metrics"

_log = logging.getLogger(__name__)

Address = tuple[str, int]


class MetricsServer:
    """The folder of a server's metrics, and the socket that they are asked for at."""

    def __init__(self, address: Address):
        """Make an empty folder and bind the address. Raises SystemExit, with one line, if it is taken."""
        self._folder = tempfile.mkdtemp(prefix="crm-metrics-")
        os.environ[FOLDER] = self._folder
        self._master = os.getpid()
        self._asking = Lock()
        try:
            self._http = server_at(address)
        except OSError as error:
            shutil.rmtree(self._folder)
            raise SystemExit(f"CRM_METRICS_BIND cannot be used: {error.strerror}.") from None

    def serve(self, app: Flask) -> None:
        """Answer from now on. No worker is forked while the database is asked, or it would share the connection."""
        registry = _registry(self._folder, DeliveriesCollector(app, self._asking))
        os.register_at_fork(
            before=self._asking.acquire, after_in_parent=self._asking.release, after_in_child=self._asking.release
        )
        self._http.RequestHandlerClass = _handler(registry)
        Thread(target=self._http.serve_forever, daemon=True).start()

    def leave_to_master(self) -> None:
        """In a new worker: give up the socket, which the master alone answers at."""
        self._http.socket.close()

    def end_of(self, worker: int) -> None:
        """In the master: note that a worker has ended. What it has counted stays, what it held is gone."""
        from prometheus_client import multiprocess

        multiprocess.mark_process_dead(worker, self._folder)  # type: ignore[no-untyped-call]

    def close(self) -> None:
        """At the end of the master: remove the folder."""
        if os.getpid() == self._master:
            self._http.socket.close()
            shutil.rmtree(self._folder, ignore_errors=True)


@cache
def metrics_server_at(address: Address) -> MetricsServer:
    """Return the one server at an address: gunicorn reads its settings anew when it is sent SIGHUP."""
    return MetricsServer(address)


class DeliveriesCollector:
    """What the database tells of deliveries, when it is asked; nothing while it is away."""

    def __init__(self, app: Flask, turn: Lock):
        self._app = app
        self._turn = turn

    def collect(self) -> Iterator["Metric"]:
        """Yield the gauges."""
        from prometheus_client.core import GaugeMetricFamily

        with self._turn:
            found = self._ask()
            with self._app.app_context():
                db.engine.dispose()
        if found is None:
            return
        by_status, lag = found
        counts = GaugeMetricFamily("crm_deliveries", "Deliveries to webhooks.", labels=("status",))
        for status, count in by_status.items():
            counts.add_metric((status,), count)
        yield counts
        yield GaugeMetricFamily("crm_delivery_lag_seconds", "How long a delivery has been due.", value=lag)

    def _ask(self) -> tuple[Mapping[str, int], float] | None:
        with self._app.test_request_context():  # so that its statements are bounded, as those of requests are
            see_every_team()
            try:
                return deliveries().by_status(), deliveries().lag_seconds()
            except database_errors() as error:
                if (fault := fault_of(error)) is None:
                    raise
                report(fault, error)
                return None


def _registry(folder: str, collector: DeliveriesCollector) -> "CollectorRegistry":
    from prometheus_client import CollectorRegistry, multiprocess

    registry = CollectorRegistry()
    multiprocess.MultiProcessCollector(registry, folder)  # type: ignore[no-untyped-call]
    registry.register(collector)
    return registry


def server_at(address: Address) -> HTTPServer:
    """Return a server that is bound to an address, and tells the log what it fails by."""

    class Server(HTTPServer):
        address_family = socket.AF_INET6 if ":" in address[0] else socket.AF_INET

        def handle_error(self, *_: object) -> None:
            _log.exception("The metrics could not be sent.")

    return Server(address, BaseHTTPRequestHandler)


def _handler(registry: "CollectorRegistry") -> type[BaseHTTPRequestHandler]:
    from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

    class Handler(BaseHTTPRequestHandler):
        timeout = 5  # seconds that a client may take

        def do_GET(self) -> None:
            if self.path.partition("?")[0] != PATH:
                self.send_error(404)
                return
            body = generate_latest(registry)
            self.send_response(200)
            self.send_header("Content-Type", CONTENT_TYPE_LATEST)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Write nothing: being scraped is no news."""

    return Handler
