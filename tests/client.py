"""An HTTP client of the API for tests."""

from typing import Any

from flask import Flask
from werkzeug.test import TestResponse

from crm.blueprints import PREFIX
from tests import described
from tests.factories import create_token


class ApiClient:
    """Sends requests under the API's prefix, with the token of `user_id` if there is one."""

    def __init__(self, app: Flask, user_id: int | None = None, **headers: str):
        self.app = app
        self.user_id = user_id
        self.headers = dict(headers)
        if user_id is not None:
            self.headers["Authorization"] = f"Bearer {create_token(app, user_id)}"

    def request(self, method: str, path: str, headers: dict[str, str] | None = None, **kwargs: Any) -> TestResponse:
        """Send a request; `json` becomes the body, `headers` are added to the client's own.

        Every answer has to be as the API description says.
        """
        answer = self.app.test_client().open(
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
        from tests.factories import sample

        response = self.post(f"/{resource}", {**sample(resource), **fields})
        assert response.status_code == 201, response.text
        return response.json["data"]

    def errors(self, response: TestResponse) -> dict[str, list[str]]:
        """Return the field errors of a 422."""
        assert response.status_code == 422, response.text
        assert response.json["message"] == "The given data was invalid."
        return response.json["errors"]
