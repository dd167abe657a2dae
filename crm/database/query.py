"""SQL at the speed of the driver: a statement is written with SQLAlchemy once and turned into the driver's SQL once."""

from collections.abc import Callable, Sequence
from typing import Any, Self

from blinker import Signal
from sqlalchemy import ClauseElement
from sqlalchemy.engine import Dialect
from sqlalchemy.sql.elements import BindParameter

from crm.database.connections import cursor
from crm.extensions import db

Row = tuple[Any, ...]
Values = dict[str, Any]

query_sent = Signal("A Query was handed to the driver; `values` holds what it ran for, a list if it ran for each.")


class Query:
    """A statement that is compiled at its first use and then handed to the driver as text.

    It runs on the request's connection, so within its transaction if one is open. `columns` names what an INSERT or
    UPDATE sets, each the parameter of its name. One that is `planned_anew` is planned by PostgreSQL at each run, for
    the very values of its parameters: where the best plan depends on how many rows they match.
    """

    def __init__(self, statement: ClauseElement, columns: Sequence[str] = (), *, planned_anew: bool = False):
        self.statement = statement
        self.columns = columns
        self.planned_anew = planned_anew
        self._by_dialect: dict[str, _CompiledQuery] = {}

    def rows(self, **values: Any) -> list[Row]:
        """Return all rows as the driver makes them, which is as JSON shows them.

        On SQLite ids and timestamps are already the text of the JSON, on PostgreSQL they are UUID and aware
        datetime, which orjson writes in the same form. To compare or to format values, use `typed_rows`.
        """
        query_sent.send(self, values=values)
        compiled = self._compiled()
        with cursor(compiled.sql) as driver:
            driver.execute(compiled.sql, compiled.bound(values), **self._options())
            return [*driver.fetchall()]

    def row(self, **values: Any) -> Row | None:
        """Return the first row as the driver makes it, or None."""
        return next(iter(self.rows(**values)), None)

    def typed_rows(self, **values: Any) -> list[Row]:
        """Return all rows with the Python values of their columns' types, the same on every store."""
        convert = self._compiled().converters
        return [tuple(to(value) for to, value in zip(convert, row, strict=True)) for row in self.rows(**values)]

    def records(self, **values: Any) -> list[dict[str, Any]]:
        """Return all rows by the names of their columns, with the Python values of their types."""
        names = self._compiled().names
        return [dict(zip(names, row, strict=True)) for row in self.typed_rows(**values)]

    def record(self, **values: Any) -> dict[str, Any] | None:
        """Return the first row by the names of its columns, with the Python values of their types, or None."""
        return next(iter(self.records(**values)), None)

    def execute(self, **values: Any) -> int:
        """Run a statement that gives no rows and return how many it has changed."""
        query_sent.send(self, values=values)
        compiled = self._compiled()
        with cursor(compiled.sql) as driver:
            driver.execute(compiled.sql, compiled.bound(values))
            return int(driver.rowcount)

    def row_of_each(self, many: Sequence[Values]) -> list[Row]:
        """Run for each of many values and return the one row that each gives; in one exchange with the server."""
        return [rows[0] for rows in self.rows_of_each(many)]

    def rows_of_each(self, many: Sequence[Values]) -> list[list[Row]]:
        """Run for each of many values and return the rows of each; in one exchange with the server."""
        if not many:
            return []
        query_sent.send(self, values=many)
        compiled = self._compiled()
        bound = [compiled.bound(values) for values in many]
        with cursor(compiled.sql) as driver:
            if len(bound) == 1 or db.engine.dialect.name == "sqlite":
                return [driver.execute(compiled.sql, parameters).fetchall() for parameters in bound]
            driver.executemany(compiled.sql, bound, returning=True)
            return [driver.fetchall() for _ in driver.results()]

    def execute_each(self, many: Sequence[Values]) -> None:
        """Run a statement that gives no rows for each of many values; in one exchange with the server."""
        if many:
            query_sent.send(self, values=many)
            compiled = self._compiled()
            bound = [compiled.bound(values) for values in many]
            with cursor(compiled.sql) as driver:
                if len(bound) == 1:
                    driver.execute(compiled.sql, bound[0])
                else:
                    driver.executemany(compiled.sql, bound)

    def settled(self) -> Self:
        """Compile for the application's database and for no other, and give up the statement, for one of many.

        It takes four times the memory of what is made of it.
        """
        self._compiled()
        del self.statement
        return self

    def _options(self) -> dict[str, Any]:
        """Return what the driver is told beside the statement: by itself it prepares what it has run five times."""
        return {"prepare": False} if self.planned_anew and db.engine.dialect.name == "postgresql" else {}

    def _compiled(self) -> "_CompiledQuery":
        dialect = db.engine.dialect
        if dialect.name not in self._by_dialect:
            self._by_dialect[dialect.name] = _CompiledQuery(self.statement, self.columns, dialect)
        return self._by_dialect[dialect.name]


class _CompiledQuery:
    """A statement's SQL for one dialect, and how values are made ready for the driver and taken from it."""

    def __init__(self, statement: ClauseElement, columns: Sequence[str], dialect: Dialect):
        compiled: Any = statement.compile(dialect=dialect, column_keys=list(columns) or None)
        self.sql = str(compiled)
        self.order: list[str] | None = compiled.positiontup
        binds: dict[str, BindParameter[Any]] = compiled.binds
        self.constants = {name: bind.value for name, bind in binds.items()}
        self.callables = {name: bind.callable for name, bind in binds.items() if bind.callable}
        processors = {name: bind.type.dialect_impl(dialect).bind_processor(dialect) for name, bind in binds.items()}
        self.processors = {name: process for name, process in processors.items() if process}
        shown = [*getattr(statement, "exported_columns", ())]
        self.names = [column.key for column in shown]
        self.converters: list[Callable[[Any], Any]] = [
            column.type.dialect_impl(dialect).result_processor(dialect, None) or _unchanged for column in shown
        ]

    def bound(self, values: Values) -> Any:
        """Return the parameters in the form that the driver takes."""
        parameters = {**self.constants, **values}
        for name, call in self.callables.items():
            parameters[name] = call()
        for name, process in self.processors.items():
            parameters[name] = process(parameters[name])
        return parameters if self.order is None else [parameters[name] for name in self.order]


def _unchanged(value: Any) -> Any:
    return value
