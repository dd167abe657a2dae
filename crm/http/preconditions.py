"""Conditional requests: `If-Match` on writes, `If-None-Match` on reads (RFC 9110, section 13)."""

from typing import NamedTuple

from flask import request

from crm.http.errors import Refusal
from crm.http.etags import ANY, are_weakly_equal, read_tags, version_in


class VersionChanged(Refusal):
    """A 412: the record has another version than those that the request was made for."""

    def __init__(self, version: int, tag: str):
        super().__init__(412, "The record has changed since it was read.", {"version": version}, {"ETag": tag})


class Expectation(NamedTuple):
    """The versions of a record that a write is made for."""

    versions: frozenset[int] | None
    """None if any will do."""
    needs_record: bool = False
    """Whether there must be a record, where a write could make one."""

    def allows(self, version: int) -> bool:
        """Tell whether a record of this version may be written."""
        return self.versions is None or version in self.versions


ANY_VERSION = Expectation(None)
NO_VERSION = Expectation(frozenset())


def expectation() -> Expectation:
    """Return what the request's `If-Match` expects, anything if there is none. Raises Refusal (400)."""
    header = request.headers.get("If-Match")
    if header is None:
        return ANY_VERSION
    tags = read_tags(header)
    if tags is None:
        raise Refusal(400, 'The If-Match header must be "*" or a list of entity tags such as "7".')
    named = frozenset(version for tag in tags if (version := version_in(tag)) is not None)
    return Expectation(None if tags == [ANY] else named, needs_record=True)


def must_be_new() -> bool:
    """Tell whether the request is for a record that is not there yet: `If-None-Match: *`."""
    header = request.headers.get("If-None-Match")
    return header is not None and read_tags(header) == [ANY]


def is_known(tag: str) -> bool:
    """Tell whether the request, a GET or HEAD, names this tag of its answer in `If-None-Match`, or any."""
    header = request.headers.get("If-None-Match")
    if header is None or request.method not in ("GET", "HEAD"):
        return False
    tags = read_tags(header)
    return tags is not None and (tags == [ANY] or any(are_weakly_equal(tag, each) for each in tags))
