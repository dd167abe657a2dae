"""Answers that carry an entity tag, and the 304 instead of one that the client has already."""

from collections.abc import Iterable
from typing import Any

import orjson
from flask import Response

from crm.http.etags import list_tag, record_tag, version_tag
from crm.http.preconditions import is_known
from crm.http.responses import MEDIA_TYPE, JSONResponse, pieces_of

Json = dict[str, Any]


def record_response(record: Json, version: int, status: int = 200, location: str | None = None) -> Response:
    """Return the answer that shows a record, or some of its fields, which is at a `location` if it is new."""
    body = _body_of(record)
    response = _tagged([body], record_tag(version, body), status)
    if location:
        response.headers["Location"] = location
    return response


def list_response(answer: Json) -> Response:
    """Return the answer that shows a list of records or of look-up rows."""
    pieces = [*pieces_of(answer)]
    return _tagged(pieces, list_tag(pieces))


def page_response(shown: Json) -> Response:
    """Return the answer that shows what is no record."""
    pieces = [orjson.dumps(shown)]
    return _tagged(pieces, list_tag(pieces))


def gone_response(version: int) -> Response:
    """Return the answer without a body to a write that has left a record at this version."""
    return JSONResponse(status=204, headers={"ETag": version_tag(version)})


def part_response(shown: Json | list[Json], version: int, status: int = 200) -> Response:
    """Return the answer that shows parts of a record at this version, or one of them."""
    return _tagged([_body_of(shown)], version_tag(version), status)


def tag_of(record: Json, version: int) -> str:
    """Return the tag of the answer that shows a record."""
    return record_tag(version, _body_of(record))


def _body_of(shown: Json | list[Json]) -> bytes:
    return orjson.dumps({"data": shown})


def _tagged(pieces: Iterable[bytes], tag: str, status: int = 200) -> Response:
    """Return an answer of these bytes, or a 304 if the request asks for anything but this."""
    if status == 200 and is_known(tag):
        return _not_modified(tag)
    response = Response(pieces, status, mimetype=MEDIA_TYPE)
    response.headers["ETag"] = tag
    return response


def _not_modified(tag: str) -> Response:
    response = Response(status=304, headers={"ETag": tag})
    del response.headers["Content-Type"]
    return response
