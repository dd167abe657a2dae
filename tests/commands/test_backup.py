"""`flask crm backup`: a whole copy of the embedded database while it is served (21)."""

import sqlite3
import stat
import threading
from contextlib import closing

import pytest
from sqlalchemy import make_url

from crm.extensions import db
from crm.operate.start import start
from tests.support.client import ApiClient, CommandLine
from tests.support.factories import create_user
from tests.support.stores import ON_POSTGRESQL, ON_SQLITE


@pytest.fixture
def file(tmp_path):
    return tmp_path / "copy.sqlite3"


@ON_SQLITE
def test_a_copy_is_whole_and_its_owner_s_alone(api, file, serve):
    lead = api.create("leads")
    said = CommandLine(api.app).done("backup", file)
    assert said == f"Copied to {file}: {file.stat().st_size} bytes.\n"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [each.name for each in file.parent.glob("copy*")] == [file.name]
    with closing(sqlite3.connect(file)) as copy:
        assert copy.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    copied = serve(f"sqlite:///{file}")
    start(copied)
    answer = ApiClient(copied, **api.headers).get(f"/leads/{lead['id']}")
    assert answer.json["data"] == lead


@ON_SQLITE
def test_a_copy_is_of_one_moment_while_others_write(api, file):
    end = threading.Event()
    token = api.headers

    def write():
        client = ApiClient(api.app, **token)
        while not end.is_set():
            assert client.post("/leads", {"title": "x"}).status_code == 201

    writer = threading.Thread(target=write)
    writer.start()
    try:
        for number in range(5):
            CommandLine(api.app).done("backup", file.with_suffix(f".{number}"))
    finally:
        end.set()
        writer.join()
    for number in range(5):
        with closing(sqlite3.connect(file.with_suffix(f".{number}"))) as copy:
            count = "SELECT (SELECT count(*) FROM leads), (SELECT count(*) FROM changes WHERE type = 'lead.created')"
            leads, changes = copy.execute(count).fetchone()
            assert leads == changes


@ON_SQLITE
def test_an_existing_file_stays_as_it_is(app, file):
    file.write_text("mine")
    assert CommandLine(app).refused("backup", file) == f"Error: {file} exists already.\n"
    assert file.read_text() == "mine"


@ON_SQLITE
def test_a_folder_that_is_not_there_is_told(app, file):
    path = file.parent / "none" / "copy"
    assert "No such file or directory" in CommandLine(app).refused("backup", path)


@ON_SQLITE
def test_what_is_not_whole_is_removed(app, file, monkeypatch):
    def fail(_path):
        raise sqlite3.OperationalError("disk I/O error")

    monkeypatch.setattr("crm.commands.backup._copy_to", fail)
    result = CommandLine(app).run("backup", file)
    assert result.exit_code == 1
    assert not file.exists()


@ON_SQLITE
def test_a_database_of_another_migration_is_copied(app, file):
    def note(number):
        with app.app_context(), db.engine.begin() as connection:
            connection.execute(db.text("UPDATE alembic_version SET version_num = :number"), {"number": number})

    with app.app_context(), db.engine.connect() as connection:
        head = connection.scalar(db.text("SELECT version_num FROM alembic_version"))
    note("0001")
    try:
        CommandLine(app).done("backup", file)
    finally:
        note(head)


def test_a_database_that_is_not_there_is_no_backup(serve, tmp_path, file):
    line = CommandLine(serve(f"sqlite:///{tmp_path / 'none.sqlite3'}")).refused("backup", file)
    assert "crm setup" in line
    assert not file.exists()


@ON_POSTGRESQL
def test_postgresql_has_its_own_program(app, file, database_url):
    create_user(app)
    line = CommandLine(app).refused("backup", file)
    assert "pg_dump" in line
    assert str(make_url(database_url).database) in line
    assert not file.exists()
