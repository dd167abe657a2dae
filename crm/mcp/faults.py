"""Faults that say what would do: beside the API's sentences, the values that a field takes, or what comes near."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from itertools import islice
from typing import Any

from flask import current_app

from crm.blueprints import resources_of
from crm.http.errors import ValidationFailed
from crm.lists.filters import NAME
from crm.lists.pages import CURSOR
from crm.lists.questions import SEARCH
from crm.mcp.calls import ApiError
from crm.mcp.choices import asked_choices, choices_of
from crm.mcp.values import telling_ignored
from crm.schemas.base import BodySchema

EXPLAINED = 10
"""For how many faults it is told what would do: each may take some queries."""
_ARGUMENTS = {CURSOR: "after", SEARCH: "q"}
"""The parameters of lists that are called otherwise here."""


def fault_on(argument: str, sentence: str, allowed: Sequence[Any] = ()) -> ApiError:
    """Return the refusal of an argument, with the values that would do if they are known."""
    refusal = invalid({argument: [sentence]})
    if allowed:
        refusal.body["allowed"] = {argument: [*allowed]}
    return refusal


def invalid(errors: Mapping[str, list[str]]) -> ApiError:
    """Return the refusal of arguments, as the API tells faults."""
    failed = ValidationFailed(errors)
    return ApiError(422, {"message": failed.message, **failed.details})


@contextmanager
def explained(schema: BodySchema, sent: Mapping[str, Any]) -> Iterator[None]:
    """Have what the API refuses within the block say also what would do, by the fields of a body that was sent."""
    try:
        yield
    except ApiError as refusal:
        told = explain(refusal, lambda steps: choices_of(schema, steps, sent))
        raise ApiError(told.status, telling_ignored(told.body, schema, sent)) from None


@contextmanager
def explained_filter(resource: str, conditions: Mapping[str, Any]) -> Iterator[None]:
    """Have what the API refuses within the block say also what the conditions of a list may name."""
    listing = resources_of(current_app)[resource].listing

    def choices(steps: Sequence[str]) -> Sequence[Any]:
        return asked_choices(listing, steps[1:], conditions) if steps[0] == NAME else ()

    try:
        yield
    except ApiError as refusal:
        raise explain(_as_asked(refusal), choices) from None


def _as_asked(refusal: ApiError) -> ApiError:
    """Return the refusal of a list with its parameters called as the arguments of the tool are."""
    errors = {
        _ARGUMENTS.get(path, path): [text.replace(f" {path}", f" {_ARGUMENTS.get(path, path)}") for text in sentences]
        for path, sentences in refusal.body.get("errors", {}).items()
    }
    return ApiError(refusal.status, {**refusal.body, **({"errors": errors} if errors else {})})


def explain(refusal: ApiError, choices: Callable[[Sequence[str]], Sequence[Any]]) -> ApiError:
    """Return a refusal with the values that would do, by the paths of its faults, whose steps `choices` is told.

    Where these cannot be asked for, the refusal stands as it is: it is what has to be mended.
    """
    allowed = dict(refusal.body.get("allowed", {}))
    with suppress(ApiError):
        for path in islice(refusal.body.get("errors", {}), EXPLAINED):
            if path not in allowed and (found := choices(path.split("."))):
                allowed[path] = found
    return ApiError(refusal.status, {**refusal.body, **({"allowed": allowed} if allowed else {})})
