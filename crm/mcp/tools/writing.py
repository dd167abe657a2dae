"""The tools that make, change and delete records."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from flask import current_app

from crm.blueprints import resources_of
from crm.http.text import trim
from crm.lists.folding import fold_for_search
from crm.mcp.arguments import Arguments, ResourceName, ShowingArguments, Values, one_record
from crm.mcp.calls import ApiError, ask, has_key, write
from crm.mcp.faults import explained, fault_on
from crm.mcp.messages import Json
from crm.mcp.names import find, named, path_by_id, path_to
from crm.mcp.showing import brief, called_by, naming_fields, worked_out
from crm.mcp.tool import Given, Need, Tool, viewable
from crm.mcp.values import as_taken, is_ignored, telling_ignored
from crm.schemas.fields import Integer, Text

_KEPT = {"description": "The fields to change; all others stay."}
_NONE = 0
"""The version of no record."""
VERSION = {"description": "The `version` that you have read: if the record has changed since, nothing is written."}


class CreateArguments(ShowingArguments):
    """What a new record takes."""

    resource = ResourceName(required=True)
    values = Values(lambda resource: resource.creation, required=True)


class UpdateArguments(ShowingArguments):
    """What a change takes."""

    resource = ResourceName(required=True)
    id = one_record()
    values = Values(lambda resource: resource.change, required=True, metadata=_KEPT)
    version = Integer(min=1, metadata=VERSION)


class DeleteArguments(Arguments):
    """What a deletion takes."""

    resource = ResourceName(required=True)
    id = one_record()
    confirm = Text(required=True, metadata={"description": "The record's name, title or number, as you know it."})
    version = Integer(min=1, metadata=VERSION)


def create(given: Given) -> Json:
    """Make a record."""
    resource, values, asked = given["resource"], given["values"], given.get("fields") or ()
    schema = resources_of(current_app)[resource].creation
    with explained(schema, values):
        query = {"fields": naming_fields(resource, (*worked_out(resource), *asked))}
        made = write("POST", f"/{resource}", as_taken(schema, values), query=query)
    return telling_ignored({"record": made["data"]}, schema, values)


def update(given: Given) -> Json:
    """Change a record."""
    resource, name, values = given["resource"], given["id"], given["values"]
    if "version" in values:
        raise fault_on("values.version", "The version stands beside the values.")
    schema = resources_of(current_app)[resource].change
    if is_ignored(schema, values):
        raise ApiError(422, telling_ignored({"message": "Nothing of the values can be written."}, schema, values))
    query = {"fields": naming_fields(resource, (*worked_out(resource), *(given.get("fields") or ())))}
    path = path_by_id(resource, name)
    with explained(schema, values), named(resource, name), _compared(resource, path, values):
        changed = write("PATCH", path, as_taken(schema, values), query=query, version=given.get("version"))
    return telling_ignored({"record": changed["data"]}, schema, values)


@contextmanager
def _compared(resource: str, path: str, values: Mapping[str, Any]) -> Iterator[None]:
    """Have a 412 within the block show what the record holds now of that which was to be changed."""
    try:
        yield
    except ApiError as refused:
        if refused.status != 412 or resource not in viewable():
            raise
        changing = resources_of(current_app)[resource].rows.projection.affected_by(values)
        present = ask(path, {"fields": naming_fields(resource, sorted(changing))})["data"]
        raise ApiError(412, {**refused.body, "record": present}) from None


def delete(given: Given) -> Json:
    """Delete a record whose name, title or number the caller knows, in the version that was looked at."""
    resource, name = given["resource"], given["id"]
    path = path_to(resource, name)
    try:
        record = find(resource, name, {"fields": naming_fields(resource)})
    except ApiError as refused:
        if refused.status != 404 or not has_key():
            raise
        with named(resource, name):
            write("DELETE", path, version=_NONE)  # answered if it was carried out before, else refused
        return {"deleted": {"name": name}}
    if fold_for_search(trim(given["confirm"])) not in _names_of(resource, record):
        sentence = "The confirm field must be the name, title or number of the record that is to be deleted."
        body = {"message": "The record is called otherwise.", "errors": {"confirm": [sentence]}}
        raise ApiError(422, {**body, "record": brief(resource, record)})
    write("DELETE", path, version=given.get("version", record["version"]))
    return {"deleted": {name: record[name] for name in ("id", *called_by(resource))}}


def _names_of(resource: str, record: Json) -> set[str]:
    return {fold_for_search(record[name]) for name in called_by(resource) if record.get(name)}


CREATE = Tool(
    name="create",
    sentences="Make a record of a resource.",
    arguments=CreateArguments,
    call=create,
    needs=(Need("create"),),
)
UPDATE = Tool(
    name="update",
    sentences="Change fields of a record, and of its lists all members at once. With `version` nothing is overwritten "
    "that others have written meanwhile.",
    arguments=UpdateArguments,
    call=update,
    needs=(Need("edit"),),
    destroys=True,
)
DELETE = Tool(
    name="delete",
    sentences="Delete a record. It can be restored, but by no tool.",
    arguments=DeleteArguments,
    call=delete,
    needs=(Need("view"), Need("delete")),
    destroys=True,
)
