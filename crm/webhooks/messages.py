"""What is sent: the bodies of messages, with the records as they are at that moment (beyond, section 19)."""

from collections import defaultdict
from collections.abc import Callable, Collection
from typing import Any

import orjson

from crm.access import acting
from crm.database.projection import Json
from crm.webhooks.lanes import Lane
from crm.webhooks.sending import Message

Records = Callable[[str, Collection[str]], dict[str, Json]]
"""Returns the JSON of those records of a resource that are there in the team that is worked in, by their ids."""


def messages_of(lane: Lane, records: Records) -> list[Message]:
    """Return the messages of a lane, in their order."""
    shown = _records_of(lane, records) if lane.include_record else None
    return [_message(delivery, shown) for delivery in lane.deliveries]


def _records_of(lane: Lane, records: Records) -> dict[str, Json]:
    """Return the records that a lane tells of, by their ids, with one query for each resource."""
    acting.enter_team(lane.team_id or None)
    wanted: dict[str, set[str]] = defaultdict(set)
    for delivery in lane.deliveries:
        if delivery["resource"]:
            wanted[delivery["resource"]].add(delivery["record_id"])
    return {key: record for resource, keys in wanted.items() for key, record in records(resource, keys).items()}


def _message(delivery: dict[str, Any], shown: dict[str, Json] | None) -> Message:
    data = delivery["data"].encode()
    if shown is not None and delivery["resource"]:
        data = b'%b,"record":%b}' % (data[:-1], orjson.dumps(shown.get(delivery["record_id"])))
    told = {"type": delivery["type"], "timestamp": delivery["occurred_at"], "data": orjson.Fragment(data)}
    return Message(delivery["id"], delivery["message_id"], delivery["extra"] > 0, orjson.dumps(told))
