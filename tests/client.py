"""An HTTP client of the API for tests."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest import mock

from flask import Flask
from sqlalchemy import event
from werkzeug.test import TestResponse

from crm.blueprints import PREFIX
from crm.extensions import db
from crm.query import Query
from tests.factories import create_token

UNKNOWN = "00000000-0000-4000-8000-000000000000"
"""A UUID that no row has."""


class ApiClient:
    """Sends requests under the API's prefix, with the token of `user_id` if there is one."""

    def __init__(self, app: Flask, user_id: int | None = None, **headers: str):
        self.app = app
        self.user_id = user_id
        self.headers = dict(headers)
        if user_id is not None:
            self.headers["Authorization"] = f"Bearer {create_token(app, user_id)}"

    def request(self, method: str, path: str, headers: dict[str, str] | None = None, **kwargs: Any) -> TestResponse:
        """Send a request; `json` becomes the body, `headers` are added to the client's own."""
        return self.app.test_client().open(
            PREFIX + path, method=method, headers={**self.headers, **(headers or {})}, **kwargs
        )

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
        from tests.factories import sample

        response = self.post(f"/{resource}", {**sample(resource), **fields})
        assert response.status_code == 201, response.text
        return response.json["data"]

    def errors(self, response: TestResponse) -> dict[str, list[str]]:
        """Return the field errors of a 422."""
        assert response.status_code == 422, response.text
        assert response.json["message"] == "The given data was invalid."
        return response.json["errors"]


@contextmanager
def statements(app: Flask) -> Iterator[list[Any]]:
    """Collect every SQL statement that is sent to the driver meanwhile: a Query's own, and SQLAlchemy's."""
    sent: list[Any] = []
    rows = Query.rows

    def read(query: Query, **values: Any) -> Any:
        sent.append(query.statement)
        return rows(query, **values)

    def write(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        sent.append(statement)

    with app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", write)
    try:
        with mock.patch.object(Query, "rows", read):
            yield sent
    finally:
        event.remove(engine, "before_cursor_execute", write)


def routes(app: Flask) -> dict[str, set[str]]:
    """Return the verbs of every path of the API; a path with a record's id names one that does not exist."""
    found: dict[str, set[str]] = {}
    for rule in app.url_map.iter_rules():
        if rule.rule.startswith(f"{PREFIX}/"):
            path = rule.rule.removeprefix(PREFIX).replace("<external_id>", UNKNOWN)
            found.setdefault(path, set()).update(rule.methods or ())
    return found


def is_public(method: str, path: str) -> bool:
    """Tell whether a route needs no token."""
    return (method, path) == ("POST", "/auth/token") or path == "/openapi.json"
