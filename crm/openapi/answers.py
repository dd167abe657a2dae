"""What operations answer: the envelopes, the refusals that many have in common, and the headers."""

from collections.abc import Iterable

from crm.http.errors import MESSAGES
from crm.openapi.forms import MEDIA_TYPE, Components, Json, array_of, object_of, or_null

_LIMIT_HEADERS = ("X-RateLimit-Limit", "X-RateLimit-Remaining")
_UNCERTAIN = (400, 500, 503)
"""Refusals that may come before the request is counted: it is no HTTP, or the database is away."""

HEADERS: dict[str, Json] = {
    name: {"description": description, "required": True, "schema": schema}
    for name, description, schema in (
        ("X-RateLimit-Limit", "Requests that one window of time allows, by default a minute.", {"type": "integer"}),
        ("X-RateLimit-Remaining", "Requests that are left in it.", {"type": "integer"}),
        ("X-RateLimit-Reset", "When it ends, in seconds since 1970.", {"type": "integer"}),
        ("Retry-After", "Seconds to wait.", {"type": "integer", "minimum": 1}),
        ("WWW-Authenticate", "How to authenticate.", {"type": "string", "const": "Bearer"}),
        ("Allow", "The verbs that the path has.", {"type": "string"}),
        ("ETag", "The version of the description.", {"type": "string"}),
    )
}

_REFUSALS: dict[int, tuple[str, str, tuple[str, ...]]] = {
    400: ("BadRequest", "The body is no JSON object, or the request no proper HTTP.", ()),
    401: ("Unauthenticated", "The token is missing, malformed, unknown, revoked or expired.", ("WWW-Authenticate",)),
    403: ("Forbidden", "The user may not do this, has no CRM access, or is not in the requested team.", ()),
    404: ("NotFound", "There is no such record in the team.", ()),
    405: ("MethodNotAllowed", "The answer to any verb that the path does not have.", ("Allow",)),
    413: ("ContentTooLarge", "The body is too large.", ()),
    415: ("UnsupportedMediaType", "The body was not sent as JSON.", ()),
    422: ("Invalid", "Every fault of the body, by the path of its field.", ()),
    429: ("TooManyRequests", "The rate limit is exceeded.", ("X-RateLimit-Reset", "Retry-After")),
    500: ("ServerError", "Something went wrong on the server.", ()),
    503: ("Unavailable", "The database is away.", ("Retry-After",)),
}

PUBLIC: Json = {"security": []}
"""What is said of an operation that needs no token."""

READ = (400, 401, 403, 405, 429, 500, 503)
"""The refusals of an operation without a body that needs a token and CRM access."""

WRITE = (400, 401, 403, 405, 413, 415, 422, 429, 500, 503)
"""The refusals of an operation with a body."""

_INVALID = {
    "message": "The given data was invalid.",
    "errors": {"user_owner_id": ["The selected user_owner_id is invalid."]},
}


def refusal_responses(components: Components) -> Json:
    """Return the refusals by the names under which the description keeps them, and register their schemas."""
    sentence = components.add("Error", object_of({"message": {"type": "string"}}, description="Why not."))
    sentences = {"type": "object", "additionalProperties": array_of({"type": "string"})}
    faults = components.add(
        "ValidationError",
        object_of({"message": {"type": "string"}, "errors": sentences}, description="What is wrong with a body."),
    )
    responses = {}
    for status, (name, description, headers) in _REFUSALS.items():
        example = _INVALID if status == 422 else {"message": MESSAGES[status]}
        named = (*(() if status == 405 else _LIMIT_HEADERS), *headers)
        optional = _LIMIT_HEADERS if status in _UNCERTAIN else ()
        responses[name] = {
            "description": description,
            "headers": header_references(named, optional),
            "content": {MEDIA_TYPE: {"schema": faults if status == 422 else sentence, "example": example}},
        }
    return responses


def refusals(statuses: Iterable[int]) -> Json:
    """Return the references to these refusals, by status."""
    return {str(status): {"$ref": f"#/components/responses/{_REFUSALS[status][0]}"} for status in sorted(statuses)}


def header_references(names: Iterable[str], optional: Iterable[str] = ()) -> Json:
    """Return the headers of an answer; it always has them but for the optional ones."""
    return {
        name: {**HEADERS[name], "required": False} if name in optional else {"$ref": f"#/components/headers/{name}"}
        for name in names
    }


def success(description: str, schema: Json, example: Json | None) -> Json:
    """Return an answer with a body, which was counted by the limiter."""
    content = {MEDIA_TYPE: {"schema": schema, "example": example} if example else {"schema": schema}}
    return {"description": description, "headers": header_references(_LIMIT_HEADERS), "content": content}


def nothing(description: str) -> Json:
    """Return an answer without a body."""
    return {"description": description, "headers": header_references(_LIMIT_HEADERS)}


def one(record: Json) -> Json:
    """Return the envelope of one record, or of all rows of a look-up list."""
    return object_of({"data": record})


def page_of(record: Json, components: Components) -> Json:
    """Return the envelope of a list's page (contract, section 6)."""
    url, count = {"type": "string"}, {"type": "integer", "minimum": 1}
    links = components.add(
        "PageLinks",
        object_of({"first": url, "last": url, "prev": or_null(url), "next": or_null(url)}),
    )
    link = components.add(
        "PageLink",
        object_of(
            {"url": or_null(url), "label": {"type": "string"}, "page": or_null(count), "active": {"type": "boolean"}},
            required=["url", "label", "active"],
            description="A link of a pager; a gap, labelled `...`, has no page.",
        ),
    )
    meta = components.add(
        "PageMeta",
        object_of(
            {
                "current_page": count,
                "from": or_null(count),
                "last_page": count,
                "links": array_of(link),
                "path": url,
                "per_page": count,
                "to": or_null(count),
                "total": {"type": "integer", "minimum": 0},
            }
        ),
    )
    return object_of({"data": array_of(record), "links": links, "meta": meta})


def head_of(operation_id: str, summary: str, tag: str) -> Json:
    """Return how an operation is called, by programs and by people, and what it is about."""
    return {"operationId": operation_id, "summary": summary, "tags": [tag]}
