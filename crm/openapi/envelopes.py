"""The envelopes of lists: pages by number, with the total or without, and pages by position."""

from crm.openapi.forms import Components, Json, array_of, object_of, or_null

_URL: Json = {"type": "string"}
_COUNT: Json = {"type": "integer", "minimum": 1}
_TOTAL: Json = {"type": "integer", "minimum": 0}


def page_of(record: Json, components: Components) -> Json:
    """Return the envelope of a page by number (contract, section 6)."""
    links = components.add("PageLinks", object_of(_links(_URL)))
    meta = components.add("PageMeta", object_of(_numbered_meta(_COUNT, _TOTAL, components)))
    return object_of({"data": array_of(record), "links": links, "meta": meta})


def list_page_of(record: Json, components: Components) -> Json:
    """Return the envelope of a page by number or by position, with the total or without (beyond, section 15)."""
    links = object_of(
        {**_links(or_null(_URL))},
        description="Without the total there is no last page; beside a cursor there is only the next one.",
    )
    numbered = object_of(
        _numbered_meta(or_null(_COUNT), or_null(_TOTAL), components),
        description="Of a page by number. With `count=false`, `last_page` and `total` are null.",
    )
    by_cursor = object_of(
        {"path": _URL, "per_page": _COUNT, "next_cursor": or_null(_URL), "prev_cursor": or_null(_URL)},
        description="Of a page by position. `next_cursor` is null on the last page, `prev_cursor` always.",
    )
    forms = [components.add("ListMeta", numbered), components.add("CursorMeta", by_cursor)]
    meta = components.add("AnyListMeta", {"anyOf": forms})
    return object_of({"data": array_of(record), "links": components.add("ListLinks", links), "meta": meta})


def _links(ends: Json) -> Json:
    return {"first": ends, "last": ends, "prev": or_null(_URL), "next": or_null(_URL)}


def _numbered_meta(last_page: Json, total: Json, components: Components) -> Json:
    return {
        "current_page": _COUNT,
        "from": or_null(_COUNT),
        "last_page": last_page,
        "links": array_of(_link(components)),
        "path": _URL,
        "per_page": _COUNT,
        "to": or_null(_COUNT),
        "total": total,
    }


def _link(components: Components) -> Json:
    return components.add(
        "PageLink",
        object_of(
            {"url": or_null(_URL), "label": {"type": "string"}, "page": or_null(_COUNT), "active": {"type": "boolean"}},
            required=["url", "label", "active"],
            description="A link of a pager; a gap, labelled `...`, has no page.",
        ),
    )
