"""The files of an SQLite installation are readable by their owner alone."""

import os
import stat

import pytest

from crm import create_app
from crm.extensions import db
from tests.support.client import CommandLine
from tests.support.databases import SECRET_KEY


@pytest.fixture
def umask():
    """Set the process's umask for the test."""
    before = os.umask(0o022)
    yield os.umask
    os.umask(before)


def app_on(path, **settings):
    return create_app({"CRM_DATABASE_URL": f"sqlite:///{path}", "CRM_SECRET_KEY": SECRET_KEY, **settings}, str(path))


def write(app):
    """Write to the database and return while its connection is open."""
    with app.app_context(), db.engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE IF NOT EXISTS kept (id INTEGER)")


def modes(folder):
    return {path.name: stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir() if path.is_file()}


@pytest.mark.parametrize("mask", [0o000, 0o022, 0o077])
def test_a_new_database_is_for_its_owner_alone(tmp_path, umask, mask):
    umask(mask)
    app = app_on(tmp_path / "crm.sqlite3")
    write(app)
    assert modes(tmp_path) == {"crm.sqlite3": 0o600, "crm.sqlite3-wal": 0o600, "crm.sqlite3-shm": 0o600}
    with app.app_context():
        db.engine.dispose()


def test_it_is_so_before_sqlite_opens_it(tmp_path, umask, monkeypatch):
    umask(0o000)
    made = []
    file = tmp_path / "crm.sqlite3"
    app = app_on(file)
    with app.app_context():
        dialect = db.engine.dialect
        connect = dialect.connect
        monkeypatch.setattr(dialect, "connect", lambda *a, **k: made.append(modes(tmp_path)) or connect(*a, **k))
        db.engine.connect().close()
        db.engine.dispose()
    assert made[0] == {"crm.sqlite3": 0o600}


def test_an_existing_database_is_taken_from_others_at_a_start(tmp_path, umask):
    first = app_on(tmp_path / "crm.sqlite3")
    write(first)
    for path in tmp_path.iterdir():
        path.chmod(0o644)
    second = app_on(tmp_path / "crm.sqlite3")
    write(second)
    assert set(modes(tmp_path).values()) == {0o600}
    for app in (first, second):
        with app.app_context():
            db.engine.dispose()


def test_a_folder_that_is_missing_is_still_reported(tmp_path):
    app = app_on(tmp_path / "missing" / "crm.sqlite3")
    assert "CRM_DATABASE_URL" in CommandLine(app).refused("seed")


def test_the_instance_folder_is_made_where_the_secret_key_is_given(tmp_path):
    folder = tmp_path / "instance"
    app = create_app({"CRM_SECRET_KEY": SECRET_KEY}, str(folder))
    write(app)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert "crm.sqlite3" in modes(folder)
    with app.app_context():
        db.engine.dispose()
