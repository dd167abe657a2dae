"""SQL at the speed of the driver: a statement is written with SQLAlchemy once and turned into the driver's SQL once."""

import json
from collections.abc import Sequence
from typing import Any

from sqlalchemy import ARRAY, ClauseElement, ColumnElement, Connection, String, bindparam, func, select
from sqlalchemy.engine import Dialect
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.elements import BindParameter
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import TypeDecorator, TypeEngine

from crm.database import reading
from crm.extensions import db

Row = tuple[Any, ...]


class Query:
    """A statement that is compiled at its first use and then handed to the driver as text.

    Rows come as the driver makes them: on SQLite ids and timestamps are already the text of the JSON, on
    PostgreSQL they are UUID and aware datetime, which orjson writes in the same form. `columns` names what an
    INSERT or UPDATE sets, each the parameter of its name.
    """

    def __init__(self, statement: ClauseElement, columns: Sequence[str] = ()):
        self.statement = statement
        self.columns = columns
        self._by_dialect: dict[str, _CompiledQuery] = {}

    def rows(self, **values: Any) -> list[Row]:
        """Return all rows for the values of the statement's parameters. Runs outside any transaction."""
        sql, parameters = self._compiled().bound(values)
        with reading() as cursor:
            cursor.execute(sql, parameters)
            return [*cursor.fetchall()]

    def execute(self, connection: Connection, **values: Any) -> list[Row]:
        """Run within a connection's transaction and return the rows, none for a statement that gives no rows."""
        cursor = connection.connection.cursor()
        cursor.execute(*self._compiled().bound(values))
        return [*cursor.fetchall()] if cursor.description else []

    def row(self, **values: Any) -> Row | None:
        """Return the first row, or None."""
        return next(iter(self.rows(**values)), None)

    def _compiled(self) -> "_CompiledQuery":
        dialect = db.engine.dialect
        if dialect.name not in self._by_dialect:
            self._by_dialect[dialect.name] = _CompiledQuery(self.statement, self.columns, dialect)
        return self._by_dialect[dialect.name]


class _CompiledQuery:
    """A statement's SQL for one dialect, and how its parameters are made ready for the driver."""

    def __init__(self, statement: ClauseElement, columns: Sequence[str], dialect: Dialect):
        compiled: Any = statement.compile(dialect=dialect, column_keys=list(columns) or None)
        self.sql = str(compiled)
        self.order: list[str] | None = compiled.positiontup
        binds: dict[str, BindParameter[Any]] = compiled.binds
        self.constants = {name: bind.value for name, bind in binds.items()}
        self.callables = {name: bind.callable for name, bind in binds.items() if bind.callable}
        processors = {name: bind.type.dialect_impl(dialect).bind_processor(dialect) for name, bind in binds.items()}
        self.processors = {name: process for name, process in processors.items() if process}

    def bound(self, values: dict[str, Any]) -> tuple[str, Any]:
        """Return the SQL and its parameters in the form that the driver takes."""
        parameters = {**self.constants, **values}
        for name, call in self.callables.items():
            parameters[name] = call()
        for name, process in self.processors.items():
            parameters[name] = process(parameters[name])
        return self.sql, parameters if self.order is None else [parameters[name] for name in self.order]


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
        return json.dumps(value) if dialect.name == "sqlite" else value


class _AnyOf(ColumnElement[bool]):
    inherit_cache = False

    def __init__(self, column: Any, name: str):
        self.column = column
        self.values = bindparam(name, type_=_ListOf(column.type))


def any_of(column: Any, name: str) -> ColumnElement[bool]:
    """Return the condition that `column` is one of a list, which is the single parameter `name`."""
    return _AnyOf(column, name)


@compiles(_AnyOf, "postgresql")
def _any_of_array(element: _AnyOf, compiler: SQLCompiler, **kwargs: Any) -> str:
    return f"{compiler.process(element.column, **kwargs)} = ANY ({compiler.process(element.values, **kwargs)})"


@compiles(_AnyOf, "sqlite")
def _any_of_json(element: _AnyOf, compiler: SQLCompiler, **kwargs: Any) -> str:
    values = select(func.json_each(element.values).table_valued("value").c.value)
    return compiler.process(element.column.in_(values), **kwargs)


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
