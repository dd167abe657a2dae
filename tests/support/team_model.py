"""What users of several teams may see and do: the contract's sections 3 and 4 over rows in memory.

A `World` answers each request as the API has to. It raises `Refused` where the API must refuse.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from functools import cache, partial
from typing import Any

from crm.schemas.references import Reference, StageReference
from tests.support.factories import KINDS

Json = dict[str, Any]

NUMBERS = {name: kind.model.number for name, kind in KINDS.items()}
SCHEMAS = {name: kind.schema for name, kind in KINDS.items()}
STAFF = ("Manager", "Employee")


class Refused(Exception):  # noqa: N818 (an answer, not an error)
    """The API has to refuse: with this status, and these fields at fault or this message."""

    def __init__(self, status: int, errors: Collection[str] = (), message: str | None = None):
        super().__init__(status, errors, message)
        self.status, self.errors, self.message = status, {*errors}, message


@dataclass(frozen=True)
class Member:
    """A user: the role in each team, and the team where requests run."""

    id: int
    roles: Mapping[int, str]
    current_team: int | None
    crm_access: bool = True


@dataclass
class Line:
    """A line item; `key` is None until the API has named it."""

    key: str | None
    product: str
    rate: float


@dataclass
class Record:
    """A row of a resource. `values` holds the name, each reference by its field, and the labels."""

    resource: str
    team: int
    number: str | None
    values: Json = field(default_factory=dict)
    lines: list[Line] = field(default_factory=list)
    alive: bool = True
    key: str = ""


@dataclass(frozen=True)
class Asked:
    """What a list is asked: conditions, each a field, an operator and values, that must all hold, and words."""

    conditions: tuple[tuple[str, str, tuple[Any, ...]], ...] = ()
    words: str = ""
    sort: str = ""
    owner: int | None = None


EVERYTHING = Asked()


@dataclass
class LookupRow:
    """A look-up row of one team, or of all where `team` is None."""

    team: int | None
    rate: float = 0


class World:
    """All rows of all teams."""

    def __init__(self, members: list[Member], lookups: dict[str, dict[Any, LookupRow]]):
        self.members = {member.id: member for member in members}
        self.lookups = lookups
        self.records: dict[str, Record] = {}
        self.created: dict[tuple[int, str], int] = {}

    # Who may ask

    def enter(self, member: Member, header: str | None, verb: str, resource: str, shows: bool = False) -> int:
        """Return the team that a request runs in."""
        if not member.crm_access:
            raise Refused(403, message="This action is unauthorized.")
        if not member.roles:
            raise Refused(403, message="You do not belong to a team.")
        team = member.current_team if header is None else int(header) if header.isdigit() else None
        if team not in member.roles:
            raise Refused(403, message="You are not a member of the requested team.")
        if shows:
            team = member.current_team
        role = member.roles[team]
        if verb != "view" and (role == "Viewer" or (role in STAFF and resource == "products")):
            raise Refused(403, message="This action is unauthorized.")
        return team

    # The five verbs, and the lists of look-up rows

    def create(self, member: Member, header: str | None, resource: str, body: Json) -> Record:
        team = self.enter(member, header, "create", resource)
        self.check(resource, "create", team, body, None)
        self.created[team, resource] = count = self.created.get((team, resource), 0) + 1
        number = f"{NUMBERS[resource][1]}{1000 + count}" if NUMBERS[resource] else None
        record = Record(resource, team, number)
        owner = {"user_owner_id": member.id} if resource == "invoices" else {}
        self.write(record, "create", {**owner, **body})
        return record

    def update(self, member: Member, header: str | None, resource: str, key: str, body: Json) -> Record:
        team = self.enter(member, header, "edit", resource)
        record = self.find(resource, key, team)
        self.check(resource, "edit", team, body, record)
        self.write(record, "edit", body)
        return record

    def show(self, member: Member, header: str | None, resource: str, key: str) -> Record:
        return self.find(resource, key, self.enter(member, header, "view", resource, shows=True))

    def delete(self, member: Member, header: str | None, resource: str, key: str) -> None:
        self.find(resource, key, self.enter(member, header, "delete", resource)).alive = False

    def read(self, member: Member, header: str | None, resource: str, asked: Asked = EVERYTHING) -> list[Record]:
        """Return all rows of a list, in its order."""
        found = self.matching(resource, self.enter(member, header, "view", resource), asked)
        for key in reversed(asked.sort.split(",") if asked.sort else ()):
            by = partial(self.sort_key, field=key.removeprefix("-"))
            found.sort(key=by, reverse=key.startswith("-"))
        return found

    def walk(self, member: Member, header: str | None, resource: str, asked: Asked) -> list[Record]:
        """Return all rows of a list by cursor."""
        return self.read(member, header, resource, asked)

    def go_on(
        self, member: Member, header: str | None, resource: str, team: int, of_resource: str, asked: Asked
    ) -> list[Record]:
        """Return the rows of which a cursor that was given to a team may show some."""
        if (self.enter(member, header, "view", resource), resource) != (team, of_resource):
            raise Refused(422, errors={"cursor"})
        return self.matching(resource, team, asked)

    def search(self, member: Member, header: str | None, resource: str, words: str, limit: int) -> list[Record]:
        """Return what a search over all finds: whose number that is, then what holds it."""
        team = self.enter(member, header, "view", resource)
        rows = {name: self.rows(name, team) for name in SCHEMAS}
        exact = {name: [each for each in rows[name] if each.number == words.upper()] for name in SCHEMAS}
        others = {
            name: [each for each in rows[name] if self.holds_words(each, words) and each not in exact[name]][:limit]
            for name in SCHEMAS
        }
        return [
            *(record for name in SCHEMAS for record in exact[name]),
            *(record for name in SCHEMAS for record in others[name][: limit - len(exact[name])]),
        ]

    def look_up(self, member: Member, header: str | None, kind: str) -> set[Any]:
        """Return the ids of a look-up list."""
        team = self.enter(member, header, "view", kind)
        if kind == "users":
            return {key for key in self.members if self.may_own(key, team)}
        return {key for key, row in self.lookups[kind].items() if row.team in (team, None)}

    # What a request meets

    def rows(self, resource: str, team: int) -> list[Record]:
        """Return the live rows of a team, the newest first."""
        return [
            record
            for record in reversed(self.records.values())
            if (record.resource, record.team, record.alive) == (resource, team, True)
        ]

    def matching(self, resource: str, team: int, asked: Asked) -> list[Record]:
        """Return the live rows of a team that a list is asked for, the newest first."""
        return [
            record
            for record in self.rows(resource, team)
            if asked.owner in (None, record.values.get("user_owner_id"))
            and all(self.meets(record, *condition) for condition in asked.conditions)
            and self.holds_words(record, asked.words)
        ]

    def meets(self, record: Record, field: str, operator: str, values: tuple[Any, ...]) -> bool:
        """Tell whether a record meets a condition."""
        if field == "labels":
            labels = record.values.get("labels", set())
            return not labels if operator == "null" else bool(labels & {*values}) != (operator == "ne")
        value = self.value_of(record, field)
        if operator == "null":
            return value is None
        return (value in values) != (operator == "ne")

    def value_of(self, record: Record, field: str) -> Any:
        """Return what a record shows in a field, None for what is deleted."""
        if field == "id":
            return record.key
        if field == name_of(record.resource):
            return record.values[field]
        if NUMBERS[record.resource] and field == NUMBERS[record.resource][0]:
            return record.number
        value = record.values.get(field)
        return None if value in self.records and not self.records[value].alive else value

    def sort_key(self, record: Record, field: str) -> Any:
        value = self.value_of(record, field)
        return int(value[1:]) if value == record.number else value

    @staticmethod
    def holds_words(record: Record, words: str) -> bool:
        texts = [str(record.values[name_of(record.resource)]).lower(), (record.number or "").lower()]
        return all(any(word in text for text in texts) for word in words.lower().split())

    def find(self, resource: str, key: str, team: int) -> Record:
        record = self.records.get(key)
        if record is None or (record.resource, record.team, record.alive) != (resource, team, True):
            raise Refused(404)
        return record

    def check(self, resource: str, verb: str, team: int, body: Json, record: Record | None) -> None:
        """Refuse a body that refers to what the team cannot see."""
        faults = {
            name
            for name, reference in references(resource, verb).items()
            if body.get(name) is not None and not self.may_refer(kind_of(reference), body[name], team)
        }
        labels = enumerate(body.get("labels") or ())
        faults |= {f"labels.{place}" for place, key in labels if not self.may_refer("labels", key, team)}
        own = {line.key: line.product for line in record.lines} if record else {}
        named = set()
        for place, line in enumerate(body.get("line_items") or ()):
            key = line.get("id") if record else None
            if key and (key not in own or key in named):
                faults.add(f"line_items.{place}.id")
            named.add(key)
            kept = key in own and own[key] == line["product_id"]
            if not kept and not self.may_refer("products", line["product_id"], team):
                faults.add(f"line_items.{place}.product_id")
        if faults:
            raise Refused(422, errors=faults)

    def keys(self, kind: str) -> list[Any]:
        """Return the ids of all rows of a kind, whatever their team, deleted ones too."""
        if kind == "users":
            return [*self.members]
        if kind == "lines":
            return [line.key for record in self.records.values() for line in record.lines]
        if kind in self.lookups:
            return [*self.lookups[kind]]
        return [key for key, record in self.records.items() if record.resource == kind]

    def is_live(self, kind: str, key: Any) -> bool:
        """Tell whether there is such a row in any team."""
        return key in self.keys(kind) and (key not in self.records or self.records[key].alive)

    def may_refer(self, kind: str, key: Any, team: int) -> bool:
        if kind == "users":
            return self.may_own(key, team)
        if kind in self.lookups:
            return key in self.lookups[kind] and self.lookups[kind][key].team in (team, None)
        record = self.records.get(key)
        return record is not None and (record.resource, record.team, record.alive) == (kind, team, True)

    def may_own(self, user: int, team: int) -> bool:
        return user in self.members and self.members[user].crm_access and team in self.members[user].roles

    def write(self, record: Record, verb: str, body: Json) -> None:
        taken = {name_of(record.resource), *references(record.resource, verb)}
        record.values |= {name: value for name, value in body.items() if name in taken}
        if body.get("labels") is not None:
            record.values["labels"] = set(body["labels"])
        if body.get("line_items") is not None:
            own = {line.key for line in record.lines}
            record.lines = [
                Line(line["id"] if line.get("id") in own else None, product, self.tax_rate(product, record.team))
                for line in body["line_items"]
                if (product := line["product_id"])
            ]

    def tax_rate(self, product: str, team: int) -> float:
        """Return the rate of a line's product, else the default one, which is the team's own row."""
        rates = self.lookups["tax_rates"]
        of_product = self.records[product].values.get("tax_rate_id")
        return rates[of_product].rate if of_product else next(row.rate for row in rates.values() if row.team == team)

    # What answers show

    def learn(self, record: Record, data: Json) -> None:
        """Take the ids that the API has given to a new record and to new lines."""
        record.key = record.key or data["id"]
        self.records.setdefault(record.key, record)
        for line, shown in zip(record.lines, data.get("line_items", ()), strict=True):
            line.key = line.key or shown["id"]

    def view(self, record: Record) -> Json:
        """Return what `view_of` must give of the API's answer for a record."""
        shown: Json = {"id": record.key, "team's number": record.number}
        shown["name"] = record.values.get(name_of(record.resource))
        for name, reference in shown_references(record.resource).items():
            shown[name] = key = record.values.get(name)
            if kind_of(reference) in SCHEMAS and key and not self.records[key].alive:
                shown[name] = None
        shown["labels"] = record.values.get("labels", set())
        shown["lines"] = [(line.key, line.product, line.rate) for line in record.lines]
        return shown


def view_of(resource: str, data: Json) -> Json:
    """Return the parts of a record's JSON that tell of teams."""
    shown: Json = {"id": data["id"], "team's number": data[NUMBERS[resource][0]] if NUMBERS[resource] else None}
    shown["name"] = data[name_of(resource)]
    for name in shown_references(resource):
        related = data[name] if name in data else data[related_name(name)]
        shown[name] = related["id"] if isinstance(related, dict) else related
    shown["labels"] = {label["id"] for label in data.get("labels", ())}
    shown["lines"] = [(line["id"], line["product_id"], line["tax_rate"]) for line in data.get("line_items", ())]
    return shown


def shown_by(resource: str) -> list[str]:
    """Return the fields of a record's JSON that tell of teams."""
    shown = SCHEMAS[resource]().dump_fields
    named = [name if name in shown else related_name(name) for name in shown_references(resource)]
    number = [NUMBERS[resource][0]] if NUMBERS[resource] else []
    return ["id", name_of(resource), *number, *named, *(name for name in ("labels", "line_items") if name in shown)]


@cache
def references(resource: str, verb: str = "create") -> dict[str, Reference]:
    """Return the fields of a resource that refer to one other row, those that a create or an edit takes."""
    schema = SCHEMAS[resource]() if verb == "create" else SCHEMAS[resource].for_update()
    return {name: field for name, field in schema.load_fields.items() if isinstance(field, Reference)}


@cache
def kinds_of(resource: str) -> dict[str, str]:
    """Return the kind of rows to which each field of a resource refers; a field in a list is named with a star."""
    kinds = {name: kind_of(reference) for name, reference in references(resource).items()}
    fields = SCHEMAS[resource]().load_fields
    if "labels" in fields:
        kinds["labels.*"] = "labels"
    if "line_items" in fields:
        kinds |= {"line_items.*.product_id": "products", "line_items.*.id": "lines"}
    return kinds


def kind_of(reference: Reference) -> str:
    """Return the name of the rows to which a field refers; stages go by the resource whose they are."""
    if isinstance(reference, StageReference):
        return f"stages of {reference.resource}"
    return str(reference.model.__tablename__)


@cache
def name_of(resource: str) -> str:
    """Return the field by which the walk names a record."""
    fields = SCHEMAS[resource]().load_fields
    return next(name for name in ("first_name", "title", "name", "reference") if name in fields)


@cache
def shown_references(resource: str) -> dict[str, Reference]:
    """Return those references that the JSON of a record tells of."""
    shown = SCHEMAS[resource]().dump_fields
    return {name: field for name, field in references(resource).items() if name in shown or related_name(name) in shown}


def related_name(reference: str) -> str:
    return "owner" if reference == "user_owner_id" else reference.removesuffix("_id")
