"""The tools that find records: by words, by conditions, and by their names."""

from collections.abc import Sequence
from functools import partial
from itertools import chain, zip_longest

from flask import current_app

from crm.blueprints import resources_of
from crm.lists.cursors import read_cursor
from crm.lists.folding import fold_for_search
from crm.mcp.arguments import (
    LIMIT,
    LONGEST_NAME,
    MAX_IDS,
    Limit,
    Names,
    Object,
    ResourceName,
    ResourceNames,
    ShowingArguments,
)
from crm.mcp.calls import ApiError, ask
from crm.mcp.faults import explained_filter, fault_on
from crm.mcp.filters import parameters
from crm.mcp.messages import Json
from crm.mcp.names import find
from crm.mcp.showing import brief, called_by, filled, naming_fields
from crm.mcp.tool import Given, Need, Tool, viewable
from crm.schemas.fields import Text

_VIEW = (Need("view"),)
_MOST_OF_EACH = 20  # the API's own limit


class SearchArguments(ShowingArguments):
    """What a search takes."""

    q = Text(
        required=True,
        max_length=200,
        metadata={"description": "Words, or parts of words, in any case; a record has to hold all of them."},
    )
    resources = ResourceNames(metadata={"description": "Where to search; by default everywhere."})
    limit = Limit()


class ListArguments(ShowingArguments):
    """What a list takes."""

    resource = ResourceName(required=True)
    filter = Object(
        metadata={
            "description": 'Conditions that all hold, such as {"amount": {"gt": 100}, "status": "open", '
            '"expected_close": {"null": true}}. Operators: eq, ne, gt, gte, lt, lte, in (an array), contains, '
            'starts_with, null. {"deleted": "only"} lists deleted records. `describe` tells the fields.'
        }
    )
    q = Text(max_length=200, metadata={"description": "Words that the records hold."})
    sort = Names(most=3, metadata={"description": "Up to three fields, a `-` before one that descends."})
    limit = Limit()
    after = Text(metadata={"description": "The `after` of the answer that this one is to go on from."})


class GetArguments(ShowingArguments):
    """What names the records to get."""

    resource = ResourceName(required=True)
    id = Text(max_length=LONGEST_NAME, metadata={"description": "One record, which is shown whole."})
    ids = Names(most=MAX_IDS, metadata={"description": "Several records; they show what names them, and `fields`."})


def search(given: Given) -> Json:
    """Find records that hold words, in turn of each resource so that none hides another; those first that begin so."""
    limit, asked = given["limit"], given.get("fields") or ()
    picked = given.get("resources") or viewable()
    query = {
        "q": given["q"],
        "resources": ",".join(given.get("resources") or ()) or None,
        "fields": ",".join(dict.fromkeys((*chain(*map(called_by, picked)), "version", *asked))),
        "limit": str(min(limit + LIMIT, _MOST_OF_EACH)),
    }
    found: dict[str, list[Json]] = {}
    for each in ask("/search", query)["data"]:
        shown = brief(each["resource"], each["record"], asked)
        found.setdefault(each["resource"], []).append({"resource": each["resource"], **shown})
    begun = fold_for_search(given["q"]).split()
    ranked = [sorted(records, key=partial(_rank, begun)) for records in found.values()]
    in_turn = [record for turn in zip_longest(*ranked) for record in turn if record]
    return {"records": in_turn[:limit], "has_more": len(in_turn) > limit}


def _rank(begun: Sequence[str], record: Json) -> int:
    """Return how many of some words begin no word of a record's names: the fewer, the likelier it is meant."""
    words = [word for name in called_by(record["resource"]) for word in fold_for_search(record[name] or "").split()]
    return sum(not any(word.startswith(start) for word in words) for start in begun)


def list_records(given: Given) -> Json:
    """List the records that conditions hold for, and tell how many there are in all."""
    name, asked, after = given["resource"], given.get("fields") or (), given.get("after")
    conditions = given.get("filter") or {}
    shown = {"fields": naming_fields(name, asked), "per_page": str(given["limit"])}
    with explained_filter(name, conditions):
        filters = parameters(conditions, resources_of(current_app)[name].listing.filters.fields)
        question = {**filters, "search": given.get("q"), "sort": _sort(name, given.get("sort") or ())}
        page = ask(f"/{name}", {**question, **shown, "cursor": after or ""})
        following = page["meta"]["next_cursor"]
        if after is None and following is None:
            total = len(page["data"])
        else:
            counted = dict(read_cursor(name, str(following or after)).query)
            total = ask(f"/{name}", {**counted, "fields": "id", "per_page": "1"})["meta"]["total"]
    return {"records": page["data"], "total": total, "after": following}


def _sort(resource: str, names: Sequence[str]) -> str | None:
    """Return what to sort by as a query says it. Raises ApiError (422) for what cannot be sorted by."""
    offered = resources_of(current_app)[resource].listing.sorting.fields
    if not {name.removeprefix("-") for name in names} <= offered.keys():
        raise fault_on("sort", "The selected sort is invalid.", [*offered])
    return ",".join(names) or None


def get(given: Given) -> Json:
    """Show one record whole, or several by what names them."""
    resource, asked = given["resource"], given.get("fields") or ()
    query: dict[str, str | None] = {"fields": naming_fields(resource, asked)}
    if bool(given.get("ids")) == bool(given.get("id")):
        raise fault_on("id", "One of the id and ids fields is required.")
    if names := given.get("ids"):
        return _several(resource, names, query)
    everything = {"include": ",".join(resources_of(current_app)[resource].rows.projection.on_request)}
    record = find(resource, given["id"], query if asked else everything)
    return {"record": record if asked else filled(record)}


def _several(resource: str, names: tuple[str, ...], query: dict[str, str | None]) -> Json:
    """Return the records of these names, and the faults of the names that are none's."""
    records, missing = [], []
    for name in names:
        try:
            records.append(find(resource, name, query))
        except ApiError as refused:
            if refused.status != 404:
                raise
            missing.append({"name": name, **refused.body})
    return {"records": records, "missing": missing} if missing else {"records": records}


SEARCH = Tool(
    name="search",
    sentences="Find records of all kinds by words or parts of words: names, titles, numbers, e-mail addresses, phone "
    "numbers, keys of other systems.",
    arguments=SearchArguments,
    call=search,
    needs=_VIEW,
    reads_only=True,
)
LIST = Tool(
    name="list",
    sentences="List the records of one resource that meet conditions, and tell how many there are in all.",
    arguments=ListArguments,
    call=list_records,
    needs=_VIEW,
    reads_only=True,
)
GET = Tool(
    name="get",
    sentences="Show records that you know by `id`, number or own key. Fields that hold nothing are left out.",
    arguments=GetArguments,
    call=get,
    needs=_VIEW,
    reads_only=True,
)
