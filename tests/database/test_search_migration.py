"""The text for searching is there for records of before, and its indexes are, as far as the database lets us."""

import secrets
from collections.abc import Callable, Iterator
from typing import Any

import psycopg
import pytest
from flask import Flask
from flask_migrate import downgrade
from sqlalchemy import inspect, make_url, select, text

from crm.database import search_index
from crm.database.migrations import upgrade
from crm.extensions import db
from tests.database.conftest import app_on
from tests.support.client import ApiClient
from tests.support.databases import empty_database
from tests.support.factories import DETAILS, KINDS, NAMES, create_user, full, sample

TEXTS = ["Straße nach Łódź", "Müller & Søn", "İstanbul", "йод が", "plain ASCII", "two\nlines", "½ ﬁn 🤷🏽", "x" * 9000]
SEARCH_INDEXES = {f"ix_{name}_search" for name in NAMES}


def search_texts() -> dict[str, list[tuple[int, str]]]:
    """Return the text of every record, deleted ones too, by the name of its table."""
    tables = {name: KINDS[name].model.__table__ for name in NAMES}
    with db.engine.connect() as connection:
        return {
            name: [(row.id, row.search_text) for row in connection.execute(select(table).order_by(table.c.id))]
            for name, table in tables.items()
        }


def test_records_of_before_get_the_text_that_they_would_be_written_with(migrated_app: Flask) -> None:
    api = ApiClient(migrated_app, create_user(migrated_app))
    for resource in NAMES:
        known = {name: value for name, value in full(api, resource).items() if name not in DETAILS}
        bodies = [known, *({**sample(resource), text_field(resource): each} for each in TEXTS)]
        ids = [api.create(resource, **body)["id"] for body in bodies]
        assert api.delete(f"/{resource}/{ids[1]}").status_code == 204
    with migrated_app.app_context():
        written = search_texts()
        downgrade(revision="0007")
        upgrade()
        assert search_texts() == written
    assert {len(rows) >= 9 for rows in written.values()} == {True}


def text_field(resource: str) -> str:
    return "description" if "description" in KINDS[resource].schema().load_fields else "terms"


def test_many_are_filled_in_portions(app_at: Callable[[str], Flask]) -> None:
    count = 5001
    moment = "'2024-01-02T03:04:05+00:00'"
    app_at("0007")
    ids = ", ".join(
        f"({n}, '00000000-0000-4000-8000-{n:012}', 'Größe {n}', {moment}, {moment})" for n in range(3, 3 + count)
    )
    with db.engine.begin() as connection:
        connection.exec_driver_sql(
            f"INSERT INTO organizations (id, external_id, name, created_at, updated_at) VALUES {ids}"
        )
    upgrade()
    assert search_texts()["organizations"] == [(n, f"grosse {n}") for n in range(3, 3 + count)]


# The indexes of PostgreSQL


@pytest.fixture
def postgresql_app(tmp_path: Any) -> Iterator[Flask]:
    yield from app_on(empty_database("postgresql"), tmp_path)


@pytest.fixture
def humble_url() -> Iterator[str]:
    """The URL of an empty database on PostgreSQL, as one who may make tables there and no extension."""
    url = empty_database("postgresql")
    role = f"crm_humble_{secrets.token_hex(4)}"
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f"CREATE ROLE {role} LOGIN; GRANT ALL ON SCHEMA public TO {role}")
        yield make_url(url).set(username=role).render_as_string(hide_password=False)
        connection.execute(f"DROP OWNED BY {role} CASCADE; DROP ROLE {role}")


def search_indexes() -> set[str]:
    inspector = inspect(db.engine)
    return {str(index["name"]) for name in NAMES for index in inspector.get_indexes(name)} & SEARCH_INDEXES


def test_a_new_database_has_them(postgresql_app: Flask, capsys: pytest.CaptureFixture[str]) -> None:
    with postgresql_app.app_context():
        upgrade()
        assert search_indexes() == SEARCH_INDEXES
    assert "Search" not in capsys.readouterr().err


def test_who_may_make_no_extension_is_told_and_gets_them_later(
    humble_url: str, tmp_path: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    for app in app_on(humble_url, tmp_path):
        with app.app_context():
            upgrade()
            assert search_indexes() == set()
            told = capsys.readouterr().err
            assert "CREATE EXTENSION IF NOT EXISTS pg_trgm;\n  CREATE EXTENSION IF NOT EXISTS btree_gin;" in told
            assert "this user may not create them" in told
            api = ApiClient(app, create_user(app))
            api.create("leads", title="Straße")
            assert "strasse" in search_texts()["leads"][0][1]

            administrator = make_url(humble_url).set(username="postgres").render_as_string(hide_password=False)
            with psycopg.connect(administrator, autocommit=True) as connection:
                connection.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm; CREATE EXTENSION IF NOT EXISTS btree_gin")
            upgrade()
            assert search_indexes() == SEARCH_INDEXES
            assert "Search" not in capsys.readouterr().err
            db.session.remove()


def test_a_server_without_the_extensions_is_told_so(
    postgresql_app: Flask, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(search_index, "EXTENSIONS", ("there_is_none",))
    with postgresql_app.app_context():
        upgrade()
        assert search_indexes() == set()
        assert "they are not installed on the server" in capsys.readouterr().err
        monkeypatch.undo()
        upgrade()
        assert search_indexes() == SEARCH_INDEXES


def test_looking_at_the_database_makes_none(postgresql_app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    from flask_migrate import current

    monkeypatch.setattr(search_index, "EXTENSIONS", ("there_is_none",))
    with postgresql_app.app_context():
        upgrade()
        monkeypatch.undo()
        current()
        assert search_indexes() == set()


@pytest.mark.parametrize("migrated_app", ["postgresql"], indirect=True)
def test_a_step_back_and_forth_makes_them_again(migrated_app: Flask) -> None:
    with migrated_app.app_context():
        downgrade(revision="0007")
        upgrade()
        assert search_indexes() == SEARCH_INDEXES
        with db.engine.begin() as connection:
            connection.execute(text("DROP INDEX ix_leads_search"))
        upgrade()
        assert search_indexes() == SEARCH_INDEXES
