"""The routes of the API as they are called: with the keys of things that exist."""

from tests.support.client import SOURCE, UNKNOWN, UNKNOWN_PARTS, ApiClient, routes
from tests.support.factories import NAMES
from tests.support.lookups import WRITTEN, create_row
from tests.support.receiver import subscribe


def places_of(api: ApiClient) -> dict[str, set[str]]:
    """Return every route with its verbs, where those with an id name a record that is made for it."""
    keys = keys_of(api)
    return {
        path.replace(UNKNOWN, keys.get(path.split("/")[1], "")).replace(
            UNKNOWN_PARTS["message_id"], keys["messages"]
        ): verbs
        for path, verbs in routes(api.app).items()
    }


def keys_of(api: ApiClient) -> dict[str, str]:
    """Make a record of each resource, which is its own key, a row of each look-up table, a webhook and a message.

    Return their ids by the first part of the path; that of the message by `messages`.
    """
    keys = {resource: api.create(resource)["id"] for resource in NAMES}
    for resource, key in keys.items():
        assert api.patch(f"/{resource}/{key}", {"external_keys": {SOURCE: key}}).status_code == 200
    keys |= {table: str(create_row(api, table)["id"]) for table in WRITTEN}
    keys["webhooks"] = subscribe(api, "https://example.com/")["id"]
    message = api.post(f"/webhooks/{keys['webhooks']}/test").json["data"]["id"]
    return {**keys, "messages": message}
