"""What clients send is in no line of the log, no refusal and no metric: a walk over all that is described (21)."""

import contextlib
import http.client
import json
import re
from typing import Any, NamedTuple

import pytest
from sqlalchemy import create_engine, text

from crm.blueprints import PREFIX
from tests.conftest import UNLIMITED
from tests.support.client import SOURCE, UNKNOWN, UNKNOWN_PARTS, ApiClient
from tests.support.databases import SECRET_KEY
from tests.support.factories import PASSWORD, create_token, create_user
from tests.support.mutations import Operation, operations
from tests.support.places import keys_of
from tests.support.server import free_port, run_server, wait_until

MARK = "qzmarkedqz"
"""Stands in every value that is sent, as a password, a token or a customer's words would."""
BROKEN = f'{{"title": "{MARK}", "password": "{MARK}'.encode()
_HEADERS = ("Idempotency-Key", "If-None-Match", "Cookie", "Referer", "User-Agent", "X-Forwarded-For")
HEADERS = dict.fromkeys(_HEADERS, MARK)
_NAMES = ("x", "search", "q", "filter[title]", "sort", "cursor", "fields", "after")
QUERY = "&".join(f"{name}={MARK}" for name in _NAMES)

WALKED = [operation for operation in operations() if operation.path != "/openapi.json"]  # it holds examples of secrets


class Answer(NamedTuple):
    """What came of a request."""

    status: int
    body: str


class Walk:
    """Sends what is marked to a server, and keeps what was refused and which secrets were given out."""

    def __init__(self, api: ApiClient, port: int):
        self.api = api
        self.port = port
        self.keys = keys_of(api)
        self.statuses: list[int] = []
        self.refusals: list[str] = []
        self.secrets = {MARK, PASSWORD, SECRET_KEY, self._token()}

    def over(self, operation: Operation) -> None:
        """Send an operation with what exists and with what does not, well and ill."""
        path = re.sub(r"\{(\w+)\}", lambda match: self._key(operation, match[1]), operation.path)
        marked = re.sub(r"\{\w+\}", MARK, operation.path)
        for body in operation.bodies[:2] or (None,):
            for changed in (_marked(body, len), _marked(body, bool)):
                self.send(operation.method, path, None if body is None else json.dumps(changed).encode())
        self.send(operation.method, f"{path}?{QUERY}", BROKEN, **HEADERS)
        self.send(operation.method, f"{marked}?{QUERY}", b"{}", **{"If-Match": MARK})
        self.send(operation.method, path, b"{}", Authorization=f"Bearer 1|crm_{MARK * 5}")

    def send(self, method: str, path: str, data: bytes | None, **headers: str) -> Answer:
        """Send a request on a connection of its own."""
        own = {"Content-Type": "application/json", "Authorization": f"Bearer {self._token()}"}
        with contextlib.closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)) as connection:
            connection.request(method, PREFIX + path, data, {**own, **headers})
            response = connection.getresponse()
            answer = Answer(response.status, response.read().decode())
        self._keep(answer)
        return answer

    def _keep(self, answer: Answer) -> None:
        self.statuses.append(answer.status)
        if answer.status >= 400:
            self.refusals.append(answer.body)
        else:
            self.secrets |= {*re.findall(r'"(?:secret|token)":"((?:whsec_|[0-9]+\|)[^"]+)"', answer.body)}
        if answer.status == 401:
            self.api.headers["Authorization"] = f"Bearer {create_token(self.api.app, self.api.user_id)}"
            self.secrets.add(self._token())

    def _key(self, operation: Operation, name: str) -> str:
        of_parts = {**UNKNOWN_PARTS, "source": SOURCE, "message_id": self.keys["messages"]}
        return of_parts.get(name) or self.keys.get(operation.path.split("/")[1], UNKNOWN)

    def _token(self) -> str:
        return self.api.headers["Authorization"].removeprefix("Bearer ")


def _marked(value: Any, which: Any) -> Any:
    """Return a body where every text is marked that is chosen: with `bool` all, with `len` those of several words."""
    if isinstance(value, dict):
        return {name: _marked(part, which) for name, part in value.items()}
    if isinstance(value, list):
        return [_marked(part, which) for part in value]
    if isinstance(value, str) and (which is bool or " " in value):
        return f"{value} {MARK}"
    return value


@pytest.fixture
def walked(serve, database):
    """A server on a database of its own, the walk, what asks for metrics, and the lines of the log so far."""
    app = serve(database)
    api = ApiClient(app, create_user(app, email=f"{MARK}@example.com"))
    port = free_port()
    environ = {
        **UNLIMITED,
        "CRM_DATABASE_URL": database,
        "CRM_SECRET_KEY": SECRET_KEY,
        "CRM_LOG_LEVEL": "debug",
        "CRM_LOG_FORMAT": "json",
        "CRM_METRICS_BIND": f"127.0.0.1:{port}",
    }
    with run_server(environ, "", "--workers", "2") as server:
        yield Walk(api, server.port), server, port


def test_nothing_that_is_sent_is_told(walked):
    walk, server, metrics_port = walked
    for operation in WALKED:
        walk.over(operation)
    assert {200, 201, 204, 400, 401, 404, 422} <= {*walk.statuses}
    assert 500 not in walk.statuses
    check(walk, server, metrics_port)


def test_nothing_that_is_sent_is_told_where_the_database_fails(walked, database):
    walk, server, metrics_port = walked
    engine = create_engine(database)
    with engine.begin() as connection:
        connection.execute(text("ALTER TABLE counters RENAME TO gone"))
    engine.dispose()
    for operation in WALKED:
        walk.over(operation)
    assert walk.statuses.count(500) + walk.statuses.count(503) > 100
    check(walk, server, metrics_port)


def check(walk, server, metrics_port):
    """Check that no secret is in a refusal, in the log or in the metrics, each of which tells of all requests."""
    wait_until(lambda: sum("ms" in line for line in server.log()) > len(walk.statuses))
    with contextlib.closing(http.client.HTTPConnection("127.0.0.1", metrics_port, timeout=30)) as connection:
        connection.request("GET", "/metrics")
        metrics = connection.getresponse().read().decode()
    assert "crm_requests_total" in metrics
    told = {"refusals": walk.refusals, "log": server.log_lines(), "metrics": metrics.splitlines()}
    secrets = {part for secret in walk.secrets for part in (secret, secret.partition("|")[2]) if part}
    for where, lines in told.items():
        found = [line for line in lines if any(secret.lower() in line.lower() for secret in secrets)]
        assert not found, (where, found[:3])
