"""What operations answer: with a body and without one, and the headers."""

from collections.abc import Iterable

from crm.http.idempotency import REPLAYED
from crm.http.request_id import FORM
from crm.http.request_id import HEADER as REQUEST_ID
from crm.openapi.forms import MEDIA_TYPE, TEXT, Components, Json, object_of

LIMIT_HEADERS = ("X-RateLimit-Limit", "X-RateLimit-Remaining", "RateLimit-Policy", "RateLimit")
_ON_EVERY_ANSWER: dict[str, tuple[str, Json]] = {
    REQUEST_ID: (
        "The id of the request: the client's own, or a new one.",
        {"type": "string", "pattern": f"^{FORM}$"},
    ),
}
_ON_SOME: dict[str, tuple[str, Json]] = {
    "X-RateLimit-Limit": ("Requests that one window of time allows, by default a minute.", {"type": "integer"}),
    "X-RateLimit-Remaining": ("Requests that are left in it.", {"type": "integer"}),
    "X-RateLimit-Reset": ("When it ends, in seconds since 1970.", {"type": "integer"}),
    "RateLimit-Policy": (
        "The limit's name, its requests (`q`) and the seconds of its window (`w`).",
        {"type": "string", "pattern": '^"[a-z]+";q=[0-9]+;w=[0-9]+$'},
    ),
    "RateLimit": (
        "The limit's name, the requests that are left (`r`) and the seconds until its window ends (`t`).",
        {"type": "string", "pattern": '^"[a-z]+";r=[0-9]+;t=[0-9]+$'},
    ),
    "Retry-After": ("Seconds to wait.", {"type": "integer", "minimum": 1}),
    "WWW-Authenticate": (
        "How to authenticate, or that the token's abilities do not suffice.",
        {"type": "string", "enum": ["Bearer", 'Bearer error="insufficient_scope"']},
    ),
    "Allow": ("The verbs that the path has.", TEXT),
    "ETag": ("Stands for what is answered; a record's begins with its `version`.", TEXT),
    REPLAYED: ("The answer is that to an earlier request with the same key.", {"type": "string", "const": "true"}),
    "Location": ("Where the new record is.", {"type": "string", "format": "uri"}),
}
HEADERS: dict[str, Json] = {
    name: {"description": description, "required": name != REPLAYED, "schema": schema}
    for name, (description, schema) in (_ON_EVERY_ANSWER | _ON_SOME).items()
}

AS_PUT = " (as PUT does)"
"""What the summary of a PATCH says beside that of the PUT."""
PUBLIC: Json = {"security": []}
"""What is said of an operation that needs no token."""


def header_references(names: Iterable[str], optional: Iterable[str] = ()) -> Json:
    """Return the headers of an answer: these and those of every answer. It has them all but for the optional ones."""
    return {
        name: {**HEADERS[name], "required": False} if name in optional else {"$ref": f"#/components/headers/{name}"}
        for name in (*_ON_EVERY_ANSWER, *names)
    }


def success(description: str, schema: Json, example: Json | None, headers: Iterable[str] = ()) -> Json:
    """Return an answer with a body, which was counted by the limiter; it has these headers beside those of all."""
    content = {MEDIA_TYPE: {"schema": schema, "example": example} if example else {"schema": schema}}
    return {**nothing(description, headers), "content": content}


def nothing(description: str, headers: Iterable[str] = ()) -> Json:
    """Return an answer without a body."""
    return {"description": description, "headers": header_references((*LIMIT_HEADERS, *headers))}


def not_modified(components: Components) -> Json:
    """Return the answer instead of one that the client has already, by its status."""
    answer = nothing("It is still as the tag in `If-None-Match` says.", ("ETag",))
    return {"304": components.add_response("NotModified", answer)}


def one(record: Json) -> Json:
    """Return the envelope of one record, or of all rows of a look-up list."""
    return object_of({"data": record})


def head_of(operation_id: str, summary: str, tag: str) -> Json:
    """Return how an operation is called, by programs and by people, and what it is about."""
    return {"operationId": operation_id, "summary": summary, "tags": [tag]}
