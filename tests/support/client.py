"""The clients of an application for tests: of its API, and of its command line."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

from click.testing import Result
from flask import Flask
from sqlalchemy import event
from werkzeug.test import TestResponse

from crm.blueprints import PREFIX
from crm.database.query import Query, query_sent
from crm.extensions import db
from tests.support import described
from tests.support.factories import KINDS, add_member, create_team, create_token, create_user

UNKNOWN = "00000000-0000-4000-8000-000000000000"
"""A UUID that no row has, and an own key that no record has."""
UNKNOWN_PARTS = {
    "payment_id": UNKNOWN[:-1] + "1",
    "currency": "XTS",
    "message_id": "msg_0",
    "token_id": "999999999",
}
"""By the parameter of a path that names a part of a record, a key that no part has."""
SOURCE = "erp"
"""Where own keys are from."""


class ApiClient:
    """Sends requests under the API's prefix with these headers, else with a new token of `user_id` if there is one."""

    def __init__(self, app: Flask, user_id: int | None = None, **headers: str):
        self.app = app
        self.user_id = user_id
        self.headers = dict(headers)
        if user_id is not None and "Authorization" not in headers:
            self.headers["Authorization"] = f"Bearer {create_token(app, user_id)}"

    def request(self, method: str, path: str, headers: dict[str, str] | None = None, **kwargs: Any) -> TestResponse:
        """Send a request; `json` becomes the body, `headers` are added to the client's own.

        Every answer has to be as the API description says.
        """
        answer = self.app.test_client(use_cookies=False).open(
            PREFIX + path, method=method, headers={**self.headers, **(headers or {})}, **kwargs
        )
        described.check(self.app, method, path, answer)
        return answer

    def get(self, path: str, **kwargs: Any) -> TestResponse:
        return self.request("GET", path, **kwargs)

    def post(self, path: str, json: Any = None, **kwargs: Any) -> TestResponse:
        return self.request("POST", path, json={} if json is None else json, **kwargs)

    def put(self, path: str, json: Any = None, **kwargs: Any) -> TestResponse:
        return self.request("PUT", path, json={} if json is None else json, **kwargs)

    def patch(self, path: str, json: Any = None, **kwargs: Any) -> TestResponse:
        return self.request("PATCH", path, json={} if json is None else json, **kwargs)

    def delete(self, path: str, **kwargs: Any) -> TestResponse:
        return self.request("DELETE", path, **kwargs)

    def create(self, resource: str, **fields: Any) -> dict[str, Any]:
        """Create a record, filling required fields that are not given, and return its data."""
        from tests.support.factories import sample

        response = self.post(f"/{resource}", {**sample(resource), **fields})
        assert response.status_code == 201, response.text
        return response.json["data"]

    def errors(self, response: TestResponse) -> dict[str, list[str]]:
        """Return the field errors of a 422."""
        assert response.status_code == 422, response.text
        assert response.json["message"] == "The given data was invalid."
        return response.json["errors"]


class Teams(NamedTuple):
    """Two teams, and clients: `ours` owns `a`, `theirs` owns `b`, `both` is a member of both and `a` is current."""

    app: Flask
    a: int
    b: int
    ours: ApiClient
    theirs: ApiClient
    both: ApiClient
    in_b: ApiClient
    """The user of `both`, with the header that asks for team `b`."""


def make_teams(app: Flask) -> Teams:
    """Make two teams and their clients."""
    owner, other, member = (create_user(app, "Viewer") for _ in range(3))
    a, b = create_team(app, owner, "A"), create_team(app, other, "B")
    add_member(app, a, member)
    add_member(app, b, member)
    clients = (ApiClient(app, user) for user in (owner, other, member))
    return Teams(app, a, b, *clients, ApiClient(app, member, **{"X-Team-ID": str(b)}))


class CommandLine:
    """Runs `flask crm …`."""

    def __init__(self, app: Flask):
        self.runner = app.test_cli_runner()

    def run(self, *args: Any, **kwargs: Any) -> Result:
        return self.runner.invoke(args=["crm", *map(str, args)], **kwargs)

    def done(self, *args: Any, **kwargs: Any) -> str:
        """Run a command that succeeds and return its stdout."""
        result = self.run(*args, **kwargs)
        assert (result.exit_code, result.stderr) == (0, ""), result.output
        return result.stdout

    def refused(self, *args: Any) -> str:
        """Run a command that fails with a message and return its stderr."""
        result = self.run(*args)
        assert result.exit_code == 1, result.output
        assert "Traceback" not in result.stderr
        return result.stderr


@contextmanager
def statements(app: Flask) -> Iterator[list[tuple[Any, Any]]]:
    """Collect every SQL statement that is sent to the driver meanwhile, with its values: a Query, or SQLAlchemy's text.

    One that runs for each of many values is sent once.
    """
    sent: list[tuple[Any, Any]] = []

    def note_query(query: Query, values: Any) -> None:
        sent.append((query, values))

    def note_text(_connection: Any, _cursor: Any, statement: str, values: Any, *_: Any) -> None:
        sent.append((statement, values))

    with app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", note_text)
    try:
        with query_sent.connected_to(note_query):
            yield sent
    finally:
        event.remove(engine, "before_cursor_execute", note_text)


def routes(app: Flask) -> dict[str, set[str]]:
    """Return the verbs of every path of the API; one with a record's id or own key names one that does not exist."""
    found: dict[str, set[str]] = {}
    for rule in app.url_map.iter_rules():
        if rule.rule.startswith(f"{PREFIX}/"):
            path = rule.rule.removeprefix(PREFIX).replace("<source>", SOURCE)
            path = re.sub("<external_id>|<own_key:key>", UNKNOWN, path)
            path = re.sub("<(\\w+)>", lambda match: UNKNOWN_PARTS.get(match[1], match[0]), path)
            found.setdefault(path, set()).update(rule.methods or ())
    assert len(found) > 2 * len(KINDS)
    return found


def protected_routes(app: Flask) -> list[tuple[str, str]]:
    """Return the verb and path of every route that needs a token."""
    found = ((verb, path) for path, verbs in routes(app).items() for verb in verbs - {"OPTIONS"})
    protected = sorted((verb, path) for verb, path in found if not is_public(verb, path))
    assert len(protected) > 7 * len(KINDS)
    return protected


def is_public(method: str, path: str) -> bool:
    """Tell whether a route needs no token."""
    return (method, path) == ("POST", "/auth/token") or path == "/openapi.json"
