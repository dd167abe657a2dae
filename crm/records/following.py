"""What follows from a record's new values, and only the locked record and what belongs to it can tell."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from crm.records.locking import Locked


class Following(NamedTuple):
    """More values of a record, and what the journal says of the change if it is more than was asked for."""

    values: Mapping[str, Any]
    word: str | None = None


def _nothing(_records: Sequence[Locked], _changes: Mapping[int, Mapping[str, Any]]) -> dict[int, Following]:
    return {}


@dataclass(frozen=True)
class Rule:
    """A rule of one resource: it is asked at every change of its records, before they are written.

    `follow` gets locked records and their new values by their row ids, and returns by these what follows, if anything.
    It takes as many queries for many records as for one.
    """

    follow: Callable[[Sequence[Locked], Mapping[int, Mapping[str, Any]]], Mapping[int, Following]] = _nothing
    words: tuple[str, ...] = ()
    """What the journal may say by it."""


NO_RULE = Rule()
