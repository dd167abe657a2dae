"""A random walk of users of three teams, each answer of which is compared with a model in memory."""

import os
import re
from collections import Counter
from collections.abc import Callable
from itertools import product
from random import Random
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from flask import Flask
from sqlalchemy import ColumnElement, ForeignKey, Table, exists, func, select

from crm.extensions import db
from crm.models import Membership, Pipeline, PipelineStage, User
from crm.records.lookups import LOOKUPS
from tests.support.client import ApiClient
from tests.support.factories import add_member, create_team, create_user
from tests.support.team_model import (
    NUMBERS,
    SCHEMAS,
    Asked,
    Json,
    LookupRow,
    Member,
    Record,
    Refused,
    World,
    kinds_of,
    name_of,
    shown_by,
    view_of,
)

REQUESTS = int(os.environ.get("CRM_TEST_SOAK_REQUESTS", "1600"))
COMPARE_EVERY = 400
SEED = 5
NOWHERE = 999_999
"""An id that no user and no look-up row has."""

STATUSES = {
    "create": {201, 403, 422},
    "update": {200, 403, 404, 422},
    "show": {200, 403, 404},
    "delete": {204, 403, 404},
    "read": {200, 403},
    "walk": {200, 403},
    "go_on": {200, 403, 422},
    "search": {200, 403},
    "look_up": {200, 403},
}
FIELDS = {(resource, field) for resource in SCHEMAS for field in kinds_of(resource)}
DONE = {action: min(statuses) for action, statuses in STATUSES.items()}


def test_no_row_of_another_team_is_seen_changed_or_referred_to(team_app: Flask) -> None:
    walk = Walk(team_app, make_world(team_app))

    for step in range(1, REQUESTS + 1):
        walk.step()
        if step % COMPARE_EVERY == 0:
            walk.compare_everything()

    assert references_between_teams(team_app) == []
    # That the walk has met every answer there is, and tried every field on rows of another team:
    assert {action: walk.statuses(action) for action in STATUSES} == STATUSES
    assert walk.kept_out == FIELDS


class Walk:
    """Sends random requests, and has the model say what each must answer."""

    def __init__(self, app: Flask, world: World):
        self.world = world
        self.random = Random(SEED)
        self.clients = {member: ApiClient(app, member) for member in world.members}
        self.teams = [team for member in world.members.values() for team in member.roles]
        self.answers: Counter[tuple[str, int]] = Counter()
        self.cursors: list[tuple[int, str, Asked, str]] = []
        """Cursors that were given out: to which team, of which list, what that was asked, and the cursor."""
        self.kept_out: set[tuple[str, str]] = set()
        """Resources and their fields that were refused a row of another team."""

    def statuses(self, action: str) -> set[int]:
        return {status for name, status in self.answers if name == action}

    def step(self) -> None:
        """Send one request."""
        pick, members = self.random.choice, [*self.world.members.values()]
        self.member = pick([*members, *(member for member in members if member.roles and member.crm_access)])
        own = [*map(str, self.member.roles)]
        self.header = pick([None, None, None, *own, *own, str(pick(self.teams)), pick(["", "0", "x", str(NOWHERE)])])
        self.team = int(self.header) if self.header in own else self.member.current_team
        self.resource = pick([*SCHEMAS, *(resource for resource, _ in sorted(FIELDS - self.kept_out))])
        actions = [
            *(self.create, self.update, self.show, self.delete),
            *(self.read, self.walk, self.go_on, self.search, self.look_up),
        ]
        self.random.choices(actions, weights=[30, 25, 10, 4, 13, 7, 4, 4, 3])[0]()

    # The requests

    def create(self) -> None:
        body = self.body()
        self.learn(self.ask("POST", "", self.world.create, body, body=body))

    def update(self) -> None:
        key = self.key()
        body = self.body(key)
        self.learn(self.ask(self.random.choice(["PUT", "PATCH"]), f"/{key}", self.world.update, key, body, body=body))

    def show(self) -> None:
        key = self.key()
        record = self.ask("GET", f"/{key}", self.world.show, key)
        if record:
            self.compare([record], [self.data])

    def delete(self) -> None:
        key = self.key()
        self.ask("DELETE", f"/{key}", self.world.delete, key)

    def read(self) -> None:
        asked, size = self.asked(), self.random.choice([2, 25, 100])
        page, is_counted = self.random.randint(1, 3), self.chance(0.7)
        query = [("per_page", str(size)), ("page", str(page)), *asked_as(asked), *self.shown_as()]
        query += [] if is_counted else [("count", "false")]
        records = self.ask("GET", f"?{urlencode(query)}", self.world.read, asked)
        if records is not None:
            assert self.json["meta"]["total"] == (len(records) if is_counted else None), self.question
            assert (self.json["links"]["next"] is not None) == (len(records) > page * size), self.question
            self.compare(records[(page - 1) * size : page * size], self.data)

    def walk(self) -> None:
        """Read two pages of a list by cursor."""
        asked, size = self.asked(), self.random.choice([1, 2])
        query = [("per_page", str(size)), *asked_as(asked), *self.shown_as(), ("cursor", "")]
        records = self.ask("GET", f"?{urlencode(query)}", self.world.walk, asked)
        if records is None:
            return
        self.compare(records[:size], self.data)
        cursor = self.json["meta"]["next_cursor"]
        assert (cursor is not None) == (len(records) > size), self.question
        if cursor:
            self.cursors.append((self.team, self.resource, asked, cursor))
            self.ask("GET", f"?{urlencode([*query, ('cursor', cursor)])}", self.world.walk, asked)
            self.compare(records[size : 2 * size], self.data)

    def go_on(self) -> None:
        """Use a cursor that some team was given, likely for the list that it is of."""
        if not self.cursors:
            self.walk()
            return
        team, resource, asked, cursor = self.random.choice(self.cursors)
        self.resource = resource if self.chance(0.8) else self.resource
        may_be_shown = self.ask("GET", f"?cursor={cursor}", self.world.go_on, team, resource, asked)
        if may_be_shown is not None:
            by_key = {record.key: record for record in may_be_shown}
            self.compare([by_key[row["id"]] for row in self.data], self.data)

    def search(self) -> None:
        words, limit = self.words(), self.random.choice([1, 5, 20])
        query = urlencode({"q": words, "limit": limit})
        resource, self.resource = self.resource, "search"
        records = self.ask("GET", f"?{query}", self.world.search, words, limit)
        self.resource = resource
        if records is not None:
            found = [(row["resource"], row["record"]["id"]) for row in self.data]
            assert found == [(record.resource, record.key) for record in records], self.question
            for record, row in zip(records, self.data, strict=True):
                assert view_of(record.resource, row["record"]) == self.world.view(record), self.question

    def look_up(self) -> None:
        self.resource = self.random.choice(["users", *(lookup.model.__tablename__ for lookup in LOOKUPS)])
        keys = self.ask("GET", "", self.world.look_up)
        if keys is not None:
            assert {row["id"] for row in self.data} == keys, self.question
        for row in self.data if keys and self.resource == "pipelines" else ():
            shown = {stage["id"] for stage in row["stages"]}
            assert shown <= self.world.look_up(self.member, self.header, f"stages of {row['resource']}"), self.question

    def compare_everything(self) -> None:
        """Compare whole lists of every team with the model."""
        self.header = None
        for member, resource in product(self.world.members.values(), SCHEMAS):
            if member.roles and member.crm_access:
                self.member, self.resource = member, resource
                records = self.ask("GET", "?per_page=100", self.world.read)
                shown = self.data
                for page in range(2, self.json["meta"]["last_page"] + 1):
                    self.ask("GET", f"?per_page=100&page={page}", self.world.read)
                    shown += self.data
                self.compare(records, shown)

    # What requests are made of

    def asked(self) -> Asked:
        """Return what to ask a list: about rows of any team, and rows that there are not."""
        owner = self.random.choice([None, None, None, *self.world.members])
        conditions = tuple(self.condition() for _ in range(self.random.choice([0, 0, 1, 1, 2])))
        words = self.words() if self.chance(0.2) else ""
        number = NUMBERS[self.resource]
        fields = ["id", name_of(self.resource), *([number[0]] if number else [])]
        sort = ",".join(self.random.choice(["", "-"]) + field for field in self.random.sample(fields, 2))
        return Asked(
            tuple({each[:2]: each for each in conditions}.values()), words, self.random.choice(["", sort]), owner
        )

    def condition(self) -> tuple[str, str, tuple[Any, ...]]:
        """Return a condition that names rows, of any team and of none, by id, number, name or reference."""
        kinds = {name: kind for name, kind in kinds_of(self.resource).items() if "." not in name}
        named = ["id", name_of(self.resource), *([NUMBERS[self.resource][0]] if NUMBERS[self.resource] else [])]
        field = self.random.choice([*named, *kinds, *(["labels"] if "labels.*" in kinds_of(self.resource) else [])])
        operator = self.random.choice(["eq", "eq", "ne", "in", "null"])
        if operator == "null" and field not in named:
            return field, operator, ("true",)
        values = tuple(self.named_by(field) for _ in range(3 if operator == "in" else 1))
        return field, operator if operator != "null" else "eq", values

    def named_by(self, field: str) -> Any:
        """Return a value by which a field may name something."""
        kind = kinds_of(self.resource).get("labels.*" if field == "labels" else field)
        if kind:
            keys = self.world.keys(kind)
            unknown = NOWHERE if keys and isinstance(keys[0], int) else self.unknown()
            return self.random.choice(keys) if keys and self.chance(0.9) else unknown
        record = self.any_record(self.resource)
        if record is None or field == "id":
            return record.key if record else self.unknown()
        return self.world.value_of(record, field)

    def any_record(self, resource: str) -> Record | None:
        """Return a record of any team, a deleted one too."""
        keys = self.world.keys(resource)
        return self.world.records[self.random.choice(keys)] if keys else None

    def words(self) -> str:
        """Return words that name a record of any team and resource."""
        record = self.any_record(self.random.choice([*SCHEMAS]))
        if record is None or self.chance(0.1):
            return "nothing"
        name = record.values[name_of(record.resource)]
        return self.random.choice([record.number or name, name, name.split()[1], name.split()[0], name[-3:]])

    def shown_as(self) -> list[tuple[str, str]]:
        """Return the parameter that asks for what is compared alone, or for nothing particular."""
        return [("fields", ",".join(shown_by(self.resource)))] if self.chance(0.3) else []

    def chance(self, share: float) -> bool:
        return self.random.random() < share

    def unknown(self) -> str:
        return str(UUID(int=self.random.getrandbits(128)))

    def key(self) -> str:
        """Return the UUID of a row: likely one of the team's own, else any other, a deleted one too, or none."""
        keys = self.world.keys(self.resource)
        own = [record.key for record in self.world.rows(self.resource, self.team)]
        if own and self.chance(0.75):
            return self.random.choice(own)
        return self.random.choice(keys) if keys and self.chance(0.8) else self.unknown()

    def body(self, key: str = "") -> Json:
        """Return a body of which each field may refer to anything; `key` is that of the record to update."""
        kinds = kinds_of(self.resource)
        body: Json = {name_of(self.resource): f"{self.resource} {self.random.getrandbits(32)}"}
        for name in kinds:
            if "." not in name and self.chance(0.4):
                body[name] = self.reference(name)
        if "labels.*" in kinds and self.chance(0.4):
            body["labels"] = [self.reference("labels.*") for _ in range(self.random.randint(0, 3))]
        if "line_items.*.id" in kinds and self.chance(0.6):
            body["line_items"] = [self.line(key) for _ in range(self.random.randint(0, 3))]
        return body

    def line(self, key: str) -> Json:
        record = self.world.records.get(key)
        line: Json = {
            "product_id": self.reference("line_items.*.product_id"),
            "quantity": 1,
            "unit_price": 2,
            "amount": 2,
        }
        if record and record.lines and self.chance(0.6):
            own = self.random.choice(record.lines)
            line |= {"id": own.key, **({"product_id": own.product} if self.chance(0.5) else {})}
        elif self.chance(0.5):
            line["id"] = self.random.choice([*self.world.keys("lines"), self.unknown()])
        return line

    def reference(self, field: str) -> Any:
        """Return the id of a row that the team may refer to, or of another, or of none.

        A field that has not yet been refused another team's row is often given one.
        """
        kind = kinds_of(self.resource)[field]
        keys = self.world.keys(kind)
        own = [key for key in keys if self.world.may_refer(kind, key, self.team)]
        if own and self.chance(0.9 if (self.resource, field) in self.kept_out else 0.6):
            return self.random.choice(own)
        if self.chance(0.8) and (others := [key for key in keys if key not in own]):
            return self.random.choice(others)
        return self.random.choice([None, NOWHERE, self.unknown()])

    # Asking and comparing

    def ask(self, method: str, path: str, model: Callable[..., Any], *arguments: Any, body: Json | None = None) -> Any:
        """Send a request and return what the model says, None where the API had to refuse and did."""
        path = f"/{self.resource.replace('_', '-')}{path}"
        headers = {} if self.header is None else {"X-Team-ID": self.header}
        response = self.clients[self.member.id].request(method, path, headers=headers, json=body)
        self.question = f"{self.member}, X-Team-ID {self.header}: {method} {path} {body}\n{response.text}"
        self.json = response.json if response.data else {}
        self.data = self.json.get("data")
        self.answers[model.__name__, response.status_code] += 1
        answer, status, message, faults = None, DONE[model.__name__], None, set()
        try:
            answer = model(self.member, self.header, self.resource, *arguments)
        except Refused as refusal:
            status, message, faults = refusal.status, refusal.message, refusal.errors
        assert response.status_code == status, self.question
        assert message in (None, self.json.get("message")), self.question
        assert {*self.json.get("errors", ())} == faults, self.question
        if body:
            self.note(faults, body)
        return answer

    def note(self, faults: set[str], body: Json) -> None:
        """Note which fields were refused a row that exists."""
        for path in faults:
            value: Any = body
            for part in path.split("."):
                value = value[int(part) if part.isdigit() else part]
            field = re.sub(r"\d+", "*", path)
            if self.world.is_live(kinds_of(self.resource)[field], value):
                self.kept_out.add((self.resource, field))

    def learn(self, record: Record | None) -> None:
        if record:
            self.world.learn(record, self.data)
            self.compare([record], [self.data])

    def compare(self, records: list[Record], data: list[Json]) -> None:
        expected = [self.world.view(record) for record in records]
        assert [view_of(self.resource, row) for row in data] == expected, self.question


def asked_as(asked: Asked) -> list[tuple[str, str]]:
    """Return the parameters of the query that ask this."""
    query = [
        (f"filter[{field}]" + (f"[{operator}]" if operator != "eq" else ""), ",".join(map(str, values)))
        for field, operator, values in asked.conditions
    ]
    named = {
        "search": asked.words,
        "sort": asked.sort,
        "user_owner_id": "" if asked.owner is None else str(asked.owner),
    }
    return [*query, *((name, text) for name, text in named.items() if text)]


def make_world(app: Flask) -> World:
    """Make three teams, users with other roles in each, and look-up rows of each team beside the shared ones."""
    owners = [create_user(app) for _ in range(3)]
    a, b, c = (create_team(app, owner) for owner in owners)
    roles: dict[int, dict[int, str]] = {
        owners[0]: {a: "Owner", b: "Employee"},
        owners[1]: {b: "Owner", c: "Viewer"},
        owners[2]: {c: "Owner"},
        create_user(app): {c: "Manager", a: "Admin"},
        create_user(app): {a: "Employee"},
        create_user(app): {},
    }
    without_access = create_user(app, crm_access=False)
    members = [Member(user, its_roles, next(iter(its_roles), None)) for user, its_roles in roles.items()]
    members.append(Member(without_access, {b: "Admin"}, b, crm_access=False))
    for member in members:
        for team, role in member.roles.items():
            add_member(app, team, member.id, role)
    with app.app_context():
        for team in (a, b, c):
            add_lookups(team)
        return World(members, read_lookups())


def add_lookups(team: int) -> None:
    """Add a row of the team's own to each look-up table, and a pipeline for each resource that has one."""
    particular = {"labels": {"hex": "000000"}, "tax_rates": {"rate": 10_000 * team, "default": True}}
    for model in (lookup.model for lookup in LOOKUPS):
        if model is not Pipeline:
            db.session.add(model(name="Own", team_id=team, **particular.get(model.__tablename__, {})))
    for resource in ("leads", "deals", "quotes"):
        pipeline = Pipeline(name="Own", team_id=team, resource=resource)
        db.session.add(pipeline)
        db.session.flush()
        db.session.add(PipelineStage(name="Own", team_id=team, pipeline_id=pipeline.id, position=1))
    db.session.commit()


def read_lookups() -> dict[str, dict[Any, LookupRow]]:
    """Return the look-up rows by their kind and the id that clients know."""
    rows = {
        model.__tablename__: {
            getattr(row, "external_id", row.id): LookupRow(row.team_id, getattr(row, "rate", 0) / 10_000)
            for row in db.session.scalars(select(model))
        }
        for model in (lookup.model for lookup in LOOKUPS)
    }
    stages = select(PipelineStage, Pipeline.resource).join(Pipeline, Pipeline.id == PipelineStage.pipeline_id)
    for stage, resource in db.session.execute(stages):
        rows.setdefault(f"stages of {resource}", {})[stage.external_id] = LookupRow(stage.team_id)
    return rows


def references_between_teams(app: Flask) -> list[str]:
    """Return the foreign keys of the database that lead from some row to one of another team."""
    with app.app_context():
        return [
            str(key)
            for table in db.metadata.sorted_tables
            for key in table.foreign_keys
            if (team := team_of(table)) is not None and crossings(table, key, team)
        ]


def crossings(table: Table, key: ForeignKey, team: ColumnElement[int]) -> int:
    """Return how many rows of `table`, each of which is of `team`, refer by `key` to a row of another team."""
    target = key.column.table.alias()
    if key.column.table is User.__table__:
        membership = Membership.__table__.alias()
        elsewhere = ~exists().where(membership.c.user_id == target.c.id, membership.c.team_id == team)
    elif "team_id" in target.c:
        elsewhere = target.c.team_id != team
    else:
        return 0
    joined = table.join(target, target.c[key.column.name] == key.parent)
    return db.session.scalar(select(func.count()).select_from(joined).where(elsewhere)) or 0


def team_of(table: Table) -> ColumnElement[int] | None:
    """Return the team of a row, which for the members of a record is the record's."""
    keys = table.c.record_id.foreign_keys if "record_id" in table.c else ()
    if not keys:
        return table.c.get("team_id")
    (key,) = keys
    record = key.column.table.alias()
    return select(record.c.team_id).where(record.c.id == table.c.record_id).scalar_subquery()
