"""How `flask db` runs the migrations: on the application's own engine, all in one transaction, one run at a time."""

from collections.abc import Iterator
from contextlib import contextmanager

from alembic import context
from flask import current_app
from sqlalchemy import Connection

import crm.models  # noqa: F401  (every table has to be known)
from crm.database.list_indexes import is_list_index, make_list_indexes
from crm.database.locks import lock_installation
from crm.operate.start import say_what_is_worked_on

database = current_app.extensions["migrate"].db


@contextmanager
def tables_replaceable(connection: Connection) -> Iterator[None]:
    """Let SQLite drop a table to which others refer, as a change of its columns does: it is made anew, rows and all.

    The references are checked all together instead, before the commit.
    """
    if connection.dialect.name != "sqlite":
        yield
        return
    driver = connection.connection.driver_connection
    driver.execute("PRAGMA foreign_keys = OFF")  # which does nothing within a transaction
    try:
        yield
    finally:
        driver.execute("PRAGMA foreign_keys = ON")


def check_references(connection: Connection) -> None:
    """Raise RuntimeError if a row refers to one that is not there."""
    if connection.dialect.name == "sqlite":
        broken = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
        if broken:
            raise RuntimeError(f"Rows refer to others that are not there (table, row, referred table): {broken[:10]}")


say_what_is_worked_on()
with database.engine.connect() as connection, tables_replaceable(connection), connection.begin():
    lock_installation(connection)
    context.configure(
        connection=connection,
        target_metadata=database.metadata,
        render_as_batch=True,
        user_module_prefix="types.",
        include_name=lambda name, kind, _parents: not (kind == "index" and is_list_index(name)),
    )
    context.run_migrations()
    check_references(connection)
    if context.get_context().get_current_revision() == context.get_head_revision():
        make_list_indexes(connection)
