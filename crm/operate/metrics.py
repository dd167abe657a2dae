"""What is counted of requests for Prometheus (beyond, section 21), by each worker in files that the server adds up.

The library is loaded where CRM_METRICS_BIND is set, and by a server alone: commands neither count nor listen.
"""

import os
from typing import TYPE_CHECKING, Any

from flask import Flask
from sqlalchemy import event
from werkzeug.datastructures import Headers

from crm.extensions import db
from crm.http.idempotency import REPLAYED
from crm.operate.requests import Facts, tell_also

if TYPE_CHECKING:
    from prometheus_client import Gauge

FOLDER = "PROMETHEUS_MULTIPROC_DIR"
"""The variable by which the library knows where its files are. It has to be set before the library is loaded."""

METHODS = frozenset(("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"))
OTHER = "other"
"""Stands for what clients could make up without end: methods, and paths that are not there."""

_BUCKETS = (0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 15)


def init_app(app: Flask) -> None:
    """Count the application's requests and connections, if a server has made a folder for that."""
    if os.environ.get(FOLDER):
        metrics = Metrics()
        tell_also(app, metrics.count)
        with app.app_context():
            count_connections(db.engine, metrics.connections)


class Metrics:
    """The counters of a process."""

    def __init__(self) -> None:
        from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

        own = CollectorRegistry()
        self.requests = Counter("crm_requests", "Requests.", ("method", "route", "status"), registry=own)
        self.seconds = Histogram(
            "crm_request_seconds", "How long requests took.", ("route",), buckets=_BUCKETS, registry=own
        )
        self.refusals = Counter("crm_refusals", "Requests beyond a limit, by its name.", ("limit",), registry=own)
        self.replays = Counter("crm_replays", "Answers that were kept, and sent once more.", registry=own)
        self.connections = Gauge(
            "crm_database_connections", "Open connections.", multiprocess_mode="livesum", registry=own
        )

    def count(self, told: Facts, headers: Headers) -> None:
        """Count a request, once it is answered with these headers."""
        route = told["route"] or OTHER
        method = told["method"] if told["method"] in METHODS else OTHER
        self.requests.labels(method, route, told["status"]).inc()
        self.seconds.labels(route).observe(told["ms"] / 1000)
        if told["status"] == 429:
            self.refusals.labels(limit_of(headers)).inc()
        if REPLAYED in headers:
            self.replays.inc()


def limit_of(headers: Headers) -> str:
    """Return the name of the limit that an answer was refused by: `user`, `address` or `login`."""
    return headers.get("RateLimit-Policy", OTHER).partition(";")[0].strip('"')


def count_connections(engine: Any, gauge: "Gauge") -> None:
    """Have a gauge show how many connections of an engine are open."""
    event.listen(engine, "connect", lambda *_: gauge.inc())
    event.listen(engine, "close", lambda *_: gauge.dec())
