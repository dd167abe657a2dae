"""Holds answers against the API description: a test client that sends requests checks every answer with this."""

from collections.abc import Mapping
from functools import cache, lru_cache
from typing import Any

import jsonschema_rs
from flask import Flask
from werkzeug.exceptions import HTTPException
from werkzeug.test import TestResponse

from crm import create_app
from crm.blueprints import PREFIX
from crm.openapi.document import describe, path_of

HEAD_OF = {"HEAD": "GET"}


@cache
def description() -> dict[str, Any]:
    """Return the description, which is the same whatever the settings."""
    return describe(create_app({"CRM_DATABASE_URL": "sqlite://", "CRM_SECRET_KEY": "for a description only"}))


def check(app: Flask, method: str, path: str, answer: TestResponse) -> None:
    """Assert that an answer to a request under the prefix is described: its status, headers and body."""
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cache-Control"] == "no-cache, private"
    if method == "OPTIONS":
        return
    described = _operation(app, path.partition("?")[0], HEAD_OF.get(method, method))
    if described is None:
        assert answer.status_code in (404, 405)
        described = ("/leads/{id}", "get")  # the refusals are the same everywhere
    status = str(answer.status_code)
    responses = description()["paths"][described[0]][described[1]]["responses"]
    assert status in responses, f"{method} {path}: {status} is not described"
    _check_headers(_resolved(responses[status]).get("headers", {}), answer)
    validator = _validator(*described, status)
    if method == "HEAD" or validator is None:
        assert not answer.data
    else:
        validator.validate(answer.json)


def _operation(app: Flask, path: str, method: str) -> tuple[str, str] | None:
    """Return path and verb, as they are described, of the operation that a request is for."""
    try:
        rule, _ = app.url_map.bind("localhost").match(PREFIX + path, method, return_rule=True)
    except HTTPException:
        return None
    return path_of(rule), method.lower()


def _check_headers(headers: Mapping[str, Any], answer: TestResponse) -> None:
    if "X-RateLimit-Limit" not in headers:
        assert "X-RateLimit-Limit" not in answer.headers
    for name, header in headers.items():
        resolved = _resolved(header)
        value: Any = answer.headers.get(name)
        if value is None:
            assert not resolved["required"], f"{name} is missing"
            continue
        value = int(value) if resolved["schema"]["type"] == "integer" else value
        jsonschema_rs.validate(resolved["schema"], value)
    for name in ("Retry-After", "X-RateLimit-Reset", "WWW-Authenticate", "Allow", "ETag"):
        assert name in headers or name not in answer.headers, f"{name} is not described"


@lru_cache(maxsize=None)
def _validator(path: str, method: str, status: str) -> Any:
    """Return the validator of a body, None if there is none. No property may be shown that is not described."""
    response = _resolved(description()["paths"][path][method]["responses"][status])
    if "content" not in response:
        return None
    schema = response["content"]["application/json"]["schema"]
    return jsonschema_rs.validator_for(
        {**_closed(schema), "components": _closed_components()}, validate_formats=True
    )


@cache
def _closed_components() -> dict[str, Any]:
    return {"schemas": _closed(description()["components"]["schemas"])}


def _closed(schema: Any) -> Any:
    """Return a schema whose objects may have no property that it does not name."""
    if isinstance(schema, list):
        return [_closed(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    closed = {key: _closed(part) for key, part in schema.items()}
    return {**closed, "additionalProperties": False} if isinstance(schema.get("properties"), dict) else closed


def _resolved(part: dict[str, Any]) -> dict[str, Any]:
    """Return what a reference of the description refers to."""
    if "$ref" not in part:
        return part
    _, *steps = part["$ref"].split("/")
    found: Any = description()
    for step in steps:
        found = found[step]
    return found
