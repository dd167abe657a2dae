"""Holds answers against the API description: the tests' client has every answer checked here."""

import re
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, NamedTuple
from urllib.parse import parse_qs, unquote, urlsplit

import jsonschema_rs
from flask import Flask
from werkzeug.exceptions import HTTPException, MethodNotAllowed
from werkzeug.test import TestResponse

from crm import create_app
from crm.blueprints import PREFIX
from crm.openapi.document import describe, path_of

MEDIA_TYPE = "application/json"
SECRETS = re.compile("POST /(auth/token|webhooks) 201|POST /webhooks/[^/]+/rotate-secret 200")
"""The answers that hold a token or a secret."""
_NOT_EVERYWHERE = (
    "retry-after",
    "x-ratelimit-limit",
    "x-ratelimit-reset",
    "ratelimit",
    "ratelimit-policy",
    "www-authenticate",
    "allow",
    "etag",
    "idempotent-replayed",
)


class HeaderCheck(NamedTuple):
    """How a header is described."""

    is_required: bool
    is_integer: bool
    validator: jsonschema_rs.Validator


@cache
def any_app() -> Flask:
    """Return an application to ask what is the same whatever the settings, such as its routes."""
    return create_app({"CRM_DATABASE_URL": "sqlite://", "CRM_SECRET_KEY": "x" * 32})


@cache
def description() -> dict[str, Any]:
    """Return the description, which is the same whatever the settings."""
    return describe(any_app())


def resolved(part: dict[str, Any]) -> dict[str, Any]:
    """Return a part of the description, or what it refers to."""
    return _at(part["$ref"].removeprefix("#/").split("/")) if "$ref" in part else part


def _at(steps: Sequence[str]) -> Any:
    found: Any = description()
    for step in steps:
        found = found[step]
    return found


def check(app: Flask, method: str, path: str, answer: TestResponse) -> None:
    """Assert that the answer to a request under the prefix is described: its status, headers and body."""
    shows_a_secret = SECRETS.fullmatch(f"{method} {path.partition('?')[0]} {answer.status_code}")
    headers = {name.lower(): value for name, value in answer.headers}
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["cache-control"] == ("no-store" if shows_a_secret else "no-cache, private")
    assert headers["content-security-policy"] == "default-src 'none'; frame-ancestors 'none'"
    assert headers["x-request-id"]
    if method == "OPTIONS":
        return
    found = _find(app, "GET" if method == "HEAD" else method, path.partition("?")[0], answer.status_code)
    if found is None:
        return
    steps, exists = found
    _check_headers(_header_checks(steps) if exists else {}, headers)
    is_partial = bool(parse_qs(urlsplit(path).query).get("fields"))
    validator = None if method == "HEAD" else _validator(steps, is_partial)
    if validator is None:
        assert not answer.data
    else:
        validator.validate(answer.json)


def _find(app: Flask, method: str, path: str, status: int) -> tuple[tuple[str, ...], bool] | None:
    """Return where an answer is described, and whether its path exists."""
    try:
        rule, _ = app.url_map.bind("localhost").match(PREFIX + unquote(path), method, return_rule=True)
    except MethodNotAllowed:
        return ("components", "responses", {400: "BadRequest", 405: "MethodNotAllowed"}[status]), True
    except HTTPException:
        return ("components", "responses", {400: "BadRequest", 404: "NotFound"}[status]), False
    if path_of(rule) not in description()["paths"]:
        return None  # a route of the test's own
    return _steps(path_of(rule), method.lower(), str(status)), True


@cache
def _steps(path: str, method: str, status: str) -> tuple[str, ...]:
    steps = ("paths", path, method, "responses", status)
    assert status in _at(steps[:-1]), f"{method} {path}: {status} is not described"
    found = _at(steps)
    return tuple(found["$ref"].removeprefix("#/").split("/")) if "$ref" in found else steps


def _check_headers(described: Mapping[str, HeaderCheck], headers: Mapping[str, str]) -> None:
    for name in _NOT_EVERYWHERE:
        assert name in described or name not in headers, f"{name} is not described"
    for name, check in described.items():
        if name not in headers:
            assert not check.is_required, f"{name} is missing"
        else:
            check.validator.validate(int(headers[name]) if check.is_integer else headers[name])


@cache
def _header_checks(steps: tuple[str, ...]) -> dict[str, HeaderCheck]:
    """Return how the headers of an answer are described, by their names in lower case."""
    headers = {name.lower(): resolved(header) for name, header in _at(steps).get("headers", {}).items()}
    return {
        name: HeaderCheck(
            header["required"], header["schema"]["type"] == "integer", jsonschema_rs.validator_for(header["schema"])
        )
        for name, header in headers.items()
    }


@cache
def _validator(steps: tuple[str, ...], is_partial: bool) -> jsonschema_rs.Validator | None:
    """Return the validator of a body, None where there is none. No property may be shown that is not described.

    With `fields`, which makes records partial, any may be missing.
    """
    if "content" not in (response := _at(steps)):
        return None
    schema = _closed(response["content"][MEDIA_TYPE]["schema"])
    components = {"schemas": _closed(description()["components"]["schemas"])}
    whole = {**schema, "components": components}
    return jsonschema_rs.validator_for(_without_required(whole) if is_partial else whole, validate_formats=True)


def _closed(schema: Any) -> Any:
    """Return a schema whose objects may have no property that it does not name."""
    if isinstance(schema, list):
        return [_closed(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    closed = {key: _closed(part) for key, part in schema.items()}
    return {**closed, "additionalProperties": False} if isinstance(schema.get("properties"), dict) else closed


def _without_required(schema: Any) -> Any:
    if isinstance(schema, list):
        return [_without_required(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    requires = isinstance(schema.get("required"), list)  # and is no property of that name
    return {key: _without_required(part) for key, part in schema.items() if key != "required" or not requires}
