"""Holds answers against the API description: the tests' client has every answer checked here."""

from collections.abc import Mapping
from functools import cache
from typing import Any
from urllib.parse import unquote

import jsonschema_rs
from flask import Flask
from werkzeug.exceptions import HTTPException, MethodNotAllowed
from werkzeug.test import TestResponse

from crm import create_app
from crm.blueprints import PREFIX
from crm.openapi.document import describe, path_of

MEDIA_TYPE = "application/json"
SECRETS = {("POST", "/auth/token", 201)}
"""The answers that hold a token or a secret."""
_NOT_EVERYWHERE = ("Retry-After", "X-RateLimit-Reset", "WWW-Authenticate", "Allow", "ETag")


@cache
def description() -> dict[str, Any]:
    """Return the description, which is the same whatever the settings."""
    return describe(create_app({"CRM_DATABASE_URL": "sqlite://", "CRM_SECRET_KEY": "for a description only"}))


def resolved(part: dict[str, Any]) -> dict[str, Any]:
    """Return a part of the description, or what it refers to."""
    return _at(part["$ref"].removeprefix("#/").split("/")) if "$ref" in part else part


def _at(steps: list[str]) -> Any:
    found: Any = description()
    for step in steps:
        found = found[step]
    return found


def check(app: Flask, method: str, path: str, answer: TestResponse) -> None:
    """Assert that the answer to a request under the prefix is described: its status, headers and body."""
    shows_a_secret = (method, path, answer.status_code) in SECRETS
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cache-Control"] == ("no-store" if shows_a_secret else "no-cache, private")
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'; frame-ancestors 'none'"
    assert answer.headers["X-Request-Id"]
    if method == "OPTIONS":
        return
    found = _response(app, "GET" if method == "HEAD" else method, path.partition("?")[0], answer.status_code)
    if found is None:
        return
    steps, exists = found
    response = _at(steps)
    _check_headers(response.get("headers", {}) if exists else {}, answer)
    if method == "HEAD" or "content" not in response:
        assert not answer.data
    else:
        _validator(tuple(steps)).validate(answer.json)


def _response(app: Flask, method: str, path: str, status: int) -> tuple[list[str], bool] | None:
    """Return where an answer is described, and whether its path exists."""
    try:
        rule, _ = app.url_map.bind("localhost").match(PREFIX + unquote(path), method, return_rule=True)
    except MethodNotAllowed:
        return ["components", "responses", {400: "BadRequest", 405: "MethodNotAllowed"}[status]], True
    except HTTPException:
        return ["components", "responses", {400: "BadRequest", 404: "NotFound"}[status]], False
    if path_of(rule) not in description()["paths"]:
        return None  # a route of the test's own
    steps = ["paths", path_of(rule), method.lower(), "responses", str(status)]
    assert steps[-1] in _at(steps[:-1]), f"{method} {path}: {status} is not described"
    found = _at(steps)
    return found["$ref"].removeprefix("#/").split("/") if "$ref" in found else steps, True


def _check_headers(headers: Mapping[str, Any], answer: TestResponse) -> None:
    for name in _NOT_EVERYWHERE:
        assert name in headers or name not in answer.headers, f"{name} is not described"
    assert "X-RateLimit-Limit" in headers or "X-RateLimit-Limit" not in answer.headers
    for name, header in headers.items():
        described, value = resolved(header), answer.headers.get(name)
        if value is None:
            assert not described["required"], f"{name} is missing"
        else:
            typed = int(value) if described["schema"]["type"] == "integer" else value
            jsonschema_rs.validate(described["schema"], typed)


@cache
def _validator(steps: tuple[str, ...]) -> jsonschema_rs.Validator:
    """Return the validator of a body. No property may be shown that is not described."""
    schema = _at([*steps, "content", MEDIA_TYPE, "schema"])
    return jsonschema_rs.validator_for({**_closed(schema), "components": _components()}, validate_formats=True)


@cache
def _components() -> dict[str, Any]:
    return {"schemas": _closed(description()["components"]["schemas"])}


def _closed(schema: Any) -> Any:
    """Return a schema whose objects may have no property that it does not name."""
    if isinstance(schema, list):
        return [_closed(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    closed = {key: _closed(part) for key, part in schema.items()}
    return {**closed, "additionalProperties": False} if isinstance(schema.get("properties"), dict) else closed
