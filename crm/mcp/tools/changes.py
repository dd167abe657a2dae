"""The tool that tells what has happened: to all records since a cursor, or to one."""

import re
from itertools import chain

from crm.access.permissions import FEED
from crm.mcp.arguments import LONGEST_NAME, Arguments, Limit, ResourceName, ResourceNames
from crm.mcp.calls import ask
from crm.mcp.faults import fault_on
from crm.mcp.messages import Json
from crm.mcp.names import named, path_by_id
from crm.mcp.showing import brief, called_by
from crm.mcp.tool import Given, Need, Tool, viewable
from crm.schemas.fields import Text

_PAGE = re.compile("[0-9]{1,9}")


class ChangesArguments(Arguments):
    """What changes are asked for."""

    after = Text(
        metadata={
            "description": "The `after` of the answer that this one is to go on from; by default the first change that "
            "is kept. `latest` answers none, and the `after` of now."
        }
    )
    resources = ResourceNames(metadata={"description": "Whose changes; by default all that you may view."})
    resource = ResourceName()
    id = Text(
        max_length=LONGEST_NAME,
        metadata={"description": "With `resource`: the changes of this record alone, the newest first."},
    )
    limit = Limit()


def changes(given: Given) -> Json:
    """Tell changes: of one record the newest first, else in the order in which they happened."""
    resource, name = given.get("resource"), given.get("id")
    if name:
        if not resource:
            raise fault_on("resource", "The resource field is required beside id.")
        return _history(resource, name, given)
    if resource and "resources" in given:
        raise fault_on("resources", "One of the resource and resources fields will do.")
    picked = (resource,) if resource else given.get("resources") or ()
    query = {
        "after": given.get("after"),
        "limit": str(given["limit"]),
        "resources": ",".join(picked) or None,
        "records": "true",
        "fields": ",".join(dict.fromkeys(chain(*map(called_by, picked or viewable())))) or None,
    }
    feed = ask("/changes", query)
    changes = [*map(_in_short, feed["data"])]
    return {"changes": changes, "after": feed["meta"]["cursor"], "has_more": feed["meta"]["has_more"]}


def _history(resource: str, name: str, given: Given) -> Json:
    """Tell the changes of one record, the newest first; `after` is the number of the page that was told last."""
    last = given.get("after", "0")
    if not _PAGE.fullmatch(last):
        raise fault_on("after", "The selected after is invalid.")
    page, path = int(last) + 1, path_by_id(resource, name)
    with named(resource, name):
        told = ask(f"{path}/changes", {"per_page": str(given["limit"]), "page": str(page)})
    has_more = told["meta"]["current_page"] < told["meta"]["last_page"]
    following = str(page) if has_more else None
    return {"changes": [*map(_in_short, told["data"])], "total": told["meta"]["total"], "after": following}


def _in_short(change: Json) -> Json:
    """Return a change with no more of its record, null once that is deleted, than what names it."""
    short = {name: value for name, value in change.items() if name not in ("request_id", "record")}
    if "record" in change:
        short["record"] = change["record"] and brief(change["resource"], change["record"])
    return short


CHANGES = Tool(
    name="changes",
    sentences="Tell what has been created, updated, deleted, won, paid and so on, by whom, and from what to what.",
    arguments=ChangesArguments,
    call=changes,
    needs=(Need("view", (FEED.name,)), Need("view")),
    reads_only=True,
)
