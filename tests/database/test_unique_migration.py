"""What is there twice before numbers and names of look-up rows are unique: numbered anew, merged, and named."""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask_migrate import downgrade
from sqlalchemy import text

from crm.database.migrations import upgrade
from crm.extensions import db

MADE = "'2024-01-02T03:04:05+00:00'"
TEAMS = f"INSERT INTO teams (id, name, created_at) VALUES (1, 'One', {MADE}), (2, 'Two', {MADE})"
Rows = list[tuple[Any, ...]]


@pytest.fixture
def old_app(app_at: Callable[[str], Flask]) -> Flask:
    """An application, in its context, on a database of the revision before, with two teams."""
    app = app_at("0003")
    run(TEAMS)
    return app


def run(*statements: str) -> None:
    with db.engine.begin() as connection:
        for statement in statements:
            connection.execute(text(statement))


def rows(statement: str) -> Rows:
    with db.engine.connect() as connection:
        return [tuple(row) for row in connection.execute(text(statement))]


def external_id(number: int) -> str:
    return f"'00000000-0000-4000-8000-{number:012}'"


def insert_leads(*leads: tuple[int, str, str]) -> None:
    """Add leads by their id, team and number."""
    columns = "id, external_id, team_id, lead_id, title, currency, created_at, updated_at"
    for row_id, team, number in leads:
        values = f"{row_id}, {external_id(row_id)}, {team}, '{number}', 'Lead', 'USD', {MADE}, {MADE}"
        run(f"INSERT INTO leads ({columns}) VALUES ({values})")


def test_later_records_with_the_number_of_another_get_the_next_ones(
    old_app: Flask, capsys: pytest.CaptureFixture[str]
) -> None:
    insert_leads(
        *[(1, "1", "L1001"), (2, "1", "L1002"), (3, "1", "L1001"), (4, "1", "L1001"), (5, "2", "L1001")],
        *[(6, "NULL", "L1001"), (7, "NULL", "L1001")],
    )
    run("INSERT INTO counters VALUES (1, 'leads', 1001, 4), (2, 'leads', 1005, 1)")

    upgrade()

    numbers = [number for (number,) in rows("SELECT lead_id FROM leads ORDER BY id")]
    assert numbers == ["L1001", "L1002", "L1003", "L1004", "L1001", "L1001", "L1002"]
    assert rows("SELECT team_id, last_number FROM counters ORDER BY team_id") == [(1, 1004), (2, 1005)]
    changed = rows(f"SELECT id FROM leads WHERE updated_at <> {MADE} ORDER BY id")
    assert changed == [(3,), (4,), (7,)]
    told = capsys.readouterr().err
    assert "leads: the second L1001 of team 1 is L1004 now." in told
    assert "leads: the second L1001 of team none is L1002 now." in told


def test_a_database_in_which_nothing_is_there_twice_stays_as_it_is(
    old_app: Flask, capsys: pytest.CaptureFixture[str]
) -> None:
    insert_leads((1, "1", "L1001"), (2, "2", "L1001"))
    run(f"INSERT INTO labels (id, external_id, name, hex, team_id) VALUES (1, {external_id(1)}, 'Hot', 'dc2626', 1)")
    run(f"INSERT INTO labels (id, external_id, name, hex, team_id) VALUES (2, {external_id(2)}, 'Hot', 'dc2626', 2)")
    run(f"INSERT INTO labels (id, external_id, name, hex) VALUES (3, {external_id(3)}, 'HOT', 'dc2626')")

    upgrade()

    assert rows("SELECT name, folded_name FROM labels WHERE deleted_at IS NULL ORDER BY id") == [
        ("Hot", "hot"),
        ("Hot", "hot"),
        ("HOT", "hot"),
    ]
    assert all(line.startswith("CRM ") for line in capsys.readouterr().err.splitlines())


def test_labels_of_one_name_become_one(old_app: Flask, capsys: pytest.CaptureFixture[str]) -> None:
    insert_leads((1, "NULL", "L1001"), (2, "NULL", "L1002"))
    for row_id, name in [(1, "Über"), (2, "ÜBER"), (3, "über"), (4, "Other")]:
        values = f"{row_id}, {external_id(row_id)}, '{name}', 'dc2626'"
        run(f"INSERT INTO labels (id, external_id, name, hex) VALUES ({values})")
    run("INSERT INTO leads_labels VALUES (1, 1), (1, 2), (1, 4), (2, 2), (2, 3)")

    upgrade()

    assert rows("SELECT id FROM labels WHERE deleted_at IS NULL ORDER BY id") == [(1,), (4,)]
    assert rows("SELECT * FROM leads_labels ORDER BY 1, 2") == [(1, 1), (1, 4), (2, 1)]
    assert "labels: ÜBER (2) was merged into Über (1)." in capsys.readouterr().err


def test_pipelines_of_one_name_and_resource_become_one_and_so_do_their_stages(old_app: Flask) -> None:
    for row_id, resource in [(1, "leads"), (2, "leads"), (3, "deals")]:
        values = f"{row_id}, {external_id(row_id)}, 'Sales', '{resource}'"
        run(f"INSERT INTO pipelines (id, external_id, name, resource) VALUES ({values})")
    for row_id, pipeline, name in [(1, 1, "New"), (2, 1, "Lost"), (3, 2, "new"), (4, 2, "Won"), (5, 3, "New")]:
        values = f"{row_id}, {external_id(row_id)}, '{name}', {pipeline}, {row_id}"
        run(f"INSERT INTO pipeline_stages (id, external_id, name, pipeline_id, position) VALUES ({values})")
    insert_leads((1, "NULL", "L1001"))
    run("UPDATE leads SET pipeline_stage_id = 3")

    upgrade()

    assert rows("SELECT id FROM pipelines WHERE deleted_at IS NULL ORDER BY id") == [(1,), (3,)]
    stages = rows("SELECT id, pipeline_id FROM pipeline_stages WHERE deleted_at IS NULL ORDER BY id")
    assert stages == [(1, 1), (2, 1), (4, 1), (5, 3)]
    assert rows("SELECT pipeline_stage_id FROM leads") == [(1,)]


def test_tax_rates_become_one_if_they_are_the_same_and_the_default_stays(
    old_app: Flask, capsys: pytest.CaptureFixture[str]
) -> None:
    rates = "(1, 'Standard', 100000, FALSE), (2, 'standard', 100000, TRUE), (3, 'Standard', 190000, TRUE)"
    run(f'INSERT INTO tax_rates (id, name, rate, "default") VALUES {rates}')
    run("INSERT INTO tax_rates (id, name, rate, \"default\", team_id) VALUES (4, 'Own', 5, TRUE, 1)")

    upgrade()

    live = rows('SELECT id, name, "default" FROM tax_rates WHERE deleted_at IS NULL ORDER BY id')
    assert live == [(1, "Standard", True), (3, "Standard (2)", False), (4, "Own", True)]
    told = capsys.readouterr().err
    assert "tax_rates: Standard (3) is called Standard (2) now." in told
    assert "tax_rates: Standard (3) is no longer the default one" in told


def test_a_table_that_is_made_anew_keeps_what_refers_to_it(old_app: Flask) -> None:
    downgrade(revision="0002")
    run(f"INSERT INTO labels (id, external_id, name, hex) VALUES (1, {external_id(1)}, 'Hot', '#dc2626')")
    insert_leads((1, "NULL", "L1001"))
    run("INSERT INTO leads_labels VALUES (1, 1)")

    upgrade()

    assert rows("SELECT * FROM leads_labels") == [(1, 1)]
