"""The databases of a test run: migrated and seeded once, copied for each process, and cleaned between tests.

The processes of a run share a folder, whose name begins the names of the run's databases on PostgreSQL.
"""

import fcntl
import json
import os
import secrets
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import psycopg
from flask import Flask
from sqlalchemy import func, make_url, select

from crm import create_app
from crm.commands.seed import seed
from crm.database.migrations import upgrade
from crm.extensions import db
from crm.models import PipelineStage
from crm.records.lookups import LOOKUPS
from tests.support.parts import POSTGRES_URL

SECRET_KEY = "a secret key for tests, which is long enough"
LOOKUP_TABLES = {model.__tablename__ for model in (*(lookup.model for lookup in LOOKUPS), PipelineStage)}
_FOLDER = "CRM_TEST_FOLDER"
_OWNED = "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"


def open_folder() -> None:
    """Make the folder of a run, before its other processes start."""
    os.environ[_FOLDER] = tempfile.mkdtemp(prefix="crm_test_")


def remove_folder() -> None:
    """Remove the folder of a run and drop its databases, once its other processes have ended."""
    if (run_folder() / "postgresql").exists():
        with _postgres() as connection:
            ours = "SELECT datname FROM pg_database WHERE starts_with(datname, %s)"
            for (name,) in connection.execute(ours, [run_folder().name]).fetchall():
                connection.execute(f"DROP DATABASE {name} WITH (FORCE)")
            connection.execute(f"DROP ROLE IF EXISTS {run_folder().name}_user")
    shutil.rmtree(run_folder())


@cache
def own_database(kind: str) -> str:
    """Return the URL of this process's database on a store, made by the real migrations and seeded."""
    return seeded_database(kind)


def seeded_database(kind: str) -> str:
    """Return the URL of a new database with the tables of today and the look-up rows."""
    seeded_ids(kind)
    if kind == "postgresql":
        return _create(kind, options=f"TEMPLATE {run_folder().name}_template")
    url = _create(kind)
    shutil.copyfile(run_folder() / "template.sqlite3", make_url(url).database or "")
    return url


@contextmanager
def dropped_at_the_end(url: str) -> Iterator[str]:
    """Give the URL of a database for as long as a block lasts.

    To drop the first of many at the end of a run, PostgreSQL would write all the others to the disk.
    """
    yield url
    if (place := make_url(url)).get_backend_name() == "postgresql":
        with _postgres() as connection:
            connection.execute(f"DROP DATABASE {place.database} WITH (FORCE)")


def copied_database(url: str) -> str:
    """Return the URL of a new database that holds what another one does, to which nobody may be connected."""
    kind = make_url(url).get_backend_name()
    name = make_url(url).database or ""
    if kind == "postgresql":
        return _create(kind, options=f"TEMPLATE {name}")
    copy = _create(kind)
    shutil.copyfile(name, make_url(copy).database or "")
    return copy


def migrated_database(kind: str, revision: str = "head") -> str:
    """Return the URL of a new database without a row, which the migrations have brought to a revision."""
    return copied_database(_migrated_once(kind, revision))


def empty_database(kind: str) -> str:
    """Return the URL of a database without a table. On PostgreSQL it is one, emptied by each call."""
    if kind == "sqlite":
        return _create(kind)
    url = _spare_database()
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
    return url


@cache
def seeded_ids(kind: str) -> dict[str, int]:
    """Return the highest seeded id of each look-up table. The first process to ask makes what the others copy."""
    known = run_folder() / f"{kind}.json"
    with _alone_with(run_folder() / kind):
        if not known.exists():
            known.write_text(json.dumps(_migrate_and_seed(_create(kind, "template"))))
    ids: dict[str, int] = json.loads(known.read_text())
    return ids


def guarded_database() -> str:
    """Return the URL of a new database with row-level security, as the owner of its tables, who is no superuser."""
    url = seeded_database("postgresql")
    upgraded = create_app({"CRM_DATABASE_URL": url, "CRM_SECRET_KEY": SECRET_KEY, "CRM_ROW_SECURITY": "true"})
    with upgraded.app_context():
        upgrade()
        db.session.remove()
        db.engine.dispose()
    user = _plain_user()
    with psycopg.connect(url, autocommit=True) as connection:
        for (table,) in connection.execute(_OWNED).fetchall():
            connection.execute(f"ALTER TABLE {table} OWNER TO {user}")
    return make_url(url).set(username=user).render_as_string(hide_password=False)


@cache
def _plain_user() -> str:
    """Return a user of PostgreSQL who is no superuser, and who goes with the folder."""
    user = f"{run_folder().name}_user"
    with _alone_with(run_folder() / "user"), _postgres() as connection:
        if not connection.execute("SELECT FROM pg_roles WHERE rolname = %s", [user]).fetchall():
            connection.execute(f"CREATE ROLE {user} LOGIN")
    return user


def clean(app: Flask) -> None:
    """Bring the database back to how it was seeded."""
    with app.app_context(), db.engine.begin() as connection:
        for statement in _cleaning(connection.dialect.name):
            connection.exec_driver_sql(statement)


@cache
def _cleaning(kind: str) -> list[str]:
    """Return the statements that clean a database, on PostgreSQL all in one."""
    statements = []
    for table in reversed(db.metadata.sorted_tables):
        if table.name in LOOKUP_TABLES:
            statements.append(f"DELETE FROM {table.name} WHERE id > {seeded_ids(kind)[table.name]}")
            statements.append(f"UPDATE {table.name} SET deleted_at = NULL WHERE deleted_at IS NOT NULL")
        else:
            statements.append(f"DELETE FROM {table.name}")
    for is_default in ("false", "true"):
        rates = f'UPDATE tax_rates SET "default" = {is_default} WHERE "default" <> {is_default}'
        statements.append(f"{rates} AND (name = 'Standard') = {is_default}")
    return ["; ".join(statements)] if kind == "postgresql" else statements


def _migrate_and_seed(url: str) -> dict[str, int]:
    """Return the highest id of each look-up table."""
    app = create_app({"CRM_DATABASE_URL": url, "CRM_SECRET_KEY": SECRET_KEY})
    with app.app_context():
        upgrade()
        seed()
    with app.app_context():  # which has given its connection back: the file is whole once all are closed
        ids = {name: select(func.max(db.metadata.tables[name].c.id)) for name in LOOKUP_TABLES}
        highest = {name: db.session.scalar(statement) or 0 for name, statement in ids.items()}
        db.session.remove()
        db.engine.dispose()
    return highest


@cache
def _migrated_once(kind: str, revision: str) -> str:
    """Return the URL of the database that others of a revision are copied from. The first process to ask makes it."""
    made = run_folder() / f"{kind}-{revision}"
    with _alone_with(made.with_suffix(".lock")):
        if not made.exists():
            url = _create(kind, f"at_{revision}")
            app = create_app({"CRM_DATABASE_URL": url, "CRM_SECRET_KEY": SECRET_KEY})
            with app.app_context():
                upgrade(revision)
                db.engine.dispose()
            made.write_text(url)
    return made.read_text()


@cache
def _spare_database() -> str:
    return _create("postgresql")


def _create(kind: str, name: str | None = None, options: str = "") -> str:
    """Return the URL of a new database, which goes with the folder."""
    name = name or secrets.token_hex(4)
    if kind == "sqlite":
        return f"sqlite:///{run_folder() / name}.sqlite3"
    (run_folder() / kind).touch()  # by which the end of the run knows that there are some
    name = f"{run_folder().name}_{name}"
    with _postgres() as connection:
        connection.execute(f"CREATE DATABASE {name} {options}")
        connection.execute(f"ALTER DATABASE {name} SET synchronous_commit TO off")  # nothing here has to last
    return make_url(POSTGRES_URL).set(database=name).render_as_string(hide_password=False)


def _postgres() -> psycopg.Connection:
    return psycopg.connect(POSTGRES_URL, autocommit=True)


def run_folder() -> Path:
    """Return the folder that the processes of a run share."""
    return Path(os.environ[_FOLDER])


@contextmanager
def _alone_with(path: Path) -> Iterator[None]:
    """Let one process at a time into the block."""
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
