"""What health and metrics are told of deliveries: one place, which whoever delivers fills."""

from collections.abc import Callable, Mapping
from typing import NamedTuple

from flask import Flask, current_app

LATE_SECONDS = 60
"""How long something may be due before deliveries are late."""

_DELIVERIES = "crm_deliveries"


class Deliveries(NamedTuple):
    """How deliveries are asked about, in the context of the application; both raise errors of the database."""

    lag_seconds: Callable[[], float]
    """Returns for how long what has waited longest has been due, 0 if nothing is."""
    by_status: Callable[[], Mapping[str, int]]
    """Returns how many there are of each status."""


def init_app(app: Flask, deliveries: Deliveries) -> None:
    """Say how an application's deliveries are asked about."""
    app.extensions[_DELIVERIES] = deliveries


def deliveries() -> Deliveries:
    """Return how the deliveries are asked about."""
    found: Deliveries = current_app.extensions[_DELIVERIES]
    return found


def are_late() -> bool:
    """Tell whether something that is to be sent has been due for too long."""
    return deliveries().lag_seconds() >= LATE_SECONDS
