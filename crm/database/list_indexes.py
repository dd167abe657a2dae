"""The indexes that long lists are read from, made after the migrations: what each table is sorted and filtered by.

They cover live rows, begin with the team, and end as lists are sorted: null before every value, of equal rows the
newest first. Where one is missing, lists are right, but slow; so a new table gets its own at the next `db upgrade`.
"""

import logging
import re
from collections.abc import Iterator

from sqlalchemy import Column, Connection, String, Table, inspect, text
from sqlalchemy.exc import DBAPIError

from crm.models import RECORDS, User
from crm.models.base import Record
from crm.models.team import Team

_NAME = re.compile("ix_[a-z_]+_(by_[a-z_]+|of_[a-z_]+|search)")
_LIVE = "WHERE deleted_at IS NULL"
_EXTENSIONS = ("pg_trgm", "btree_gin")
_NEWEST = ("created_at", "id")
_ALWAYS_SORTED_BY = "updated_at"
_OF_OTHERS = {User.__tablename__, Team.__tablename__}
"""References to these have indexes of their own."""

_logger = logging.getLogger(__name__)


def is_list_index(name: str | None) -> bool:
    """Tell whether an index is one of these, which the models do not name."""
    return bool(name and _NAME.fullmatch(name))


def make_list_indexes(connection: Connection) -> None:
    """Make the indexes that are missing, in the open transaction."""
    can_search = connection.dialect.name == "postgresql" and _has_extensions(connection)
    for model in RECORDS:
        present = {index["name"] for index in inspect(connection).get_indexes(model.__tablename__)}
        for name, columns in _wanted(model, connection.dialect.name, can_search=can_search):
            if name not in present:
                connection.execute(text(f"CREATE INDEX {name} ON {model.__tablename__} {columns} {_LIVE}"))


def drop_list_indexes(connection: Connection) -> None:
    """Remove all of them."""
    for model in RECORDS:
        for index in inspect(connection).get_indexes(model.__tablename__):
            if is_list_index(index["name"]):
                connection.execute(text(f"DROP INDEX {index['name']}"))


def _wanted(model: type[Record], dialect: str, *, can_search: bool) -> Iterator[tuple[str, str]]:
    """Yield names and columns."""
    table: Table = model.__table__
    for name in (*model.sorted_by, _ALWAYS_SORTED_BY):
        if keys := _sort_keys(table.c[name], dialect):
            yield f"ix_{table.name}_by_{name}", f"(team_id, {', '.join(keys)}, id DESC)"
    for column in table.c:
        if {key.column.table.name for key in column.foreign_keys} - _OF_OTHERS:
            yield f"ix_{table.name}_of_{column.name}", f"(team_id, {column.name}, {', '.join(_NEWEST)})"
    if can_search:
        yield f"ix_{table.name}_search", "USING gin (team_id, search_text gin_trgm_ops)"


def _sort_keys(column: Column[object], dialect: str) -> list[str]:
    """Return what is sorted by, as `crm.lists.sorting` writes it; none where the store has no index for it.

    SQLite would keep one on a function of ours from its own shell.
    """
    if not isinstance(column.type, String):
        keys = [column.name]
    elif dialect == "postgresql":
        keys = [f'(lower({column.name} COLLATE "und-x-icu") COLLATE "C")', f'({column.name} COLLATE "C")']
    else:
        return []
    return [f"{key} NULLS FIRST" for key in keys] if column.nullable and dialect == "postgresql" else keys


def _has_extensions(connection: Connection) -> bool:
    """Make the extensions that the index for search takes, and tell whether they are there."""
    missing = [name for name in _EXTENSIONS if not _has_extension(connection, name)]
    for name in missing:
        try:
            with connection.begin_nested():
                connection.execute(text(f"CREATE EXTENSION {name}"))
        except DBAPIError as error:
            _logger.warning(
                "Search is slow in long lists: the extension %s cannot be made (%s). Have an administrator run"
                ' "CREATE EXTENSION %s" in this database, then run `flask db upgrade` again.',
                *(name, str(error.orig).strip().splitlines()[0], name),
            )
            return False
    return True


def _has_extension(connection: Connection, name: str) -> bool:
    return connection.scalar(text("SELECT 1 FROM pg_extension WHERE extname = :name"), {"name": name}) is not None
