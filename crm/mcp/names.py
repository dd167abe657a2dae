"""How an agent names a record, and where the API has it; who does not know the name is told what comes near it."""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from crm.mcp.calls import ApiError, ask
from crm.mcp.messages import Json
from crm.mcp.showing import brief, naming_fields
from crm.mcp.tool import viewable
from crm.models.types import is_uuid
from crm.schemas.own_keys import OwnKey, own_key

NEAR = 5
"""How many records are told that come near a name."""

_NOBODY = "-"
_NUMBER = re.compile("[A-Za-z][0-9]{1,18}")


def path_to(resource: str, name: str) -> str:
    """Return the path of a record; of what can name none a path without one.

    So who may not do it is refused first, as by the API.
    """
    if is_uuid(name) or _NUMBER.fullmatch(name):
        return f"/{resource}/{name}"
    if key := read_key(name):
        return f"/{resource}/by/{key.source}/{key.key}"
    return f"/{resource}/{_NOBODY}"


def path_by_id(resource: str, name: str) -> str:
    """Return the path of a record to write: by an own key a write could make one, so that of its id is looked up.

    Raises ApiError for an unknown key, as `find` does.
    """
    if read_key(name) is None:
        return path_to(resource, name)
    return f"/{resource}/{find(resource, name, {'fields': 'id'})['id']}"


def find(resource: str, name: str, query: Mapping[str, str | None]) -> Json:
    """Return a record as the API shows it. Raises ApiError, for an unknown one with what comes near."""
    path = path_to(resource, name)
    with named(resource, name):
        record: Json = ask(path, query)["data"]
    return record


@contextmanager
def named(resource: str, name: str) -> Iterator[None]:
    """Have a 404 within the block say what comes near the name of the record that is not there."""
    try:
        yield
    except ApiError as refused:
        raise (unknown(resource, name) if refused.status == 404 else refused) from None


def unknown(resource: str, name: str) -> ApiError:
    """Return the refusal of a name that is no record's, with the records that come near it."""
    body: Json = {"message": "No record has this id, number or own key."}
    if near := near_to(resource, name):
        body["near"] = near
    return ApiError(404, body)


def id_of(resource: str, name: str) -> str:
    """Return the id of a record of this number or own key; what is neither, or no record's, as it is."""
    if is_uuid(name) or not (_NUMBER.fullmatch(name) or read_key(name)) or resource not in viewable():
        return name
    try:
        found: str = ask(path_to(resource, name), {"fields": "id"})["data"]["id"]
    except ApiError as refused:
        if refused.status != 404:
            raise
        return name
    return found


def near_to(resource: str, text: str) -> list[Json]:
    """Return the records that hold the words of a text, or else one of them, as far as the caller may view them."""
    if is_uuid(text) or _NUMBER.fullmatch(text) or resource not in viewable():
        return []
    for words in dict.fromkeys((text, *sorted(text.split(), key=len, reverse=True)[:3])):
        if found := _search(resource, words):
            return found
    return []


def _search(resource: str, words: str) -> list[Json]:
    query = {"resources": resource, "q": words[:200], "limit": str(NEAR), "fields": naming_fields(resource)}
    try:
        found = ask("/search", query)["data"]
    except ApiError as refused:
        if refused.status != 422:  # no words to search for
            raise
        return []
    return [brief(resource, each["record"]) for each in found]


def read_key(name: str) -> OwnKey | None:
    """Return the own key that a text such as `hubspot:55` is, None if it is none."""
    source, _, key = name.partition(":")
    return own_key(source, key)
