"""When a delivery is tried again, and when it has failed (beyond, section 19). Times are milliseconds since 1970."""

import random
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from crm.models.webhook import FAILED, PENDING, SUCCEEDED

GONE = 410
"""The status by which a receiver says that it wants nothing any more."""

_MINUTE, _HOUR, _DAY = 60.0, 3600.0, 86400.0


@dataclass(frozen=True)
class Schedule:
    """The pauses between tries, in seconds. It is an argument of the deliverer, and no setting reaches it."""

    pauses: Sequence[float] = (5, 5 * _MINUTE, 30 * _MINUTE, *(hours * _HOUR for hours in (2, 5, 10, 14, 20, 24)))
    """How long after the end of a try that failed the next one is due; after as many it has failed."""
    spread: float = 0.1
    """By which part a pause is longer or shorter at random, so that what failed together does not come back so."""
    longest_wait: float = 24 * _HOUR
    """The most that the receiver's `Retry-After` is believed."""
    patience: float = 5 * _DAY
    """How long the tries of a webhook may all fail until it is set inactive."""

    def next_try(self, step: int, ended: int, retry_after: float) -> int | None:
        """Return when the try after a failed one is due, None if that was the last; `step` ones failed before."""
        if step >= len(self.pauses):
            return None
        pause = self.pauses[step] * random.uniform(1 - self.spread, 1 + self.spread)  # noqa: S311 (no secret)
        return ended + round(1000 * max(pause, min(retry_after, self.longest_wait)))


SCHEDULE = Schedule()


class Tried(NamedTuple):
    """What came of one try."""

    delivery_id: int
    was_extra: bool
    """Whether it had been asked for, beside the schedule."""
    ended: int
    response_status: int | None = None
    response_ms: int | None = None
    error: str | None = None
    """None if it has succeeded."""
    retry_after: float = 0
    """The seconds that the receiver asks to wait."""


class State(NamedTuple):
    """How a delivery stands."""

    status: str
    step: int
    extra: int
    due: int | None
    resumes: int | None


def settle(state: State, tried: Tried, schedule: Schedule) -> State:
    """Return how a delivery stands after a try. One that was ended meanwhile stays so, unless the try has succeeded."""
    extra = max(0, state.extra - tried.was_extra)
    if tried.error is None:
        return _asked_again(state, extra, state.step, None) or State(SUCCEEDED, state.step, 0, None, None)
    if state.status != PENDING:
        return state
    if tried.was_extra:
        step, due = state.step, state.resumes
    else:
        step, due = state.step + 1, schedule.next_try(state.step, tried.ended, tried.retry_after)
    if tried.response_status == GONE:
        due = None
    return _asked_again(state, extra, step, due) or State(PENDING if due is not None else FAILED, step, 0, due, None)


def _asked_again(state: State, extra: int, step: int, resumes: int | None) -> State | None:
    """Return how a delivery stands of which tries are still asked for, None if none is: due since they were."""
    return State(PENDING, step, extra, state.due, resumes) if extra else None


def milliseconds() -> int:
    """Return the time of now."""
    return time.time_ns() // 1_000_000
