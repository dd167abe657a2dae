"""Whether the server lives and is ready: for what watches it, under the root, without token and limit."""

from typing import Any

from flask import Flask, Response, current_app, request

from crm.operate.readiness import Readiness, is_ready

Answer = tuple[dict[str, Any], int]

_READINESS = "crm_readiness"


def init_app(app: Flask) -> None:
    """Register the routes. Expects the hooks of requests to be registered later: none of them runs for these."""

    def limits_are_there() -> bool:
        return all(limiter.storage.check() for limiter in app.extensions["limiter"])

    app.extensions[_READINESS] = Readiness(app, limits_are_there)
    for name, view in _VIEWS.items():
        app.add_url_rule(f"/{name}", name, view)
    app.before_request(answer_at_once)


def answer_at_once() -> Answer | Response | None:
    """Before a request: answer one of these routes, and ask nothing else of it."""
    view = _VIEWS.get(request.endpoint or "")
    return view and (current_app.make_default_options_response() if request.method == "OPTIONS" else view())


def show_life() -> Answer:
    """Answer that the process answers."""
    return {"status": "ok"}, 200


def show_readiness() -> Answer:
    """Answer whether requests can be served, and what of all that is needed is there."""
    readiness: Readiness = current_app.extensions[_READINESS]
    checks = readiness.checks()
    if is_ready(checks):
        return {"status": "ok", "checks": checks}, 200
    return {"status": "unavailable", "checks": checks}, 503


_VIEWS = {"livez": show_life, "readyz": show_readiness}
