"""SQL that each store writes in its own way: a list as one parameter, and text as it is compared."""

import json
from typing import Any

from sqlalchemy import ARRAY, ColumnElement, Integer, String, bindparam, func, select
from sqlalchemy.engine import Dialect
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import TypeDecorator, TypeEngine


class _ListOf(TypeDecorator[list[Any]]):
    """A list as one parameter: an array on PostgreSQL, JSON text on SQLite."""

    impl = String
    cache_ok = True

    def __init__(self, item: TypeEngine[Any]):
        super().__init__()
        self.item = item

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return dialect.type_descriptor(String() if dialect.name == "sqlite" else ARRAY(self.item))

    def process_bind_param(self, value: list[Any] | None, dialect: Dialect) -> Any:
        if dialect.name != "sqlite":
            return value
        return json.dumps(value, default=self.item.dialect_impl(dialect).bind_processor(dialect))  # for moments, days


class _AnyOf(ColumnElement[bool]):
    inherit_cache = False

    def __init__(self, column: Any, name: str, kind: TypeEngine[Any]):
        self.column = column
        self.values = bindparam(name, type_=_ListOf(kind))


def any_of(column: Any, name: str, kind: TypeEngine[Any] | None = None) -> ColumnElement[bool]:
    """Return the condition that `column` is one of a list, which is the single parameter `name`.

    The values are of the column's type, or of this `kind`.
    """
    return _AnyOf(column, name, kind or column.type)


@compiles(_AnyOf, "postgresql")
def _any_of_array(element: _AnyOf, compiler: SQLCompiler, **kwargs: Any) -> str:
    return f"{compiler.process(element.column, **kwargs)} = ANY ({compiler.process(element.values, **kwargs)})"


@compiles(_AnyOf, "sqlite")
def _any_of_json(element: _AnyOf, compiler: SQLCompiler, **kwargs: Any) -> str:
    values = select(func.json_each(element.values).table_valued("value").c.value)
    return compiler.process(element.column.in_(values), **kwargs)


def fold(text: str) -> str:
    """Return text as `fold_case` gives it, on either store."""
    return text.lower()


class fold_case(FunctionElement[str]):
    """Text as it is compared: without case, then by code point (contract, section 6)."""

    type = String()
    inherit_cache = True


@compiles(fold_case, "postgresql")
def _fold_case_icu(element: fold_case, compiler: SQLCompiler, **kwargs: Any) -> str:
    return f'lower({compiler.process(element.clauses, **kwargs)} COLLATE "und-x-icu") COLLATE "C"'


@compiles(fold_case, "sqlite")
def _fold_case_python(element: fold_case, compiler: SQLCompiler, **kwargs: Any) -> str:
    return f"fold_case({compiler.process(element.clauses, **kwargs)})"


class by_code_point(FunctionElement[str]):
    """Text as it sorts by the numbers of its characters, whatever the database's collation."""

    type = String()
    inherit_cache = True


@compiles(by_code_point, "postgresql")
def _collate_c(element: by_code_point, compiler: SQLCompiler, **kwargs: Any) -> str:
    return f'{compiler.process(element.clauses, **kwargs)} COLLATE "C"'


@compiles(by_code_point, "sqlite")
def _collate_binary(element: by_code_point, compiler: SQLCompiler, **kwargs: Any) -> str:
    return compiler.process(element.clauses, **kwargs)


def sort_keys(column: ColumnElement[Any]) -> list[ColumnElement[Any]]:
    """Return what rows are sorted by in turn to be sorted by a column (contract, section 6)."""
    return [fold_case(column), by_code_point(column)] if isinstance(column.type, String) else [column]


class position_of(FunctionElement[int]):
    """Where the second text first stands in the first, from 1; 0 if nowhere."""

    type = Integer()
    inherit_cache = True


@compiles(position_of, "postgresql")
def _strpos(element: position_of, compiler: SQLCompiler, **kwargs: Any) -> str:
    return f"strpos({compiler.process(element.clauses, **kwargs)})"


@compiles(position_of, "sqlite")
def _instr(element: position_of, compiler: SQLCompiler, **kwargs: Any) -> str:
    return f"instr({compiler.process(element.clauses, **kwargs)})"


class place_in_bytes(FunctionElement[int]):
    """Where a text first stands in bytes that are UTF-8, from 1; 0 if nowhere."""

    type = Integer()
    inherit_cache = True


@compiles(place_in_bytes, "postgresql")
def _position(element: place_in_bytes, compiler: SQLCompiler, **kwargs: Any) -> str:
    within, part = (compiler.process(each, **kwargs) for each in element.clauses)
    return f"position(convert_to({part}, 'UTF8') IN {within})"


@compiles(place_in_bytes, "sqlite")
def _instr_of_bytes(element: place_in_bytes, compiler: SQLCompiler, **kwargs: Any) -> str:
    within, part = (compiler.process(each, **kwargs) for each in element.clauses)
    return f"instr({within}, CAST({part} AS BLOB))"


def holds(text: Any, part: Any) -> ColumnElement[bool]:
    """Return the condition that a text holds another, taken literally."""
    found: ColumnElement[bool] = position_of(text, part) > 0
    return found


def starts_with(text: Any, part: Any) -> ColumnElement[bool]:
    """Return the condition that a text begins with another, taken literally."""
    begins: ColumnElement[bool] = func.substr(text, 1, func.length(part)) == part
    return begins
