"""What every answer has in common: JSON by orjson, and the headers of contract, section 1."""

import json
from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from typing import Any, NoReturn

import orjson
from flask import Flask, Request, Response
from flask.json.provider import JSONProvider
from flask.sessions import NullSession, SessionInterface

MEDIA_TYPE = "application/json"
NO_STORE = {"Cache-Control": "no-store"}
"""The headers that a view answers a token or a secret with: nothing on the way may keep it."""


class WrittenArray(list[bytes]):
    """The `data` of an answer whose members are JSON text already: it is sent as it is, without a copy of the whole."""


class ExactJSONProvider(JSONProvider):
    """Writes JSON with orjson; reads it strictly and without floats, so that money stays exact."""

    def dumps(self, obj: Any, **kwargs: Any) -> str:
        """Return `obj` as JSON text."""
        return orjson.dumps(obj).decode()

    def loads(self, s: str | bytes, **kwargs: Any) -> Any:
        """Return the value of a JSON text in UTF-8, fractions as Decimal.

        Raises ValueError for what is not JSON, NaN, Infinity, and nesting or numbers past any use.
        """
        text = s.decode() if isinstance(s, bytes) else s
        try:
            return json.loads(text, parse_float=Decimal, parse_int=_integer, parse_constant=_refuse_constant)
        except (RecursionError, InvalidOperation) as error:
            raise ValueError("The JSON is nested too deep or holds a number too large.") from error

    def response(self, *args: Any, **kwargs: Any) -> Response:
        """Return a JSON response; a view may simply return its dict."""
        return Response([*pieces_of(self._prepare_response_obj(args, kwargs))], mimetype=MEDIA_TYPE)


class JSONResponse(Response):
    """An answer that is JSON unless it says otherwise."""

    default_mimetype = MEDIA_TYPE


class NoSession(SessionInterface):
    """Clients are known by their tokens: there are no cookies."""

    def open_session(self, _app: Flask, _request: Request) -> NullSession:
        """Return a session that nothing can be kept in."""
        return NullSession()

    def is_null_session(self, obj: object) -> bool:
        """Tell that there is nothing to save."""
        return isinstance(obj, NullSession)


def init_app(app: Flask) -> None:
    """Make JSON the application's language and put the common headers on every answer."""
    app.session_interface = NoSession()
    app.json = ExactJSONProvider(app)
    app.response_class = JSONResponse
    app.after_request(add_common_headers)


def add_common_headers(response: Response) -> Response:
    """Put the headers of contract, section 1, on an answer; a browser that opens it may load and frame nothing."""
    response.headers["X-Content-Type-Options"] = "nosniff"
    if not response.cache_control.no_store:
        response.headers["Cache-Control"] = "no-cache, private"
    response.headers.setdefault("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
    return response


def pieces_of(body: Any) -> Iterator[bytes]:
    """Yield the JSON of an answer in one piece, or a written array's members each by itself."""
    if not (isinstance(body, dict) and isinstance(body.get("data"), WrittenArray)):
        yield orjson.dumps(body)
        return
    written, rest = body["data"], {name: value for name, value in body.items() if name != "data"}
    yield b'{"data":['
    for place, member in enumerate(written):
        if place:
            yield b","
        yield member
    yield b"]," + orjson.dumps(rest).removeprefix(b"{")


def _integer(digits: str) -> int | Decimal:
    """Return a whole number; a vast one as Decimal, which Python makes in linear time."""
    return int(digits) if len(digits) < 20 else Decimal(digits)


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON.")
