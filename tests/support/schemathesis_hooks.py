"""What schemathesis has to know of the contract, and which of the failures that it reports the contract wants so."""

import json
import os
import re
import urllib.request
from typing import Any
from uuid import uuid4

import jsonschema_rs
import schemathesis
from schemathesis.core.failures import AcceptedNegativeData
from schemathesis.openapi.checks import JsonSchemaError, RejectedPositiveData

from crm.http.idempotency import FORM, HEADER
from crm.http.text import trim
from crm.schemas.collections.arrays import is_array, members_of
from crm.schemas.collections.external_keys import FIELD

RUN = json.loads(os.environ["CRM_TEST_RUN"])
"""The URL of the API, the token of the run, and the email and password of its user."""

_BEYOND_SCHEMA = re.compile(
    r"The selected .* is invalid\.( (Fields|Filters) are: .*)?|The provided credentials are incorrect\."
    rf"|The (items\.\d+\.)?{FIELD}\.\S+ has already been taken\.|The .* must not have more than 4 decimals\."
    r"|The expires_at field must be a moment in the future\.|The password field must not be the e-mail address\."
    r"|The name has already been taken\.|The stages\.\d+\.name has already been given\."
    r"|The default field can be set to false only where another rate takes over\."
    r"|The limit field must not be greater than 100\.|The filter field must not have more than 10 items\."
    r"|The filter\..* field must be a number\."
    r"|The product has no price in [A-Z]{3}\.|The \S*line_items\.\d+\.(unit_price|amount) field is required\."
    r"|The (\S*\.)?(discount|amount|subtotal|total) field must not be greater than \d+\.\d\d\."
    r"|The invoice has no total\.|The (\S*\.)?discount field must be at least 0\."
    r"|The .* field must be a valid email address\."
    r"|The .*\.(address|number) has already been given\.|Only one may be primary\.|The .* needs at least one field\."
    r"|The url field must be an https URL, .*|A team cannot have more than 20 webhooks\."
    r"|The items\.\d+\.\S+ is in this batch already\.|The items\.\d+\.version is not the record's version\."
)
"""A well-formed id must also name a row, credentials must be someone's, and decimals are no affair of a schema's:
validators work out `multipleOf` with floats. A key or a name must be free, one rate be the default, and in a batch each
record and key be named once. Contact details are judged beside each other, and forms of e-mail addresses are a matter
of opinion. With `records=true` a limit is smaller, all filters together are too many, and a number in a query has no
exponent. What a line may leave out and how much a discount may be is up to the document. A webhook's URL has to be a
public one."""
_ENDING = ("deleteToken", "deleteOwnToken", "deleteOtherTokens", "changePassword")
"""The operations by which tokens of the user end."""
_REQUIRED = re.compile(r"The .* field is required\.")
_CONDITIONS = {304: {"if-none-match"}, 412: {"if-match", "if-none-match"}}
"""The headers by which a request asks for such an answer, if what it names is there or not."""
_STILL_RUNNING = {"$ref": "#/components/responses/StillRunning"}
"""The 409 that all writes have, and that no request of a run meets: their keys are all new."""
_KEY = re.compile(FORM)
_COLLECTIONS = ("labels", "line_items", "stages")
_ARRAYS = (*_COLLECTIONS, "items", "emails", "phones", "addresses")
_ALSO: dict[str, dict[str, Any]] = {
    "integer": {"type": "string", "pattern": "^-?[0-9]+$"},
    "number": {"type": "string", "pattern": r"^-?[0-9]+(\.[0-9]+)?$"},
    "boolean": {"enum": [0, 1, "0", "1"]},
    "date": {"type": "string", "format": "date-time"},
}
"""What is taken in the place of a type or format, as the overview says."""
_RANGE = re.compile(r"The .* field must be (a number|an integer|at least \d+(\.\d+)?|greater than 0)\.")


@schemathesis.auth(refresh_interval=None)
class Token:
    """The token of the run; for those operations that end tokens one of another user's."""

    def get(self, case: Any, context: Any) -> str:
        return _new_token() if _operation(case) in _ENDING else RUN["token"]

    def set(self, case: Any, data: str, context: Any) -> None:
        case.headers["Authorization"] = f"Bearer {data}"
        if _KEY.fullmatch(str(case.headers.get(HEADER))):
            case.headers[HEADER] = uuid4().hex  # made up, keys are soon the same; a hook's edit is judged as a new case


def _new_token() -> str:
    body = json.dumps({name: RUN[name] for name in ("email", "password")}).encode()
    request = urllib.request.Request(f"{RUN['api']}/auth/token", body, {"Content-Type": "application/json"})
    with urllib.request.urlopen(request) as answer:
        return json.load(answer)["token"]


@schemathesis.hook
def map_body(context: Any, body: Any) -> Any:
    """Leave references out of every other body: made up, they name no row, and nothing would ever be created."""
    if not isinstance(body, dict):
        return body
    if isinstance(items := body.get("items"), list):
        return {**body, "items": [map_body(context, item) for item in items]}
    if len(body) % 2:
        return body
    return {name: value for name, value in body.items() if not (name.endswith("_id") or name in _COLLECTIONS)}


@schemathesis.hook
def filter_failure(context: Any, failure: Any, case: Any, response: Any) -> bool:
    """Tell whether a failure counts."""
    if response.status_code in (414, 501):
        return (
            False  # a request line too long for gunicorn, or coded as it does not know, never reaches the application
        )
    if isinstance(failure, RejectedPositiveData):
        return not _is_rightly_refused(case, response)
    if isinstance(failure, JsonSchemaError):
        return not ((case.query or {}).get("fields") and failure.schema_path[-1] in ("required", "anyOf"))
    if isinstance(failure, AcceptedNegativeData):
        return not (response.status_code == 207 or _is_rightly_accepted(case))  # a 207 tells of refused items
    return True


def _is_rightly_refused(case: Any, response: Any) -> bool:
    """Tell whether a request that is right by its schema had to be refused."""
    if response.status_code == 404:
        # well-formed, it need not be that of a record; and without teams there is none to change
        return any(name in case.path for name in ("{id}", "{key}", "{token_id}")) or case.path == "/auth/team"
    if response.status_code in _CONDITIONS:
        return any(name.lower() in _CONDITIONS[response.status_code] for name in case.headers)
    if response.status_code == 400:
        return _has_unreadable_header(case)  # the coverage phase takes some for right that do not match their pattern
    if response.status_code == 409:
        return _may_conflict(case)  # made up, a request does not know the state of the record
    if response.status_code != 422:
        return False
    return all(
        _BEYOND_SCHEMA.fullmatch(sentence)
        or _is_said_in_words(sentence, value := _value_at(case, path))
        or (value is None and _makes_what_is_not_there(case) and _REQUIRED.fullmatch(sentence))
        for path, sentences in response.json()["errors"].items()
        for sentence in sentences
    )


def _may_conflict(case: Any) -> bool:
    """Tell whether an operation has a 409 of its own beside that of a key whose first request is still running."""
    described = case.operation.definition.raw["responses"].get("409", _STILL_RUNNING)
    return bool(described != _STILL_RUNNING)


def _has_unreadable_header(case: Any) -> bool:
    """Tell whether a header is not as its own schema says."""
    known = case.operation.schema.raw_schema["components"]["parameters"]
    given = case.operation.definition.raw["parameters"]
    parameters = [known[part["$ref"].rpartition("/")[2]] if "$ref" in part else part for part in given]
    schemas = {part["name"].lower(): part["schema"] for part in parameters if part["in"] == "header"}
    return any(
        not jsonschema_rs.is_valid(schemas[name.lower()], str(value))
        for name, value in case.headers.items()
        if name.lower() in schemas
    )


def _is_said_in_words(sentence: str, value: Any) -> bool:
    """Tell whether a string was refused for what no pattern says well.

    That is a number's range, U+0000, and which characters count as blank.
    """
    if not isinstance(value, str):
        return False
    return (
        "\0" in value or not trim(value) or (_RANGE.fullmatch(sentence) is not None and value.lstrip("-")[:1].isdigit())
    )


def _makes_what_is_not_there(case: Any) -> bool:
    """Tell whether a body is that of a change, unless there is no record: then a new one's fields are required."""
    return case.path.endswith(("/by/{source}/{key}", "/batch/upsert"))


def _value_at(case: Any, path: str) -> Any:
    """Return what a fault is about: a parameter of the query, or a part of the body."""
    if path in (case.query or {}):
        return case.query[path]
    body = case.body
    for step in path.split("."):
        if not isinstance(body, list | dict):
            return None
        body = body[int(step)] if isinstance(body, list) else body.get(step)
    return body


def _is_rightly_accepted(case: Any) -> bool:
    """Tell whether a request that is wrong by its schema had to be accepted."""
    if _operation(case).startswith("list"):
        return True  # what a list parameter does not understand it ignores
    if (case.query or {}).get("include") == "":
        return True  # blank counts as absent
    if not str((case.headers or {}).get("X-Team-ID", 0)).isdigit():
        return True  # without teams the header means nothing
    definition = case.operation.definition.raw
    if "requestBody" not in definition:
        return False
    components = case.operation.schema.raw_schema["components"]
    body = definition["requestBody"]
    if "$ref" in body:
        body = components["requestBodies"][body["$ref"].rpartition("/")[2]]
    schema = body["content"]["application/json"]["schema"]
    sent = {} if case.body == [] else case.body  # an empty object as PHP sends it
    borne = _borne({**schema, "components": {"schemas": components["schemas"]}})
    return jsonschema_rs.is_valid(borne, _as_read(sent), validate_formats=True)


def _borne(schema: Any) -> Any:
    """Return a schema that takes what the server bears beside the forms that the description names."""
    if isinstance(schema, list):
        return [_borne(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    whole = {name: _borne(part) for name, part in schema.items()}
    kinds = whole.get("type")
    kind = kinds[0] if isinstance(kinds, list) else kinds
    form = whole.get("format") if whole.get("format") == "date" else kind
    return {"anyOf": [whole, _ALSO[form]]} if isinstance(form, str) and form in _ALSO else whole


def _as_read(value: Any) -> Any:
    """Return a value as the server reads it: trimmed, blank as null, and half a cent under zero rounded to zero."""
    if isinstance(value, float) and -0.005 < value < 0:
        return 0.0
    if isinstance(value, str):
        return trim(value) or None
    if isinstance(value, list):
        return [_as_read(member) for member in value]
    if isinstance(value, dict):
        return {name: _as_read(_as_array(member) if name in _ARRAYS else member) for name, member in value.items()}
    return value


def _as_array(value: Any) -> Any:
    return [member for _, member in members_of(value)] if is_array(value) else value


def _operation(case: Any) -> str:
    return str(case.operation.definition.raw["operationId"])
