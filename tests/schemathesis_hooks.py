"""What schemathesis has to know of the contract, and which of the failures that it reports the contract wants so."""

import json
import os
import re
import urllib.request
from typing import Any

import schemathesis
from schemathesis.core.failures import AcceptedNegativeData
from schemathesis.openapi.checks import RejectedPositiveData

CREDENTIALS = json.loads(os.environ["CRM_TEST_CREDENTIALS"])
"""The URL of the API, the token of the run, and the email and password of its user."""

_BEYOND_SCHEMA = re.compile(
    r"The selected .* is invalid\."  # a well-formed id must also name a row
    r"|The provided credentials are incorrect\."
)


@schemathesis.hook
def before_call(context: Any, case: Any, kwargs: dict[str, Any]) -> None:
    """Have the operation that ends a token end one of its own, not that of the run."""
    headers = kwargs.get("headers") or {}
    if _operation(case) == "deleteToken" and headers.get("Authorization") == f"Bearer {CREDENTIALS['token']}":
        headers["Authorization"] = f"Bearer {_new_token()}"


def _new_token() -> str:
    body = json.dumps({name: CREDENTIALS[name] for name in ("email", "password")}).encode()
    request = urllib.request.Request(f"{CREDENTIALS['api']}/auth/token", body, {"Content-Type": "application/json"})
    with urllib.request.urlopen(request) as answer:
        return json.load(answer)["token"]


@schemathesis.hook
def filter_failure(context: Any, failure: Any, case: Any, response: Any) -> bool:
    """Tell whether a failure counts."""
    if isinstance(failure, RejectedPositiveData):
        return not _is_rightly_refused(case, response)
    if isinstance(failure, AcceptedNegativeData):
        return not _is_rightly_accepted(case)
    return True


def _is_rightly_refused(case: Any, response: Any) -> bool:
    """Tell whether a request that is right by its schema had to be refused."""
    if response.status_code == 404:
        return "{id}" in case.path  # a well-formed id need not be that of a record
    if response.status_code != 422:
        return False
    sentences = [sentence for sentences in response.json()["errors"].values() for sentence in sentences]
    return all(map(_BEYOND_SCHEMA.fullmatch, sentences))


def _is_rightly_accepted(case: Any) -> bool:
    """Tell whether a request that is wrong by its schema had to be accepted."""
    return _operation(case).startswith("list")  # what a list parameter does not understand it ignores


def _operation(case: Any) -> str:
    return str(case.operation.definition.raw["operationId"])
