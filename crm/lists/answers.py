"""The answer of a list: by page numbers, or by a cursor that a walk goes on from."""

from collections.abc import Mapping

from flask import request

from crm.database.projection import Json
from crm.http.arguments import argument, refuse, strict_boolean
from crm.http.text import trim
from crm.lists.cursors import Cursor, Position, read_cursor, write_cursor
from crm.lists.filters import is_filter
from crm.lists.listing import Listing
from crm.lists.pages import CURSOR, cursor_envelope, envelope, requested_page, uncounted_envelope
from crm.lists.questions import SEARCH, SORT, Part, Question
from crm.lists.showing import Shown
from crm.schemas.fields import INVALID_REFERENCE

COUNT = "count"


def asked_query(listing: Listing) -> dict[str, str]:
    """Return the parameters of the request that say how to sort, and which rows; of a repeated one the last counts.

    A blank one is as none, but for `filter[…]`, where it is a fault.
    """
    names = {SORT, SEARCH, *listing.old}
    last = {name: values[-1] for name, values in request.args.lists() if values}
    return {name: text for name, text in last.items() if is_filter(name) or (name in names and trim(text))}


def requested_cursor(listing: Listing) -> Cursor | None:
    """Return what the request's cursor stands for, the beginning if it is empty, None without one.

    What the request asks beside it must be what the cursor was made for. Raises ValidationFailed otherwise, and for
    what is no cursor of this list.
    """
    text = argument(CURSOR)
    if not text:
        return None if text is None else Cursor(asked_query(listing), None)
    try:
        cursor = read_cursor(listing.table.name, text)
    except ValueError:
        refuse(CURSOR, INVALID_REFERENCE)
    if not _is_within(asked_query(listing), cursor.query, listing):
        refuse(CURSOR, INVALID_REFERENCE)
    return cursor


def numbered_page(listing: Listing, question: Question, shown: Shown) -> Json:
    """Return a page by its number, with the total unless `count=false`."""
    page = requested_page()
    if not strict_boolean(COUNT, default=True):
        with listing.projection.reading():
            rows = listing.rows(question, Part(page.per_page + 1, page.offset))
            records = listing.records(rows[: page.per_page], shown)
        return uncounted_envelope(records, page, has_more=len(rows) > page.per_page)
    total = listing.count(question)
    if page.offset >= total:
        return envelope([], page, total)
    with listing.projection.reading():
        rows = listing.rows(question, Part(page.per_page, page.offset))
        return envelope(listing.records(rows, shown), page, total)


def cursor_page(listing: Listing, question: Question, cursor: Cursor, shown: Shown) -> Json:
    """Return the page after a position, and the cursor of what follows."""
    strict_boolean(COUNT, default=True)
    per_page = requested_page().per_page
    with listing.projection.reading():
        rows = listing.rows(question, Part(per_page + 1, after=cursor.position, is_walk=True))
        here = rows[:per_page]
        records = listing.records(here, shown)
    following = None
    if len(rows) > per_page:
        position = Position(listing.sort_values(question, here[-1]))
        following = write_cursor(listing.table.name, Cursor(cursor.query, position))
    return cursor_envelope(records, per_page, following)


def _is_within(asked: Mapping[str, str], query: Mapping[str, str], listing: Listing) -> bool:
    """Tell whether a request asks nothing beside a cursor's own query; a sort may be written in another way."""
    sort = listing.sorting.read
    if SORT in asked and sort(asked[SORT]) != sort(query.get(SORT)):
        return False
    return all(query.get(name) == text for name, text in asked.items() if name != SORT)
