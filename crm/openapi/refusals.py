"""The refusals that many operations have in common."""

from collections.abc import Iterable

from crm.http.errors import MESSAGES, NAMED_BY_REQUEST
from crm.http.problems import PROBLEM, problem_of
from crm.openapi.answers import LIMIT_HEADERS, header_references
from crm.openapi.forms import MEDIA_TYPE, TEXT, UUID, Components, Json, array_of, object_of

_OPTIONAL: dict[int, tuple[str, ...]] = {
    **dict.fromkeys((400, 500, 503), LIMIT_HEADERS),  # they may come before the request is counted
    403: ("WWW-Authenticate",),
}
"""The headers that a refusal may have and may not; `ETag` of all others."""

_REFUSALS: dict[int, tuple[str, str, tuple[str, ...]]] = {
    400: ("BadRequest", "The body is no JSON object, a header is malformed, or the request no proper HTTP.", ()),
    401: ("Unauthenticated", "The token is missing, malformed, unknown, revoked or expired.", ("WWW-Authenticate",)),
    403: (
        "Forbidden",
        "The user or the token may not do this, the user has no CRM access, or is not in the requested team.",
        ("WWW-Authenticate",),
    ),
    404: ("NotFound", "There is no such record in the team.", ()),
    405: ("MethodNotAllowed", "The answer to any verb that the path does not have.", ("Allow",)),
    409: ("StillRunning", "The first request with this `Idempotency-Key` has not been answered.", ("Retry-After",)),
    410: ("Gone", "Something after the cursor has been removed, or it is of another history.", ()),
    412: (
        "PreconditionFailed",
        "The record is not as `If-Match` or `If-None-Match` says.",
        ("ETag",),
    ),
    413: ("ContentTooLarge", "The body is too large.", ()),
    415: ("UnsupportedMediaType", "The body was not sent as JSON, or it is compressed.", ()),
    422: (
        "Invalid",
        "Every fault of the body, by the path of its field; or the `Idempotency-Key` of another request.",
        (),
    ),
    429: ("TooManyRequests", "The rate limit is exceeded.", ("X-RateLimit-Reset", "Retry-After")),
    500: ("ServerError", "Something went wrong on the server.", ()),
    503: ("Unavailable", "The database is away, or too many log in at once.", ("Retry-After",)),
}

ERROR: Json = {"$ref": "#/components/schemas/Error"}
"""The body of a refusal that is a sentence alone."""
_REQUEST_ID = "5b6f7b0e-8c39-4a92-8f0e-6f1d5f0c9d11"
_PROBLEM: Json = {"$ref": "#/components/schemas/Problem"}

READ = (400, 401, 403, 405, 429, 500, 503)
"""The refusals of an operation without a body that needs a token and CRM access."""

WRITE = (*READ, 409, 422)
"""The refusals of a write, which takes an `Idempotency-Key`."""

WRITE_OF_BODY = (*WRITE, 413, 415)
"""The refusals of a write with a body."""

_EXAMPLES: dict[int, Json] = {
    409: {"message": "A request with this Idempotency-Key is still running."},
    410: {"message": "The cursor has expired. Read everything again, then follow from a new cursor."},
    412: {"message": "The record has changed since it was read.", "version": 9},
    422: {
        "message": "The given data was invalid.",
        "errors": {"user_owner_id": ["The selected user_owner_id is invalid."]},
    },
}


def register_refusals(components: Components) -> None:
    """Register the refusals, and the schemas of their bodies."""
    bodies = _register_bodies(components)
    for status, (name, description, headers) in _REFUSALS.items():
        named = (*(() if status == 405 else LIMIT_HEADERS), *headers)
        optional = _OPTIONAL.get(status, ("ETag",))
        body = bodies.get(status, bodies[None])
        response = {
            "description": description,
            "headers": header_references(named, optional),
            "content": refusal_content(status, body, _example(status)),
        }
        components.add_response(name, response)


def refusal_content(status: int, schema: Json, example: Json) -> Json:
    """Return what the body of a refusal is: JSON of this form, or a problem for clients that prefer that."""
    problem = {"schema": _PROBLEM, "example": problem_of(status, example, _REQUEST_ID)}
    return {MEDIA_TYPE: {"schema": schema, "example": example}, PROBLEM: problem}


def _register_bodies(components: Components) -> dict[int | None, Json]:
    """Register the bodies of refusals and return references to them by status, None for all others."""
    components.add("Problem", _problem())
    faults = {"message": TEXT, "errors": {"type": "object", "additionalProperties": array_of(TEXT)}}
    sentence = object_of({"message": TEXT}, description="Why not.")
    own = object_of({"message": TEXT, "request_id": TEXT}, description="Why not, and what to search the log for.")
    own_fault = components.add("ServerError", own)
    version = {"type": "integer", "description": "Which one it has now, if there is a record."}
    changed = object_of({"message": TEXT, "version": version}, required=["message"])
    return {
        None: components.add("Error", sentence),
        412: components.add("VersionChanged", changed),
        422: components.add("ValidationError", object_of(faults, description="What is wrong with a body.")),
        **dict.fromkeys(NAMED_BY_REQUEST, own_fault),
    }


def _problem() -> Json:
    """Return the schema of problem details; what else the body has as JSON stands beside these members."""
    pointer = {**TEXT, "description": "Where in the body, as a JSON pointer.", "examples": ["#/line_items/2/quantity"]}
    members = {
        "type": {**TEXT, "const": "about:blank"},
        "title": {**TEXT, "description": "What the status means."},
        "status": {"type": "integer"},
        "detail": {**TEXT, "description": "Why not: the `message`."},
        "request_id": TEXT,
        "invalid": array_of(object_of({"pointer": pointer, "detail": TEXT})),
    }
    required = [name for name in members if name != "invalid"]
    form = object_of(members, required=required, description="A refusal as RFC 9457 has it.")
    return {**form, "additionalProperties": True}


def _example(status: int) -> Json:
    if status in _EXAMPLES:
        return _EXAMPLES[status]
    named = {"request_id": _REQUEST_ID} if status in NAMED_BY_REQUEST else {}
    return {"message": MESSAGES[status], **named}


def conflict_schema(made: Iterable[str], components: Components) -> Json:
    """Register the body of a 409 of actions, which may name what they have made, and return the reference to it."""
    text = "What was made of the record, if something was."
    properties = {"message": TEXT} | {name: {**UUID, "description": text} for name in made}
    return components.add("Conflict", object_of(properties, required=["message"], description="Why not."))


def refusals(statuses: Iterable[int]) -> Json:
    """Return the references to these refusals, by status."""
    return {str(status): {"$ref": f"#/components/responses/{_REFUSALS[status][0]}"} for status in sorted(statuses)}
