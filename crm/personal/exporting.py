"""All that names a person, as JSON: its record, the records that refer to it, and what the past tells of it."""

from collections.abc import Collection
from typing import Any

import orjson
from sqlalchemy import BigInteger, bindparam, or_, select

from crm.blueprints.resource import Resource
from crm.changes.reading import SHOWN, shown
from crm.database.connections import snapshot
from crm.database.projection import Json
from crm.database.query import Query
from crm.models import Person
from crm.personal.person import Known
from crm.personal.places import ANSWERS, CHANGES, MESSAGES
from crm.schemas.collections.external_keys import FIELD as EXTERNAL_KEYS


def export(resources: Collection[Resource], person: Known) -> Json:
    """Return all that names a person of the team that is worked in, of one moment; deleted records too.

    `{"person": {record} or null, "records": {resource: [record…]}, "changes": […], "kept_answers": […],
    "deliveries": […]}`, in which changes are shown as the API shows them.
    """
    with snapshot():
        return {
            "person": _record(resources, person),
            "records": _records(resources, person),
            "changes": [shown(tuple(row[column.key] for column in SHOWN)) for row in CHANGES.rows(person.external_id)],
            "kept_answers": [_answer(row) for row in ANSWERS.rows(person.external_id)],
            "deliveries": [_delivery(row) for row in MESSAGES.rows(person.external_id)],
        }


def _record(resources: Collection[Resource], person: Known) -> Json | None:
    if person.row_id is None:
        return None
    (people,) = (resource for resource in resources if resource.model is Person)
    return people.rows.read([person.row_id], frozenset([EXTERNAL_KEYS]))[0]


def _records(resources: Collection[Resource], person: Known) -> dict[str, list[Json]]:
    """Return the records that refer to a person, by resource."""
    found = {}
    for resource in resources:
        referring = [key.parent for key in resource.table.foreign_keys if key.column.table is Person.__table__]
        if referring:
            row_id = bindparam("row_id", type_=BigInteger)
            ids = select(resource.table.c.id).where(or_(*(column == row_id for column in referring)))
            rows = Query(ids.order_by(resource.table.c.id)).rows(row_id=person.row_id)
            found[resource.name] = resource.rows.read([each for (each,) in rows])
    return found


def _answer(row: dict[str, Any]) -> Json:
    named = {name: row[name] for name in ("user_id", "key", "status", "created_at")}
    return {**named, "body": orjson.Fragment(row["body"])}


def _delivery(row: dict[str, Any]) -> Json:
    named = {name: row[name] for name in ("url", "type", "status", "created_at", "finished_at")}
    return {"id": row["message_id"], **named, "data": orjson.Fragment(row["data"])}
