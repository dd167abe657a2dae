"""Many rows as one parameter of a statement, so that it is the same statement for any number of them."""

from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Any

import orjson
from sqlalchemy import ColumnElement, String, Subquery, bindparam, column, select
from sqlalchemy.engine import Dialect
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import TypeDecorator, TypeEngine

Row = dict[str, Any]


def given_rows(parameter: str, columns: Iterable[ColumnElement[Any]]) -> Subquery:
    """Return a table of the rows that are given as the single parameter: a list of dicts by the names of `columns`."""
    types = {str(each.key): each.type for each in columns}
    given = bindparam(parameter, type_=_Rows(types))
    rows = _each_of(given).table_valued(column("value"))
    members = (_Member(rows.c.value, name, kind).label(name) for name, kind in types.items())
    return select(*members).select_from(rows).subquery(parameter)


class _Rows(TypeDecorator[list[Row]]):
    """Rows as JSON text, their values as the driver would take them."""

    impl = String
    cache_ok = False

    def __init__(self, types: dict[str, Any]):
        super().__init__()
        self.types = types
        self._processors = lru_cache(maxsize=None)(self._make_processors)

    def process_bind_param(self, value: list[Row] | None, dialect: Dialect) -> str:
        """Return the JSON of rows."""
        processors = self._processors(dialect)
        rows = [{name: processors[name](row[name]) for name in processors} for row in value or ()]
        return orjson.dumps(rows).decode()

    def _make_processors(self, dialect: Dialect) -> dict[str, Callable[[Any], Any]]:
        made = {name: kind.dialect_impl(dialect).bind_processor(dialect) for name, kind in self.types.items()}
        return {name: process or _unchanged for name, process in made.items()}


class _each_of(FunctionElement[Any]):
    """The members of a JSON array."""

    inherit_cache = True


class _Member(ColumnElement[Any]):
    """A member of a JSON object, by its name, as a value of a column's type."""

    inherit_cache = False

    def __init__(self, row: ColumnElement[Any], name: str, kind: TypeEngine[Any]):
        self.row = row
        self.name = name
        self.type = kind


@compiles(_each_of, "postgresql")
def _array_elements(element: _each_of, compiler: SQLCompiler, **kwargs: Any) -> str:
    return f"jsonb_array_elements(CAST({compiler.process(element.clauses, **kwargs)} AS jsonb))"


@compiles(_each_of, "sqlite")
def _json_each(element: _each_of, compiler: SQLCompiler, **kwargs: Any) -> str:
    return f"json_each({compiler.process(element.clauses, **kwargs)})"


@compiles(_Member, "postgresql")
def _cast_arrow(element: _Member, compiler: SQLCompiler, **kwargs: Any) -> str:
    kind = compiler.dialect.type_compiler_instance.process(element.type)
    return f"CAST({compiler.process(element.row, **kwargs)} ->> '{element.name}' AS {kind})"


@compiles(_Member, "sqlite")
def _json_extract(element: _Member, compiler: SQLCompiler, **kwargs: Any) -> str:
    return f"json_extract({compiler.process(element.row, **kwargs)}, '$.{element.name}')"


def _unchanged(value: Any) -> Any:
    return value
