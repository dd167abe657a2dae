"""Walks through lists by cursor."""

from collections.abc import Callable, Iterator
from typing import Any

Json = dict[str, Any]
Ask = Callable[[str], Json]
"""Answers a GET of a path with the JSON of its 200."""


def pages(ask: Ask, path: str) -> Iterator[Json]:
    """Yield the pages of a list by cursor. The path has a query, which each page is asked with again."""
    cursor = ""
    while cursor is not None:
        page = ask(f"{path}&cursor={cursor}")
        yield page
        cursor = page["meta"]["next_cursor"]


def walk(ask: Ask, path: str) -> list[Json]:
    """Return the records of all pages."""
    return [record for page in pages(ask, path) for record in page["data"]]
