"""What came of each request: gathered when it has been answered, and told to those who keep it, such as the log."""

import logging
import time
from collections.abc import Callable, Iterable, Iterator
from typing import Any
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from flask import Flask, current_app, g, request
from werkzeug.datastructures import Headers
from werkzeug.exceptions import HTTPException, MethodNotAllowed

from crm.database.query import query_sent
from crm.http.addresses import client_address
from crm.http.request_id import request_id
from crm.operate.log import facts

Facts = dict[str, Any]
Keeper = Callable[[Facts, Headers], None]
"""Is told the facts of a request, and the headers of its answer."""

_GATHERED = "crm.gathered"
_KEEPERS = "crm_keepers"
_QUERIES = "crm_queries"
_WHO = "crm_who"

_log = logging.getLogger("crm.requests")


def init_app(app: Flask, who: Callable[[], Facts]) -> None:
    """Write a line for every request. `who` tells who is acting.

    Expects what changes the application's WSGI environment to be in place, so that all of a request is measured.
    """
    app.extensions[_WHO] = who
    app.extensions[_KEEPERS] = [log_request]
    app.teardown_request(gather)
    app.wsgi_app = observed(app.wsgi_app, app.extensions[_KEEPERS])  # type: ignore[method-assign, assignment]
    query_sent.connect(_count_query)


def tell_also(app: Flask, keeper: Keeper) -> None:
    """Have one more be told of each request."""
    app.extensions[_KEEPERS].append(keeper)


def who_and_where() -> Facts:
    """Return who sends the request that is answered, and from where."""
    who: Facts = current_app.extensions[_WHO]()
    return {**who, "address": client_address()}


def route() -> str | None:
    """Return the template of the request's path, such as `/crm/api/v2/leads/<external_id>`, None for an unknown one."""
    if request.url_rule:
        return request.url_rule.rule
    if not isinstance(request.routing_exception, MethodNotAllowed):
        return None
    adapter = current_app.create_url_adapter(request)
    allowed = next(iter(request.routing_exception.valid_methods or ()))
    try:
        rule, _ = adapter.match(method=allowed, return_rule=True)  # type: ignore[union-attr]
    except HTTPException:
        return None
    return rule.rule


def gather(_error: BaseException | None = None) -> None:
    """At the end of a request: keep what only it knows for `observed`, which knows the rest."""
    asked = {"request_id": request_id(), "method": request.method, "route": route()}
    request.environ[_GATHERED] = asked, {**who_and_where(), "queries": g.get(_QUERIES, 0)}


def observed(app: WSGIApplication, keepers: list[Keeper]) -> WSGIApplication:
    """Return an application whose every answer is told to the keepers once it is sent."""

    def serve(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        begun = time.perf_counter()
        status, headers = 0, Headers()

        def start(line: str, named: list[tuple[str, str]], *more: Any) -> Any:
            nonlocal status, headers
            status, headers = int(line[:3]), Headers(named)
            return start_response(line, named, *more)

        def tell(sent: int) -> None:
            asked, behind = environ.pop(_GATHERED)
            took = round(1000 * (time.perf_counter() - begun), 2)
            told = {**asked, "status": status, "ms": took, "bytes": sent, **behind}
            for keeper in keepers:
                keeper(told, headers)

        return _counted(app(environ, start), tell)

    return serve


def log_request(told: Facts, _headers: Headers) -> None:
    """Write the line of a request."""
    if _log.isEnabledFor(logging.INFO):
        _log.info("%s %s %d", told["method"], told["route"] or "-", told["status"], extra=facts(**told))


def _counted(body: Iterable[bytes], tell: Callable[[int], None]) -> Iterator[bytes]:
    """Yield the pieces of a body, close it, and tell how many bytes have been sent."""
    sent = 0
    try:
        for piece in body:
            sent += len(piece)
            yield piece
    finally:
        if close := getattr(body, "close", None):
            close()
        tell(sent)


def _count_query(_query: Any, **_values: Any) -> None:
    setattr(g, _QUERIES, g.get(_QUERIES, 0) + 1)
