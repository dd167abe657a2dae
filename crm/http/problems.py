"""Errors as problem details (RFC 9457), for clients that would rather have them than JSON (beyond, section 21)."""

from collections.abc import Iterator, Mapping
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

from flask import request

from crm.http.responses import MEDIA_TYPE

PROBLEM = "application/problem+json"
_IN_FRAGMENTS = "!$&'()*+,/:;=?@~"


def wants_problem() -> bool:
    """Tell whether the request prefers problem details to JSON; where it likes both the same it gets JSON."""
    accepted = request.accept_mimetypes
    return accepted.quality(PROBLEM) > accepted.quality(MEDIA_TYPE)


def problem_of(status: int, body: Mapping[str, Any], request_id: str) -> dict[str, Any]:
    """Return the body of an error as a problem: its message is the detail, and what else it has stays as it is."""
    more = {name: value for name, value in body.items() if name != "message"}
    if "errors" in more:
        more["invalid"] = [*_pointed_at(more["errors"])]
    return {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": body["message"],
        "request_id": request_id,
        **more,
    }


def pointer_to(path: str) -> str:
    """Return a path such as `line_items.2.quantity` as a JSON pointer in a fragment: `#/line_items/2/quantity`."""
    steps = (step.replace("~", "~0").replace("/", "~1") for step in path.split("."))
    return "#/" + quote("/".join(steps), safe=_IN_FRAGMENTS)


def _pointed_at(errors: Mapping[str, list[str]]) -> Iterator[dict[str, str]]:
    """Yield each sentence with where it belongs."""
    for path, sentences in errors.items():
        for sentence in sentences:
            yield {"pointer": pointer_to(path), "detail": sentence}
