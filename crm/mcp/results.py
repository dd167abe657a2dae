"""The result of a tool: its arguments are read, it is called, and its answer or fault is put into a message."""

from collections.abc import Mapping, Sequence
from functools import cache, partial
from itertools import islice
from typing import Any

import orjson

from crm.http.errors import ValidationFailed
from crm.mcp.arguments import LIMIT, Arguments
from crm.mcp.calls import NOTHING, ApiError, written
from crm.mcp.choices import choices_of
from crm.mcp.faults import explain, invalid
from crm.mcp.messages import Json
from crm.mcp.shortening import LEVELS, shorten
from crm.mcp.tool import Given, Tool

MOST_BYTES = 20_000
"""How large a result may be, unless more rows than usual, or whole fields, were asked for."""
FAULTS = 20
_ROOM_AROUND = 500  # bytes of the message


def result_of(tool: Tool, given: Mapping[str, Any]) -> Json:
    """Return the result of a call, or its fault: what refuses a call is for whoever has made it to mend."""
    try:
        arguments = _read(tool, given)
        return _fitting(tool.call(arguments), arguments)
    except ApiError as refusal:
        return _fitting({"status": refusal.status, **_first_faults(refusal.body)}, is_error=True)


def _read(tool: Tool, given: Mapping[str, Any]) -> Given:
    """Return the arguments of a call. Raises ApiError (422) with every fault, and what would do."""
    schema = _schema_of(tool.arguments)
    try:
        arguments = schema.read(given)
    except ValidationFailed as failed:
        raise explain(invalid(failed.details["errors"]), partial(_choices, schema, given)) from None
    return {name: value for name, value in arguments.items() if value is not None}


def _first_faults(body: Json) -> Json:
    """Return the body of a refusal with no more faults than anybody mends at once, and how many more there are."""
    errors = body.get("errors", {})
    if len(errors) <= FAULTS:
        return body
    return {**body, "errors": dict(islice(errors.items(), FAULTS)), "more_errors": len(errors) - FAULTS}


def _choices(schema: Arguments, given: Mapping[str, Any], steps: Sequence[str]) -> Sequence[Any]:
    """Return what an argument takes, or which arguments there are."""
    return choices_of(schema, steps, given) if steps[0] in schema.fields else [*schema.fields]


@cache
def _schema_of(arguments: type[Arguments]) -> Arguments:
    return arguments()


def _fitting(answer: Json, arguments: Given = NOTHING, *, is_error: bool = False) -> Json:
    """Return the result that tells an answer, shortened as far as it takes for what was asked."""
    asked = frozenset(arguments.get("fields", ()))
    room = MOST_BYTES * max(1, arguments.get("limit", LIMIT) // LIMIT) - _ROOM_AROUND
    result = _result(answer, is_error)
    for level in LEVELS:
        if len(orjson.dumps(result)) <= room:
            break
        result = _result(shorten(answer, level, asked), is_error)
    return result


def _result(answer: Json, is_error: bool) -> Json:
    """Return the result that tells an answer: as JSON, and as its text for clients that know only that."""
    text = written(answer)
    content = [{"type": "text", "text": text.decode()}]
    return {"content": content, "structuredContent": orjson.Fragment(text), "isError": is_error}
