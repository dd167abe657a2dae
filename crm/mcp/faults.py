"""Faults that say what would do: beside the API's sentences, the values that a field takes, or what comes near."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from flask import current_app

from crm.blueprints import resources_of
from crm.http.errors import ValidationFailed
from crm.mcp.calls import ApiError
from crm.mcp.choices import asked_choices, choices_of


def fault_on(argument: str, sentence: str) -> ApiError:
    """Return the refusal of an argument."""
    return invalid({argument: [sentence]})


def invalid(errors: Mapping[str, list[str]]) -> ApiError:
    """Return the refusal of arguments, as the API tells faults."""
    failed = ValidationFailed(errors)
    return ApiError(422, {"message": failed.message, **failed.details})


@contextmanager
def explained(resource: str, sent: Mapping[str, Any]) -> Iterator[None]:
    """Have what the API refuses within the block say also what would do, by the fields of a resource that were sent."""
    schema = resources_of(current_app)[resource].creation
    try:
        yield
    except ApiError as refusal:
        raise explain(refusal, lambda steps: choices_of(schema, steps, sent)) from None


@contextmanager
def explained_filter(resource: str, conditions: Mapping[str, Any]) -> Iterator[None]:
    """Have what the API refuses within the block say also what the conditions of a list may name."""
    listing = resources_of(current_app)[resource].listing
    try:
        yield
    except ApiError as refusal:
        raise explain(refusal, lambda steps: asked_choices(listing, steps[1:], conditions)) from None


def explain(refusal: ApiError, choices: Callable[[Sequence[str]], Sequence[Any]]) -> ApiError:
    """Return a refusal with the values that would do, by the paths of its faults, whose steps `choices` is told."""
    allowed = {path: found for path in refusal.body.get("errors", {}) if (found := choices(path.split(".")))}
    return ApiError(refusal.status, {**refusal.body, **({"allowed": allowed} if allowed else {})})
