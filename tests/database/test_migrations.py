"""The migrations: from any revision to the models of today and back, on both stores."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from alembic.script import ScriptDirectory
from flask import Flask
from flask_migrate import check, downgrade
from sqlalchemy import inspect, text

from crm import create_app
from crm.database.migrations import DIRECTORY, known_revisions, upgrade
from crm.extensions import db
from tests.support.client import ApiClient
from tests.support.databases import SECRET_KEY, empty_database
from tests.support.stores import STORES

SCRIPTS = ScriptDirectory(DIRECTORY)
REVISIONS = [script.revision for script in SCRIPTS.walk_revisions()]
EXTERNAL_ID = "5f0c7a52-6f3c-4f6e-9a39-0d3b0c1d2e4f"
ROWS_AT_FIRST = f"""
    INSERT INTO users (id, name, email, password_hash, role, crm_access, created_at)
    VALUES (1, 'Jane Doe', 'jane@example.com', '-', 'Owner', TRUE, '2024-01-02T03:04:05+00:00');
    INSERT INTO leads (id, external_id, lead_id, title, amount, currency, user_owner_id, created_at, updated_at)
    VALUES (1, '{EXTERNAL_ID}', 'L1001', 'Kept', 150050, 'USD', 1,
            '2024-01-02T03:04:05+00:00', '2024-01-02T03:04:05+00:00');
"""
AppAt = Callable[[str], Flask]
QUANTITIES = [1, 2, 2147483647]
COLOURS = {"#DC2626": "dc2626", "2563EB": "2563eb", "#abc": "aabbcc", "red": "6b7280", "magenta": "6b7280"}
"""The `hex` of labels before and after the migration that takes away the number sign."""


@pytest.fixture(params=STORES)
def new_app(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Flask]:
    """An application, in its context, on a database without a table."""
    url = empty_database(request.param)
    app = create_app({"CRM_DATABASE_URL": url, "CRM_SECRET_KEY": SECRET_KEY}, str(tmp_path))
    with app.app_context():
        yield app
        db.session.remove()
    with app.app_context():
        db.engine.dispose()


def test_there_is_one_head() -> None:
    assert len(SCRIPTS.get_heads()) == 1


def test_the_revisions_read_from_the_files_are_those_of_alembic() -> None:
    assert known_revisions() == REVISIONS[::-1]


def test_a_new_database_gets_the_tables_of_the_models(new_app: Flask) -> None:
    upgrade()

    check()  # exits if the models and the schema differ
    assert {*inspect(db.engine).get_table_names()} == {*db.metadata.tables, "alembic_version"}


def test_every_index_is_to_the_letter_as_the_models_have_it(new_app: Flask) -> None:
    upgrade()
    migrated = indexes()
    with db.engine.begin() as connection:
        for name in ("alembic_version", *(table.name for table in reversed(db.metadata.sorted_tables))):
            connection.execute(
                text(f"DROP TABLE {name} {'CASCADE' if connection.dialect.name == 'postgresql' else ''}")
            )

    db.metadata.create_all(db.engine)

    assert migrated == indexes()
    assert len(migrated) > 60


def indexes() -> set[str]:
    """Return the statement by which each index of the models' tables would be made."""
    queries = {
        "sqlite": "SELECT replace(replace(sql, char(10), ''), char(9), '') FROM sqlite_master WHERE type = 'index'",
        "postgresql": "SELECT indexdef FROM pg_indexes WHERE schemaname = 'public' AND tablename <> 'alembic_version'",
    }
    return {*scalars(queries[db.engine.dialect.name])}


@pytest.mark.parametrize("revision", REVISIONS)
def test_every_revision_upgrades_to_the_models(app_at: AppAt, revision: str) -> None:
    app_at(revision)
    upgrade()

    check()


def test_everything_can_be_taken_back_and_made_again(new_app: Flask) -> None:
    upgrade()

    downgrade(revision="base")

    assert inspect(db.engine).get_table_names() == ["alembic_version"]
    upgrade()
    check()


@pytest.mark.parametrize("revision", REVISIONS)
def test_each_revision_can_be_taken_back_and_made_again(app_at: AppAt, revision: str) -> None:
    app_at(revision)
    tables = schema()

    downgrade(revision="-1")
    upgrade(revision=revision)

    assert schema() == tables


def test_rows_of_the_first_revision_outlive_all_upgrades(app_at: AppAt) -> None:
    app = app_at(REVISIONS[-1])
    run(ROWS_AT_FIRST)

    upgrade()

    lead = ApiClient(app, user_id=1).get(f"/leads/{EXTERNAL_ID}").json["data"]
    assert (lead["lead_id"], lead["title"], lead["amount"]) == ("L1001", "Kept", 1500.5)
    assert lead["owner"] == {"id": 1, "name": "Jane Doe", "email": "jane@example.com"}
    assert lead["created_at"] == "2024-01-02T03:04:05+00:00"


@pytest.mark.parametrize("kind", ["quote", "order", "invoice"])
def test_quantities_are_carried_over_to_ten_thousandths_and_back(app_at: AppAt, kind: str) -> None:
    app_at("0002")
    run(document_of(kind, QUANTITIES))

    upgrade(revision="0003")

    column = f"SELECT quantity FROM {kind}_line_items ORDER BY position"
    assert scalars(column) == [quantity * 10000 for quantity in QUANTITIES]
    run(f"UPDATE {kind}_line_items SET quantity = 4000 + 10999 * position WHERE position < 3")
    downgrade(revision="0002")
    assert scalars(column) == [1, 3, 2147483647]


def test_a_quantity_below_one_becomes_one_on_the_way_back(app_at: AppAt) -> None:
    app_at("0003")
    run(document_of("quote", [1, 4999, 9999, 10000]))

    downgrade(revision="0002")

    assert scalars("SELECT quantity FROM quote_line_items ORDER BY position") == [1, 1, 1, 1]


def test_a_line_of_before_shows_its_quantity(app_at: AppAt) -> None:
    app = app_at("0002")
    run(ROWS_AT_FIRST, document_of("quote", QUANTITIES))

    upgrade()

    (quote,) = ApiClient(app, user_id=1).get("/quotes").json["data"]
    assert [line["quantity"] for line in quote["line_items"]] == QUANTITIES


@pytest.mark.parametrize("kind", ["quote", "order", "invoice"])
def test_a_document_of_before_keeps_its_totals_and_shows_its_tax_by_rate(app_at: AppAt, kind: str) -> None:
    app = app_at("0008")
    run(ROWS_AT_FIRST, document_of(kind, [10000]), f"UPDATE {kind}s SET subtotal = 7, total = -5")
    run(f"UPDATE {kind}_line_items SET amount = 10000, tax_rate = 200000")

    upgrade()

    (document,) = ApiClient(app, user_id=1).get(f"/{kind}s").json["data"]
    assert [document[name] for name in ("compute_totals", "discount", "adjustments")] == [False, None, None]
    assert [float(document[name]) for name in ("subtotal", "total")] == [0.07, -0.05]
    assert document["tax_breakdown"] == [{"rate": 20, "taxable": 100, "tax": 20}]


def test_the_colours_of_labels_lose_their_number_sign_and_get_it_back(app_at: AppAt) -> None:
    app_at("0002")
    run(*(label_of(place, colour) for place, colour in enumerate(COLOURS, 1)))

    upgrade(revision="0003")

    assert scalars("SELECT hex FROM labels ORDER BY id") == [*COLOURS.values()]
    downgrade(revision="0002")
    assert scalars("SELECT hex FROM labels ORDER BY id") == [f"#{colour}" for colour in COLOURS.values()]


def run(*texts: str) -> None:
    """Run the SQL statements of texts in one transaction."""
    with db.engine.begin() as connection:
        for statement in filter(str.strip, ";".join(texts).split(";")):
            connection.execute(text(statement))


def scalars(query: str) -> list[Any]:
    """Return the only column of a query."""
    with db.engine.connect() as connection:
        return [*connection.scalars(text(query))]


def document_of(kind: str, quantities: list[int]) -> str:
    """Return the SQL of a document with a line of each of these quantities, as they are stored."""
    columns = {"quote": ", title", "order": "", "invoice": ", amount_paid"}[kind]
    values = {"quote": ", 'A title'", "order": "", "invoice": ", 0"}[kind]
    moments = "'2024-01-02T03:04:05+00:00', '2024-01-02T03:04:05+00:00'"
    lines = (f"('{uuid4()}', 1, {place}, 1, {quantity}, 1, 1, 0, 0)" for place, quantity in enumerate(quantities, 1))
    return f"""
        INSERT INTO products (id, external_id, name, active, created_at, updated_at)
        VALUES (1, '{uuid4()}', 'A product', TRUE, {moments});
        INSERT INTO {kind}s (id, external_id, {kind}_id, currency, created_at, updated_at{columns})
        VALUES (1, '{uuid4()}', 'X1001', 'USD', {moments}{values});
        INSERT INTO {kind}_line_items
        (external_id, record_id, position, product_id, quantity, unit_price, amount, tax_rate, tax_amount)
        VALUES {", ".join(lines)};
        INSERT INTO counters (team_id, resource, last_number, live_records) VALUES (0, '{kind}s', 1001, 1);
    """


def label_of(row_id: int, colour: str) -> str:
    """Return the SQL of a label."""
    return f"INSERT INTO labels (id, external_id, name, hex) VALUES ({row_id}, '{uuid4()}', 'A label', '{colour}')"


def schema() -> dict[str, tuple[list[str], list[str | None]]]:
    """Return the columns and indexes of every table."""
    inspector = inspect(db.engine)
    return {
        table: (
            [column["name"] for column in inspector.get_columns(table)],
            sorted(index["name"] or "" for index in inspector.get_indexes(table)),
        )
        for table in inspector.get_table_names()
    }


def test_records_of_before_have_version_1_and_no_history(app_at: AppAt) -> None:
    app = app_at("0004")
    run(ROWS_AT_FIRST)

    upgrade()

    api = ApiClient(app, 1)
    path = f"/leads/{EXTERNAL_ID}"
    assert api.get(path).json["data"]["version"] == 1
    assert api.get(f"{path}/changes").json["data"] == api.get("/changes").json["data"] == []
    assert api.put(path, {"title": "Changed"}).json["data"]["version"] == 2
    assert [change["version"] for change in api.get(f"{path}/changes").json["data"]] == [2]
