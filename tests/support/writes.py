"""The paths of the API that write, found from the routes, and requests by which each has something to do."""

from typing import Any

from crm.blueprints import resources_of
from tests.support.client import UNKNOWN, ApiClient, routes
from tests.support.described import any_app
from tests.support.factories import full, sample

Json = dict[str, Any]

WRITES = sorted(
    (method, path)
    for path, methods in routes(any_app()).items()
    for method in methods & {"POST", "PUT", "PATCH", "DELETE"}
)
"""Method and path of all that writes; UNKNOWN stands for the id of a record."""
WRITES_OF_RECORDS = [(method, path) for method, path in WRITES if UNKNOWN in path or "<" in path]
"""Those that write a record which is there."""
KEYED_WRITES = [(method, path) for method, path in WRITES if not path.startswith("/auth/")]
"""Those that take an `Idempotency-Key`: all but those of tokens."""


def resource_of(path: str) -> str:
    return path.split("/")[1]


def ready_record(api: ApiClient, method: str, path: str) -> Json:
    """Return a record on which a write has something to do: what finds deleted records brings one back."""
    resource = resource_of(path)
    record = api.create(resource)
    actions = {f"/{resource}/{UNKNOWN}/{action.name}": action for action in resources_of(api.app)[resource].actions}
    if method == "POST" and actions[path].deleted_too:
        assert api.delete(f"/{resource}/{record['id']}").headers["ETag"] == '"2"'
        record["version"] = 2
    return record


def changing_body(method: str, path: str, mark: str) -> Json:
    """Return a body that changes a record to what the mark says; an action takes an empty one."""
    text = next(iter(sample(resource_of(path))), "reference")
    return {text: mark} if method in ("PUT", "PATCH") else {}


def ready_request(api: ApiClient, method: str, path: str, mark: str = "Changed") -> tuple[str, Json]:
    """Return the path and the body of a request of a kind of write, for which there is something to do."""
    if (method, path) in WRITES_OF_RECORDS:
        return path.replace(UNKNOWN, ready_record(api, method, path)["id"]), changing_body(method, path, mark)
    return path, full(api, resource_of(path))
