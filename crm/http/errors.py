"""JSON for every error (contract, section 7): a plain sentence for the client, the details in the log."""

from collections.abc import Mapping
from itertools import islice
from typing import Any

from flask import Flask, Response, jsonify, request
from werkzeug.exceptions import HTTPException

from crm.database.faults import RETRY_SECONDS, database_errors, fault_of, report
from crm.http.problems import PROBLEM, problem_of, wants_problem
from crm.http.request_id import request_id
from crm.operate.requests import route
from crm.operate.security import security_event

MESSAGES = {
    400: "The request could not be understood, or its body is no JSON object.",
    401: "Unauthenticated.",
    403: "This action is unauthorized.",
    404: "The requested resource was not found.",
    405: "This method is not supported for this path.",
    413: "The request body is too large.",
    415: "The request body must be sent as application/json.",
    429: "Too Many Attempts.",
    500: "Something went wrong on the server.",
    503: "The service is temporarily unavailable. Please try again shortly.",
}
MAX_FAULTS = 100
NAMED_BY_REQUEST = (500, 503)
"""Refusals that are the server's own: they tell the id by which its log can be searched."""


class Refusal(HTTPException):
    """A request that is not done: a status of 4xx or 503, with a sentence of its own if it has one.

    `details` stand beside the sentence in the body, `headers` among those of the answer.
    """

    def __init__(
        self,
        code: int,
        message: str | None = None,
        details: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ):
        super().__init__()
        self.code = code
        self.message = message
        self.details = details or {}
        self.headers = headers or {}


class ValidationFailed(Refusal):
    """A 422: its detail `errors` maps the paths of faulty fields, MAX_FAULTS at most, each to its sentences."""

    def __init__(self, errors: Mapping[str, list[str]]):
        told = dict(islice(errors.items(), MAX_FAULTS))
        super().__init__(422, "The given data was invalid.", {"errors": told})


class Overtaken(Refusal):
    """Another request has changed what this one was judged by: it has to be run again from the top.

    `crm.http.application` does so; the 503 is the answer if it happens time and again.
    """

    def __init__(self) -> None:
        super().__init__(503, headers={"Retry-After": str(RETRY_SECONDS)})


def init_app(app: Flask) -> None:
    """Answer every error of the application in JSON. Expects the database to be bound."""
    app.register_error_handler(HTTPException, answer_http_error)
    with app.app_context():
        errors = database_errors()
    for error in errors:
        app.register_error_handler(error, answer_database_error)


def answer_http_error(error: HTTPException) -> Response:
    """Return the JSON answer for an HTTP error, keeping headers such as `Allow`."""
    code = error.code or 500
    if code == 403:
        security_event("access.refused", method=request.method, route=route())
    body: dict[str, Any] = {"message": getattr(error, "message", None) or MESSAGES.get(code, error.name)}
    body |= getattr(error, "details", {})
    if code in NAMED_BY_REQUEST:
        body["request_id"] = request_id()
    response = _answer(code, body)
    for name in ("Allow", "Location", "Retry-After"):
        if value := error.get_response().headers.get(name):
            response.headers[name] = value
    response.headers.update(getattr(error, "headers", {}))
    if code == 401:
        response.headers["WWW-Authenticate"] = "Bearer"
    return response


def answer_database_error(error: Exception) -> Response:
    """Return the 503 for a database that cannot be used, and tell the operator why. Raises the program's own faults."""
    fault = fault_of(error)
    if fault is None:
        raise error
    report(fault, error)
    response = answer_http_error(Refusal(503))
    response.headers["Retry-After"] = str(RETRY_SECONDS)
    return response


def _answer(code: int, body: dict[str, Any]) -> Response:
    """Return an error in the form that the client prefers."""
    if wants_problem():
        response = jsonify(problem_of(code, body, request_id()))
        response.mimetype = PROBLEM
    else:
        response = jsonify(body)
    response.status_code = code
    return response
