"""Pages of a list: which one is asked for, and the data/links/meta envelope (contract, section 6)."""

from typing import NamedTuple
from urllib.parse import quote, unquote_plus

import orjson
from flask import request

from crm.database.projection import Json
from crm.http.arguments import argument, exact_number, whole_number
from crm.http.responses import WrittenArray
from crm.http.urls import absolute_url

PAGE, CURSOR = "page", "cursor"
DEFAULT_PER_PAGE = 25
MAX_PER_PAGE = 100
_LARGEST_NUMBER = 2**63 - 1  # that orjson writes by itself
_WINDOW = 3
_SHOWN_IN_FULL = 13


class Page(NamedTuple):
    """One page of a list: its number from 1 and its size."""

    number: int
    per_page: int

    @property
    def offset(self) -> int:
        """How many rows come before it."""
        return (self.number - 1) * self.per_page


def requested_page() -> Page:
    """Return the page that the request asks for; what cannot be used gives the default."""
    number = exact_number(argument(PAGE)) or 1
    per_page = whole_number(argument("per_page")) or DEFAULT_PER_PAGE
    return Page(max(number, 1), min(per_page, MAX_PER_PAGE) if per_page >= 1 else DEFAULT_PER_PAGE)


def envelope(records: list[Json] | WrittenArray, page: Page, total: int) -> Json:
    """Return the answer of a list: `total` is how many records there are on all pages."""
    last = max(1, -(-total // page.per_page))
    base = _url_without(PAGE)
    previous = page.number - 1 or None
    following = page.number + 1 if page.number < last else None
    first_row = page.offset + 1
    return {
        "data": records,
        "links": {
            "first": _url(base, 1),
            "last": _url(base, last),
            "prev": _url(base, previous),
            "next": _url(base, following),
        },
        "meta": {
            "current_page": _written(page.number),
            "from": first_row if records else None,
            "last_page": last,
            "links": [
                _link(base, "&laquo; Previous", previous),
                *(_numbered_link(base, number, page.number) for number in shown_pages(page.number, last)),
                _link(base, "Next &raquo;", following),
            ],
            "path": _path(),
            "per_page": page.per_page,
            "to": first_row + len(records) - 1 if records else None,
            "total": total,
        },
    }


def uncounted_envelope(records: list[Json] | WrittenArray, page: Page, *, has_more: bool) -> Json:
    """Return the same without the total, and without what follows from it."""
    base = _url_without(PAGE)
    previous, following = page.number - 1 or None, page.number + 1 if has_more else None
    answer = envelope(records, page, 0)
    answer["links"] |= {"last": None, "next": _url(base, following)}
    links = [_link(base, "&laquo; Previous", previous), _link(base, "Next &raquo;", following)]
    answer["meta"] |= {"last_page": None, "links": links, "total": None}
    return answer


def cursor_envelope(records: list[Json] | WrittenArray, per_page: int, following: str | None) -> Json:
    """Return the answer of a page by position, with the cursor of the next one if there is one."""
    url = f"{_url_without(CURSOR)}{following}" if following else None
    return {
        "data": records,
        "links": {"first": None, "last": None, "prev": None, "next": url},
        "meta": {"path": _path(), "per_page": per_page, "next_cursor": following, "prev_cursor": None},
    }


def shown_pages(current: int, last: int) -> list[int | None]:
    """Return the page numbers that are linked, None for each gap between them."""
    near = 2 * _WINDOW + 1
    if last <= _SHOWN_IN_FULL:
        return [*range(1, last + 1)]
    if current <= near:
        return [*range(1, near + _WINDOW + 1), None, last - 1, last]
    if current > last - near:
        return [1, 2, None, *range(last - near - _WINDOW + 1, last + 1)]
    return [1, 2, None, *range(current - _WINDOW, current + _WINDOW + 1), None, last - 1, last]


def _path() -> str:
    return absolute_url(request.path.rstrip("/"))


def _url_without(name: str) -> str:
    """Return the list's URL with the whole query as sent but for a parameter, ready for that one's value at its end."""
    query = quote(request.query_string, safe="%&=+-._~:/?@!$'()*,;[]")
    kept = [part for part in query.split("&") if part and unquote_plus(part.split("=")[0]) != name]
    return f"{_path()}?{'&'.join([*kept, f'{name}='])}"


def _url(base: str, page: int | None) -> str | None:
    return None if page is None else f"{base}{page}"


def _link(base: str, label: str, page: int | None, active: bool = False) -> Json:
    return {"url": _url(base, page), "label": label, "page": _written(page), "active": active}


def _written(page: int | None) -> int | orjson.Fragment | None:
    """Return a page's number as it goes into the JSON, where it may have more digits than a 64-bit integer."""
    return page if page is None or page <= _LARGEST_NUMBER else orjson.Fragment(str(page))


def _numbered_link(base: str, number: int | None, current: int) -> Json:
    if number is None:
        return {"url": None, "label": "...", "active": False}
    return _link(base, str(number), number, number == current)
