"""No write passes the journal by: each that there is is done, and the tables are held against the changes."""

from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Column, Connection, Table, select, update

from crm.changes import journal
from crm.commands.group import crm
from crm.extensions import db
from crm.models import Change
from crm.models.types import now
from tests.conftest import MakeApp
from tests.support.client import UNKNOWN_PARTS, ApiClient, CommandLine
from tests.support.factories import KINDS, PASSWORD, alter, create_team, create_token, create_user, full
from tests.support.writes import (
    WRITES,
    WRITES_OF_RECORDS,
    changes_its_record,
    changing_body,
    is_of_records,
    makes,
    path_on,
    ready_record,
    ready_request,
    resource_of,
    written_by,
)

Records = dict[tuple[str, str], tuple[int, Any]]
Key = tuple[str, str]
"""The name of a resource and the id of a record."""

EMAIL = "jane@example.com"
OTHER_WRITES = {
    ("POST", "/auth/token"): {"email": EMAIL, "password": PASSWORD},
    ("DELETE", "/auth/token"): None,
    ("DELETE", "/auth/tokens"): None,
    ("DELETE", "/auth/tokens/TOKEN"): None,
    ("PUT", "/auth/team"): {"team_id": "TEAM"},
    ("PUT", "/auth/password"): {"current_password": PASSWORD, "password": "another long one"},
}
"""The writes on what is no record, with their bodies. TEAM and TOKEN stand for the ids of one of the caller's."""
COMMANDS = {
    "demo": ["--leads", "2"],
    "import": ["leads", "FILE"],
    "export": ["leads"],
    "recount": [],
    "prune": [],
    "purge": ["--deleted-before", "2020-01-01"],
    "export-person": ["PERSON"],
    "erase-person": ["PERSON", "--yes"],
    "deliver": ["--once"],
    "seed": [],
    "setup": [],
    "create-user": ["new@example.com", "--name", "New", "--password", PASSWORD],
    "update-user": [EMAIL, "--name", "Renamed"],
    "api-token": [EMAIL],
    "tokens": [EMAIL],
    "users": [],
    "delete-user": [EMAIL],
    "revoke-tokens": [EMAIL],
    "revoke-token": ["1000000"],
    "lookups": [],
    "openapi": [],
    "doctor": [],
    "backup": ["NEW"],
    "create-team": ["Team", "--owner", EMAIL, "--adopt"],
    "add-member": ["TEAM", EMAIL],
    "remove-member": ["TEAM", EMAIL],
}
"""Every command of `flask crm`, as it does what it can.

TEAM and PERSON stand for an id, FILE for a CSV of one lead, NEW for a file that is not there.
"""
OF_SQLITE = {"backup"}
"""Those that PostgreSQL has programs of its own for."""
TEAMS = ("create-team", "add-member", "remove-member")


def owner_of(table: Table) -> Column[Any] | None:
    """Return the column that says which record a row is part of, None in tables whose rows are part of none."""
    keys = [key.parent for key in table.foreign_keys if key.column.table.name in KINDS]
    if table.name in KINDS or not keys:
        return None
    return next((column for column in keys if column.name == "record_id"), keys[0])


PARTS = {table: owner for table in db.metadata.sorted_tables if (owner := owner_of(table)) is not None}
"""The tables of what is part of records, with the column of its record."""


def records_of(app: Flask) -> Records:
    """Return version and all else of every record, with the rows that are part of it; but not whose it is."""
    records: Records = {}
    with app.app_context(), db.engine.connect() as connection:
        for name, kind in KINDS.items():
            parts = parts_of(connection, kind.model.__table__)
            for row in connection.execute(select(kind.model.__table__)).mappings():
                columns = {column: value for column, value in row.items() if column != "team_id"}
                records[name, str(row["external_id"])] = row["version"], (columns, parts[row["id"]])
    return records


def parts_of(connection: Connection, records: Table) -> dict[int, list[Any]]:
    """Return the rows of all tables that are part of each of these records, by its row id."""
    parts: dict[int, list[Any]] = defaultdict(list)
    for table, owner in PARTS.items():
        if owner.references(records.c.id):
            for record_id, *row in connection.execute(select(owner, table).order_by(*table.primary_key)):
                parts[record_id].append((table.name, row))
    return parts


def changes_by_id(app: Flask) -> dict[str, tuple[Key, int]]:
    """Return record and version of all changes, by their own ids."""
    columns = (Change.id, Change.resource, Change.record_id, Change.version)
    with app.app_context(), db.engine.connect() as connection:
        rows = connection.execute(select(*columns).order_by(Change.sequence)).all()
    return {str(change_id): ((resource, str(record_id)), version) for change_id, resource, record_id, version in rows}


@contextmanager
def journaled(app: Flask) -> Iterator[set[Key]]:
    """Check that the block notes a change for each version of each record that differs by it, and no other.

    Gives a set that holds these records in the end.
    """
    before, known = records_of(app), changes_by_id(app).keys()
    differing: set[Key] = set()
    yield differing
    after = records_of(app)
    assert before.keys() <= after.keys(), "a record is gone"
    differing |= {key for key, record in after.items() if record != before.get(key)}
    noted = [change for change_id, change in changes_by_id(app).items() if change_id not in known]
    first = {key: before.get(key, (0,))[0] + 1 for key in differing}
    made = [(key, version) for key in differing for version in range(first[key], after[key][0] + 1)]
    assert {key for key, _ in made} == differing, "a record differs at the version that it had"
    assert sorted(noted) == sorted(made)


@pytest.mark.parametrize(("method", "path"), WRITES)
def test_every_write_of_the_api_is_noted(api: ApiClient, app: Flask, make_app: MakeApp, method: str, path: str) -> None:
    create_user(app, email=EMAIL)
    if (method, path) in WRITES_OF_RECORDS:
        record = ready_record(api, method, path)
        made = makes(method, path)
        written = {(resource_of(path), record["id"])} if changes_its_record(method, path) else set()
        path, body = path_on(path, record), changing_body(method, path, "Changed")
    elif path.startswith("/auth/"):
        body, written, made = OTHER_WRITES[method, path.replace(UNKNOWN_PARTS["token_id"], "TOKEN")], set(), ""
        path = path.replace(UNKNOWN_PARTS["token_id"], create_token(app, api.user_id).partition("|")[0])
        if body and "team_id" in body:
            body = {"team_id": create_team(app, api.user_id)}
            api.app = make_app(TEAMS="true")
    else:
        (path, body), written, made = ready_request(api, method, path), None, ""
        if not is_of_records(path):
            written = set()
        elif path.endswith("/delete"):
            written = {(resource_of(path), body["items"][0]["id"])}
    with journaled(app) as noted:
        answer = api.request(method, path, json=body)
        assert answer.status_code < 300, answer.text
    if made:
        written.add((made, answer.json["data"]["id"]))
    assert noted == ({(resource_of(path), written_by(path, answer))} if written is None else written)


def test_every_command_is_among_these() -> None:
    assert crm.commands.keys() == COMMANDS.keys()


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_that_writes_records_notes_it(
    api: ApiClient, app: Flask, make_app: MakeApp, tmp_path: Path, command: str
) -> None:
    user = create_user(app, email=EMAIL)
    api.create("leads", **full(api, "leads"))
    with app.app_context(), db.engine.begin() as connection:
        connection.execute(update(Change).values(occurred_at=now() - timedelta(days=9)))
    team = str(create_team(app, user, adopt=True)) if command in ("add-member", "remove-member") else ""
    person = api.create("people", first_name="Grace")["id"] if "PERSON" in COMMANDS[command] else ""
    named = {"TEAM": team, "PERSON": person, "FILE": str(tmp_path / "leads.csv"), "NEW": str(tmp_path / "new")}
    Path(named["FILE"]).write_text("title\nOne\n")
    commands = CommandLine(make_app(**({"TEAMS": "true"} if command in TEAMS else {"CHANGES_DAYS": "5"})))
    with journaled(app) as noted:
        result = commands.run(command, *(named.get(word, word) for word in COMMANDS[command]))
        refused = command in OF_SQLITE and not app.config["SQLALCHEMY_DATABASE_URI"].startswith("sqlite")
        assert result.exit_code == int(refused), result.output
    assert (len(noted) > 10, len(noted) > 0) == (command == "demo", command in ("demo", "import", "erase-person"))


def test_a_write_that_notes_nothing_or_too_much_is_seen(
    api: ApiClient, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    lead = api.create("leads")["id"]
    with pytest.raises(AssertionError, match="at the version that it had"), journaled(app):
        alter(app, KINDS["leads"].model, lead, title="Behind its back")
    noted = journal.note
    for wrong in (lambda changes: None, lambda changes: noted([*changes] * 2)):
        monkeypatch.setattr(journal, "note", wrong)
        with pytest.raises(AssertionError), journaled(app):
            assert api.put(f"/leads/{lead}", {"title": f"Changed {id(wrong)}"}).status_code == 200
