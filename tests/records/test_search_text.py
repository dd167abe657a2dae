"""The text by which records are found: right after every write, and never a change of its own."""

from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Connection, String, select, text

from crm.extensions import db
from crm.lists.folding import fold_for_search
from crm.schemas.fields import Currency, Text
from tests.support.client import ApiClient, CommandLine
from tests.support.factories import KINDS, NAMES, create_user, fields_of, full, sample, stored
from tests.support.writes import KEYED_WRITES, WRITES_OF_RECORDS, is_of_records, ready_request

OTHERS = {"currency", "search_text"}
"""The columns of text that a record is not found by."""
DETAILS = (("emails", "address"), ("phones", "number"))
"""The tables of what people and organizations are found by besides, and its column."""
MARK = "Straße nach Łódź"
FOLDED = "strasse nach lodz"


def check_all(app: Flask) -> int:
    """Check the text of every record against its other columns, and return how many records there are."""
    records = 0
    with app.app_context(), db.engine.connect() as connection:
        for kind in KINDS.values():
            table = kind.model.__table__
            names = [column.name for column in table.c if isinstance(column.type, String) and column.name not in OTHERS]
            for row in connection.execute(select(table)).mappings():
                records += 1
                texts = [row[name] for name in names if row[name] is not None]
                lines = "\n".join([*texts, *details_of(connection, table.name, row["id"])])
                assert sorted(row["search_text"].split("\n")) == sorted(fold_for_search(lines).split("\n")), row
    return records


def details_of(connection: Connection, resource: str, row_id: int) -> list[str]:
    """Return the e-mail addresses of a record and its phone numbers, as written and by digits alone."""
    if resource not in ("people", "organizations"):
        return []
    queries = [f"SELECT {column} FROM {resource}_{kind} WHERE record_id = {row_id}" for kind, column in DETAILS]
    emails, phones = ([*connection.scalars(text(query))] for query in queries)
    digits = ["".join(filter(str.isdecimal, number)) for number in phones]
    return [*emails, *dict.fromkeys([*phones, *filter(None, digits)])]


@pytest.mark.parametrize(("method", "path"), [write for write in KEYED_WRITES if is_of_records(write[1])])
def test_every_write_keeps_the_text(api: ApiClient, app: Flask, method: str, path: str) -> None:
    path, body = ready_request(api, method, path, MARK)
    assert api.request(method, path, json=body).status_code < 300
    assert check_all(app) > 0


@pytest.mark.parametrize(("method", "path"), [write for write in WRITES_OF_RECORDS if write[0] in ("PUT", "PATCH")])
def test_the_text_follows_what_is_changed(api: ApiClient, app: Flask, method: str, path: str) -> None:
    path, body = ready_request(api, method, path, MARK)
    record = api.request(method, path, json=body).json["data"]
    assert FOLDED in stored(app, path.split("/")[1], record["id"])["search_text"].split("\n")


@pytest.mark.parametrize(("resource", "field"), fields_of(Text))
def test_every_text_of_a_record_is_in_it_but_no_currency(api: ApiClient, app: Flask, resource: str, field: str) -> None:
    if isinstance(KINDS[resource].schema().load_fields[field], Currency):
        record = api.create(resource, **{field: "XTS"})
        assert "xts" not in stored(app, resource, record["id"])["search_text"]
        return
    record = api.create(resource, **{field: MARK})
    number = record.get(f"{resource[:-1]}_id", "")
    lines = stored(app, resource, record["id"])["search_text"].split("\n")
    assert FOLDED in lines
    assert number.lower() in ["", *lines]
    changed = {field: "Other"}
    assert api.put(f"/{resource}/{record['id']}", changed).status_code == 200
    assert FOLDED not in stored(app, resource, record["id"])["search_text"]
    check_all(app)


@pytest.mark.parametrize("resource", NAMES)
def test_what_writes_many_keeps_the_text(api: ApiClient, app: Flask, tmp_path: Path, resource: str) -> None:
    bodies = [{**sample(resource), **dict.fromkeys(sample(resource), f"{MARK} {n}")} for n in range(3)]
    created = api.post(f"/{resource}/batch/create", {"items": bodies}).json["data"]
    items: list[dict[str, Any]] = [{"id": item["data"]["id"]} for item in created]
    items[0] |= full(api, resource)
    items[1] |= dict.fromkeys(sample(resource), "Ünder")
    assert api.post(f"/{resource}/batch/update", {"items": items}).status_code == 200
    file = tmp_path / "rows.csv"
    columns = [*sample(resource)] or ["reference"]
    file.write_text(f"{','.join(columns)}\n{','.join('Größe' for _ in columns)}\n")
    CommandLine(app).done("import", resource, str(file))
    assert check_all(app) >= 4


def test_sample_data_have_it(app: Flask) -> None:
    create_user(app)
    assert CommandLine(app).run("demo", "--leads", "5").exit_code == 0
    assert check_all(app) > 10


def test_it_is_shown_nowhere_and_noted_nowhere(api: ApiClient) -> None:
    lead = api.create("leads", title="One")
    path = f"/leads/{lead['id']}"
    shown = api.put(path, {"title": "Two"})
    answers = [shown.text, api.get(path).text, api.get("/leads").text, api.get(f"{path}/changes").text]
    assert not any("search_text" in answer for answer in answers)
    assert api.get(f"{path}/changes").json["data"][0]["changed"] == {"title": {"from": "One", "to": "Two"}}


def test_what_is_written_behind_it_is_mended_by_the_next_change_of_a_text_alone(api: ApiClient, app: Flask) -> None:
    lead = api.create("leads", title="One")
    path = f"/leads/{lead['id']}"
    with app.app_context(), db.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE leads SET search_text = 'wrong'")
    assert api.put(path, {"title": "One"}).json["data"]["version"] == 1
    assert api.put(path, {"amount": 5}).json["data"]["version"] == 2
    assert stored(app, "leads", lead["id"])["search_text"] == "wrong"
    api.put(path, {"title": "Two"})
    assert stored(app, "leads", lead["id"])["search_text"] == f"{lead['lead_id'].lower()}\ntwo"
