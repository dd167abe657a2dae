"""Records of hard values for the tests of lists, as the list shows them."""

import json
from decimal import Decimal
from random import Random
from typing import Any, NamedTuple

from flask import Flask
from sqlalchemy import update

from crm.extensions import db
from crm.models import Counter, Label
from crm.models.types import now
from crm.schemas.collections.computed_lines import COMPUTE_TOTALS
from crm.schemas.collections.labels import Labels
from crm.schemas.references import OwnerReference, Reference
from tests.support.client import ApiClient
from tests.support.factories import KINDS, alter, create_lookup, sample, schema_of, target
from tests.support.list_model import DETAILS, Json
from tests.support.list_values import KEPT, SENT, kinds_of, values_of

ROWS = 24
DELETED = 4
SOURCES = ("erp", "crm")
LAST_NUMBER = 9990
"""So that some numbers have a digit more than others."""


class Filled(NamedTuple):
    """A resource whose list holds hard rows."""

    resource: str
    records: list[Json]
    """All, the newest first, as the list shows them, with the ids by which they refer to others."""
    kinds: dict[str, str]
    """The kinds of the fields that can be asked, by their names."""
    targets: dict[str, list[Any]]
    """What the records may refer to, by the names of the fields: the last one of each is deleted, but for users."""


def fill(api: ApiClient, resource: str) -> Filled:
    """Make records of random hard values, some of them deleted, and return what their list then shows."""
    random, kinds, taken = Random(resource), kinds_of(resource), schema_of(resource).load_fields
    targets = {name: _targets(api, taken[name]) for name in kinds if isinstance(taken.get(name), Reference | Labels)}
    api.create(resource)
    count_on_from(api.app, resource, LAST_NUMBER)
    bodies = [_body(random, place, resource, kinds, targets) for place in range(ROWS)]
    made = api.post(f"/{resource}/batch/create", {"items": bodies})
    assert made.status_code == 200, made.text
    ids = [item["data"]["id"] for item in made.json["data"]]
    for external_id in random.sample(ids, DELETED):
        assert api.delete(f"/{resource}/{external_id}").status_code == 204
    for name in targets:
        _delete(api, taken[name], targets[name][-1])
    for external_id in ids:
        _set_what_no_client_can(api, random, resource, external_id)
    given = dict(zip(ids, bodies, strict=True))
    hidden = [name for name, field in schema_of(resource).fields.items() if getattr(field, "on_request", False)]
    shown = read(api, f"/{resource}?filter[deleted]=with&include={','.join(hidden)}&per_page=100")["data"]
    records = {record["id"]: _with_ids(record, given.get(record["id"], {}), targets) for record in shown}
    first = next(record for record in shown if record["id"] not in given)
    return Filled(resource, [records[key] for key in (*reversed(ids), first["id"])], kinds, targets)


def read(api: ApiClient, path: str) -> Json:
    """Return the body of the answer to a GET, its numbers exact."""
    answer = api.get(path)
    assert answer.status_code == 200, answer.text
    body: Json = json.loads(answer.data, parse_float=Decimal)
    return body


def _body(random: Random, place: int, resource: str, kinds: Json, targets: dict[str, list[Any]]) -> Json:
    """Return the body of a record of random values."""
    body = sample(resource)
    for name, field in schema_of(resource).load_fields.items():
        kind = kinds.get(name)
        if name == COMPUTE_TOTALS:  # no hard values then: most are refused
            continue
        if kind == "labels":
            body[name] = random.sample(targets[name], place % 4)
        elif kind == "keys":
            body[name] = {source: f"Key {place % 5}/ß{place}" for source in SOURCES if random.random() < 0.5}
        elif kind in DETAILS:
            body[name] = [{DETAILS[kind]: value} for value in random.sample(SENT[kind], place % 4)]
        elif name in kinds and (field.required or random.random() < 0.8):
            body[name] = random.choice(targets.get(name) or [*values_of(field, kind)])
    return body


def _targets(api: ApiClient, field: Any) -> list[Any]:
    """Add three rows that a field may refer to and return their ids."""
    return [create_lookup(api.app, Label) if isinstance(field, Labels) else target(api, field) for _ in range(3)]


def _delete(api: ApiClient, field: Any, key: Any) -> None:
    """Delete a row that a field refers to; a user stays."""
    model = Label if isinstance(field, Labels) else field.model
    if model.__tablename__ in KINDS:
        assert api.delete(f"/{model.__tablename__}/{key}").status_code == 204
    elif not isinstance(field, OwnerReference):
        alter(api.app, model, key, deleted_at=now())


def count_on_from(app: Flask, resource: str, last: int) -> None:
    """Make a number the last one that a record of a resource got, behind the API's back."""
    with app.app_context(), db.engine.begin() as connection:
        counter = Counter.__table__
        connection.execute(update(counter).where(counter.c.resource == resource).values(last_number=last))


def _set_what_no_client_can(api: ApiClient, random: Random, resource: str, key: str) -> None:
    """Put hard values into the columns of a record that are shown and not taken."""
    table, kinds = KINDS[resource].model.__table__, kinds_of(resource)
    taken = {*schema_of(resource).load_fields, "deleted_at"}
    columns = [column for column in table.c if kinds.get(column.key) in KEPT and column.key not in taken]
    values = {c.key: random.choice([*KEPT[kinds[c.key]], *([None] if c.nullable else [])]) for c in columns}
    if COMPUTE_TOTALS in table.c:
        values[COMPUTE_TOTALS] = random.random() < 0.5
    alter(api.app, KINDS[resource].model, key, **values)


def _with_ids(record: Json, given: Json, targets: dict[str, list[Any]]) -> Json:
    """Return a record with the ids by which it refers to others: as it shows them or, if it does not, as given."""
    ids = {}
    for name in targets.keys() - record.keys():
        relation = "owner" if name == "user_owner_id" else name.removesuffix("_id")
        hidden = None if given.get(name) == targets[name][-1] else given.get(name)
        ids[name] = (record[relation] or {}).get("id") if relation in record else hidden
    return {**record, **ids}
