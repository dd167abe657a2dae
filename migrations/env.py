"""How `flask db` runs the migrations: on the application's own engine, all in one transaction, one run at a time."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from alembic import context
from flask import current_app
from sqlalchemy import Connection

import crm.models  # noqa: F401  (every table has to be known)
from crm.database.locks import lock_installation
from crm.database.row_security import keep_row_security, see_all
from crm.database.search_index import make_search_indexes
from crm.models.indexes import COMPARED
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


def is_compared(item: Any, *_: Any) -> bool:
    """Tell whether something of the models is compared with the database when a migration is written from them.

    A test compares all indexes to the letter.
    """
    return bool(item.info.get(COMPARED, True))


def moves() -> bool:
    """Tell whether the schema is brought up or down, rather than looked at."""
    return "destination_rev" in context.get_context().opts


say_what_is_worked_on()
with database.engine.connect() as connection, tables_replaceable(connection), connection.begin():
    lock_installation(connection)
    see_all(connection)
    context.configure(
        connection=connection,
        target_metadata=database.metadata,
        render_as_batch=True,
        user_module_prefix="types.",
        include_object=is_compared,
    )
    with warnings.catch_warnings():  # of indexes that Alembic cannot compare on SQLite
        warnings.filterwarnings("ignore", "autogenerate skipping metadata-specified expression-based index")
        context.run_migrations()
    if moves():
        make_search_indexes(connection)
        keep_row_security(connection, enforced=current_app.config["ROW_SECURITY"])
    check_references(connection)
