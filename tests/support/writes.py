"""The paths of the API that write, found from the routes, and requests by which each has something to do."""

from collections import defaultdict
from typing import Any
from uuid import uuid4

from crm.blueprints.action import Action
from tests.support.actions import ACTIONS, ready
from tests.support.client import SOURCE, UNKNOWN, UNKNOWN_PARTS, ApiClient, routes
from tests.support.described import any_app
from tests.support.factories import KINDS, full, sample
from tests.support.lookups import WRITTEN, create_row, row_body
from tests.support.record_parts import CASES, part_of, record_with_parts
from tests.support.webhooks import ready_webhook

Json = dict[str, Any]

WRITES = sorted(
    (method, path)
    for path, methods in routes(any_app()).items()
    for method in methods & {"POST", "PUT", "PATCH", "DELETE"}
)
"""Method and path of all that writes; UNKNOWN stands for the id, or an own key, of a record."""
WRITES_OF_LOOKUPS = [(method, path) for method, path in WRITES if path.split("/")[1] in WRITTEN]
"""Those that write rows of look-up tables, which are no records."""
WRITES_OF_WEBHOOKS = [(method, path) for method, path in WRITES if path.split("/")[1] == "webhooks"]
WRITES_OF_RECORDS = [each for each in WRITES if UNKNOWN in each[1] and each[1].split("/")[1] in KINDS]
"""Those that write a record which is there."""
SHOWING_SECRETS = {("POST", "/webhooks"), ("POST", f"/webhooks/{UNKNOWN}/rotate-secret")}
"""Those whose answer shows a secret, which is kept nowhere."""
KEYED_WRITES = [each for each in WRITES if not each[1].startswith("/auth/") and each not in SHOWING_SECRETS]
"""Those that take an `Idempotency-Key`: all but those of tokens and those that show a secret."""


def resource_of(path: str) -> str:
    return path.split("/")[1]


def is_of_records(path: str) -> bool:
    """Tell whether a path is one of a resource, and not of look-ups, webhooks or the caller."""
    return resource_of(path) in KINDS


def _one_of_each_kind() -> list[tuple[str, str]]:
    kinds: dict[tuple[str, str], list[tuple[str, str]]] = defaultdict(list)
    for method, path in KEYED_WRITES:
        kind = "look-up" if resource_of(path) in WRITTEN else path.removeprefix(f"/{resource_of(path)}")
        kinds[method, kind].append((method, path))
    return [alike[place % len(alike)] for place, alike in enumerate(kinds.values())]


ONE_OF_EACH_KIND = _one_of_each_kind()
"""A write of each kind, of one resource after the other: what follows the resource in a path is a kind,
and so are look-ups."""


def ready_record(api: ApiClient, method: str, path: str) -> Json:
    """Return a record on which a write has something to do: what finds deleted records brings one back.

    Where the write names it by an own key, that is its `key`.
    """
    resource = resource_of(path)
    if "/by/" in path:
        key = str(uuid4())
        return {**api.create(resource, external_keys={SOURCE: key}), "key": key}
    if part_of(path):
        return record_with_parts(api, path)
    action = action_of(method, path)
    if action is None:
        return api.create(resource)
    if action.deleted_too:
        record = api.create(resource)
        assert api.delete(f"/{resource}/{record['id']}").headers["ETag"] == '"2"'
        return {**record, "version": 2}
    return ready(api, resource, action.name)


def action_of(method: str, path: str) -> Action | None:
    """Return the action that a write is, None if it is none."""
    is_one = method == "POST" and UNKNOWN in path and not part_of(path)
    return ACTIONS[resource_of(path), path.rsplit("/", 1)[-1]] if is_one else None


def makes(method: str, path: str) -> str:
    """Return the resource of what an action makes, nothing if a write is none that makes something."""
    action = action_of(method, path)
    return action.makes.__tablename__ if action and action.makes else ""


def changes_its_record(method: str, path: str) -> bool:
    """Tell whether a write of a record is a change of that."""
    action = action_of(method, path)
    return action is None or bool(action.word)


def path_on(path: str, record: Json) -> str:
    """Return the path of a write on a record."""
    for key in UNKNOWN_PARTS.values():
        path = path.replace(key, record.get("part", key))
    return path.replace(UNKNOWN, record.get("key") or record["id"])


def changing_body(method: str, path: str, mark: str) -> Json:
    """Return a body that changes a record to what the mark says, or adds a part; an action takes an empty one."""
    if method == "POST" and (part := part_of(path)):
        return CASES[resource_of(path), part.name].added
    text = next(iter(sample(resource_of(path))), "reference")
    return {text: mark} if method in ("PUT", "PATCH") else {}


def ready_request(api: ApiClient, method: str, path: str, mark: str = "Changed") -> tuple[str, Json]:
    """Return the path and the body of a request of a kind of write, for which there is something to do."""
    if (method, path) in WRITES_OF_LOOKUPS:
        return ready_row(api, method, path, mark)
    if (method, path) in WRITES_OF_WEBHOOKS:
        return ready_webhook(api, method, path, mark)
    if (method, path) in WRITES_OF_RECORDS:
        return path_on(path, ready_record(api, method, path)), changing_body(method, path, mark)
    if "/batch/" in path:
        return path, {"items": [ready_item(api, path, mark)]}
    return path, full(api, resource_of(path))


def ready_row(api: ApiClient, method: str, path: str, mark: str) -> tuple[str, Json]:
    """Return the path and the body of a request that writes a row of a look-up table."""
    table = resource_of(path)
    if method == "POST":
        return path, row_body(table)
    body = {} if method == "DELETE" else {"name": f"{mark} {uuid4()}"}
    return path.replace(UNKNOWN, str(create_row(api, table)["id"])), body


def ready_item(api: ApiClient, path: str, mark: str) -> Json:
    """Return an item of a batch for which there is something to do."""
    resource, _, verb = path.strip("/").split("/")
    named = {"id": api.create(resource)["id"]} if verb in ("update", "delete") else {}
    key = {"key": {"source": SOURCE, "key": str(uuid4())}} if verb == "upsert" else {}
    values = {"update": changing_body("PUT", path, mark), "delete": {}}
    return {**named, **key, **(values[verb] if verb in values else full(api, resource))}


def written_by(path: str, answer: Any) -> str:
    """Return the id of the record that the answer to such a request shows."""
    data = answer.json["data"]
    record_id: str = data[0]["data"]["id"] if "/batch/" in path else data["id"]
    return record_id
