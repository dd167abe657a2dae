"""The indexes that searches of PostgreSQL are fast by: made after each migration, as far as the database lets us.

They need two extensions, which the owner of a database may create where they are installed. Without them a search finds
the same, and reads all rows of the team. So this can be repeated: the next `db upgrade` makes what is missing.
"""

import click
from sqlalchemy import Connection, Index, inspect, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.schema import CreateIndex

from crm.extensions import db
from crm.models.indexes import SEARCHES

EXTENSIONS = ("pg_trgm", "btree_gin")
_CANNOT_BE_HAD = {
    "42501": "this user may not create them",
    "0A000": "they are not installed on the server",
    "58P01": "they are not installed on the server",
    "42704": "they are in a schema that is not searched",
}
"""Why there are no extensions, by SQLSTATE."""

SLOWER = """\
Search has no index here, since it needs the extensions {extensions}: {why}.
Searching works without them. With many records it is slower, as it reads all of the team's.
An administrator of the server runs in this database, with postgresql-contrib installed:
  {commands}
The next `flask --app wsgi db upgrade` or `crm setup` makes the indexes then; it can be run at any time."""


def make_search_indexes(connection: Connection) -> None:
    """Make the indexes that are missing, within the caller's transaction, or say on stderr why there are none."""
    missing = _missing(connection) if connection.dialect.name == "postgresql" else []
    if not missing:
        return
    try:
        with connection.begin_nested():
            for extension in EXTENSIONS:
                connection.execute(text(f"CREATE EXTENSION IF NOT EXISTS {extension}"))
            for index in missing:
                connection.execute(CreateIndex(index))
    except DBAPIError as error:
        why = _CANNOT_BE_HAD.get(getattr(error.orig, "sqlstate", ""))
        if why is None:
            raise
        commands = "\n  ".join(f"CREATE EXTENSION IF NOT EXISTS {extension};" for extension in EXTENSIONS)
        click.echo(SLOWER.format(extensions=" and ".join(EXTENSIONS), why=why, commands=commands), err=True)


def _missing(connection: Connection) -> list[Index]:
    """Return the indexes that are not there, of tables that have the text by now."""
    inspector = inspect(connection)
    return [
        index
        for table in db.metadata.sorted_tables
        for index in table.indexes
        if SEARCHES in index.info
        and inspector.has_table(table.name)
        and "search_text" in {column["name"] for column in inspector.get_columns(table.name)}
        and not inspector.has_index(table.name, str(index.name))
    ]
