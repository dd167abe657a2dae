"""SQL at the speed of the driver: a statement is written with SQLAlchemy once and turned into the driver's SQL once."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ClauseElement, Connection
from sqlalchemy.engine import Dialect
from sqlalchemy.sql.elements import BindParameter

from crm.database.connections import reading
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
