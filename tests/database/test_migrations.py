"""The migrations: from any revision to the models of today and back, on both stores."""

from collections.abc import Iterator
from pathlib import Path

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


@pytest.mark.parametrize("revision", REVISIONS)
def test_every_revision_upgrades_to_the_models(new_app: Flask, revision: str) -> None:
    upgrade(revision=revision)

    upgrade()

    check()


def test_everything_can_be_taken_back_and_made_again(new_app: Flask) -> None:
    upgrade()

    downgrade(revision="base")

    assert inspect(db.engine).get_table_names() == ["alembic_version"]
    upgrade()
    check()


@pytest.mark.parametrize("revision", REVISIONS)
def test_each_revision_can_be_taken_back_and_made_again(new_app: Flask, revision: str) -> None:
    upgrade(revision=revision)
    tables = schema()

    downgrade(revision="-1")
    upgrade(revision=revision)

    assert schema() == tables


def test_rows_of_the_first_revision_outlive_all_upgrades(new_app: Flask) -> None:
    upgrade(revision=REVISIONS[-1])
    with db.engine.begin() as connection:
        for statement in filter(str.strip, ROWS_AT_FIRST.split(";")):
            connection.execute(text(statement))

    upgrade()

    lead = ApiClient(new_app, user_id=1).get(f"/leads/{EXTERNAL_ID}").json["data"]
    assert (lead["lead_id"], lead["title"], lead["amount"]) == ("L1001", "Kept", 1500.5)
    assert lead["owner"] == {"id": 1, "name": "Jane Doe", "email": "jane@example.com"}
    assert lead["created_at"] == "2024-01-02T03:04:05+00:00"


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
