"""The pages of a list, with their links."""

from collections.abc import Callable, Iterable
from urllib.parse import parse_qs

from benchmarks.floor.shapes import Json
from benchmarks.floor.statements import TOTAL, Row, rows

PER_PAGE = 25


def envelope(environ: Json, page: int, records: list[Json], total: int) -> Json:
    """Return the answer of a list."""
    last = max(1, -(-total // PER_PAGE))
    path = f"http://{environ['HTTP_HOST']}{environ['PATH_INFO']}"
    base = f"{path}?page="
    if last <= 13:
        shown: Iterable[int | None] = range(1, last + 1)
    elif page <= 7:
        shown = (*range(1, 11), None, last - 1, last)
    elif page > last - 7:
        shown = (1, 2, None, *range(last - 9, last + 1))
    else:
        shown = (1, 2, None, *range(page - 3, page + 4), None, last - 1, last)
    previous = f"{base}{page - 1}" if page > 1 else None
    following = f"{base}{page + 1}" if page < last else None
    links: list[Json] = [
        {"url": previous, "label": "&laquo; Previous", "page": page - 1 if previous else None, "active": False}
    ]
    for number in shown:
        if number is None:
            links.append({"url": None, "label": "...", "active": False})
        else:
            links.append({"url": f"{base}{number}", "label": str(number), "page": number, "active": number == page})
    links.append({"url": following, "label": "Next &raquo;", "page": page + 1 if following else None, "active": False})
    first = (page - 1) * PER_PAGE + 1
    return {
        "data": records,
        "links": {"first": f"{base}1", "last": f"{base}{last}", "prev": previous, "next": following},
        "meta": {
            "current_page": page,
            "from": first,
            "last_page": last,
            "links": links,
            "path": path,
            "per_page": PER_PAGE,
            "to": first + len(records) - 1,
            "total": total,
        },
    }


def list_of(table: str, sql: str, show: Callable[[list[Row]], list[Json]], environ: Json) -> Json:
    """Answer a page."""
    query = parse_qs(environ["QUERY_STRING"])
    page = int(query.get("page", ["1"])[-1])
    total = rows(TOTAL, table)[0][0]
    found = rows(sql) if page == 1 else rows(f"{sql} OFFSET %s", (page - 1) * PER_PAGE)
    return envelope(environ, page, show(found), total)
