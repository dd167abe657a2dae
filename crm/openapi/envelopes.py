"""The envelopes of lists: pages by number, with the total or without, and pages by position."""

from crm.openapi.forms import TEXT, TRUTH, Components, Json, array_of, object_of, or_null

_COUNT: Json = {"type": "integer", "minimum": 1}
_TOTAL: Json = {"type": "integer", "minimum": 0}


def page_of(record: Json, components: Components) -> Json:
    """Return the envelope of a page by number (contract, section 6)."""
    links = components.add("PageLinks", object_of(_links(TEXT)))
    meta = components.add("PageMeta", object_of(_numbered_meta(_COUNT, _TOTAL, components)))
    return object_of({"data": array_of(record), "links": links, "meta": meta})


def list_page_of(record: Json, components: Components) -> Json:
    """Return the envelope of a page by number or by position, with the total or without (beyond, section 15)."""
    links = object_of(
        {**_links(or_null(TEXT))},
        description="Without the total there is no last page; beside a cursor there is only the next one.",
    )
    numbered = object_of(
        _numbered_meta(or_null(_COUNT), or_null(_TOTAL), components),
        description="Of a page by number. With `count=false`, `last_page` and `total` are null.",
    )
    by_cursor = object_of(
        {"path": TEXT, "per_page": _COUNT, "next_cursor": or_null(TEXT), "prev_cursor": or_null(TEXT)},
        description="Of a page by position. `next_cursor` is null on the last page, `prev_cursor` always.",
    )
    forms = [components.add("ListMeta", numbered), components.add("CursorMeta", by_cursor)]
    meta = components.add("AnyListMeta", {"anyOf": forms})
    return object_of({"data": array_of(record), "links": components.add("ListLinks", links), "meta": meta})


def _links(ends: Json) -> Json:
    return {"first": ends, "last": ends, "prev": or_null(TEXT), "next": or_null(TEXT)}


def _numbered_meta(last_page: Json, total: Json, components: Components) -> Json:
    return {
        "current_page": _COUNT,
        "from": or_null(_COUNT),
        "last_page": last_page,
        "links": array_of(_link(components)),
        "path": TEXT,
        "per_page": _COUNT,
        "to": or_null(_COUNT),
        "total": total,
    }


def _link(components: Components) -> Json:
    return components.add(
        "PageLink",
        object_of(
            {"url": or_null(TEXT), "label": TEXT, "page": or_null(_COUNT), "active": TRUTH},
            required=["url", "label", "active"],
            description="A link of a pager; a gap, labelled `...`, has no page.",
        ),
    )
