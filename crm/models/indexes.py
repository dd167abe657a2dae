"""The indexes of records: what lists are filtered, sorted and searched by, over live rows.

Each is derived from what a model declares: its foreign keys, but for those with an index of their own, and what its
lists are often sorted by. Those of sorts begin with the team. Without teams no row has one: a list says so and sorts by
it first, and is served by the same ones.
"""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import ColumnElement, Index, Table, text
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import String

from crm.database.functions import sort_keys

SEARCHES = "searches"
"""In the `info` of an index: it needs extensions of PostgreSQL, and is there where these can be had."""
COMPARED = "compared"
"""In the `info` of an index: whether Alembic can tell it from another by what the database says of it."""

_LIVE = text("deleted_at IS NULL")
_WHERE: dict[str, Any] = {"postgresql_where": _LIVE, "sqlite_where": _LIVE}


def add_record_indexes(table: Table, sorts: Iterable[str]) -> None:
    """Give the table of a record its indexes."""
    for column in table.c:
        if column.foreign_keys and not column.index:
            _newest(table, column)
    for name in sorts:
        _sorted(table, table.c[name])
    _searched(table)


def _newest(table: Table, column: ColumnElement[Any]) -> None:
    """Add an index of the rows of one value that, read backwards, is in the default order of lists."""
    Index(f"ix_{table.name}_{column.key}_newest", column, table.c.created_at, table.c.id, **_WHERE)


def _sorted(table: Table, column: ColumnElement[Any]) -> None:
    """Add the index of an ascending sort; read backwards, rows of one value are in the wrong order, and sorted.

    Text is compared by functions of PostgreSQL. On SQLite that would be one of ours, which its own shell has not got.
    """
    is_text = isinstance(column.type, String)
    first, *others = sort_keys(column)
    keys = [_null_first(first) if column.nullable else first, *others]
    info = {COMPARED: not is_text}
    index = Index(f"ix_{table.name}_by_{column.key}", table.c.team_id, *keys, table.c.id.desc(), info=info, **_WHERE)
    if is_text:
        index.ddl_if(dialect="postgresql")


def _searched(table: Table) -> None:
    """Add the index of all that is written in a row, three letters at a time."""
    name = f"ix_{table.name}_search"
    info = {COMPARED: False, SEARCHES: True}
    kind: dict[str, Any] = {"postgresql_using": "gin", "postgresql_ops": {"search_text": "gin_trgm_ops"}}
    Index(name, table.c.team_id, table.c.search_text, info=info, **kind, **_WHERE).ddl_if(dialect="postgresql")


class _null_first(FunctionElement[Any]):
    """A key of an index in which null comes before every value: on SQLite it does anyway, and cannot be said."""

    inherit_cache = True


@compiles(_null_first, "postgresql")
def _say_null_first(element: _null_first, compiler: SQLCompiler, **kwargs: Any) -> str:
    return f"{compiler.process(element.clauses, **kwargs)} NULLS FIRST"


@compiles(_null_first, "sqlite")
def _say_nothing(element: _null_first, compiler: SQLCompiler, **kwargs: Any) -> str:
    return compiler.process(element.clauses, **kwargs)
