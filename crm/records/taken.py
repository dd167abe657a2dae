"""The look-up rows that records take: held until the records are written, so that nobody deletes them meanwhile.

Bodies are judged before anything is locked. So a row may be deleted in between: then the write is judged again.
"""

from collections.abc import Collection, Iterable, Mapping
from functools import lru_cache
from typing import Any

from sqlalchemy import literal_column, select, union_all

from crm.access.scope import alive
from crm.database.functions import any_of
from crm.database.query import Query
from crm.http.errors import Overtaken
from crm.models import Label
from crm.models.lookups import Named
from crm.records.locking import Locked
from crm.schemas.base import RecordSchema
from crm.schemas.collections.labels import Labels
from crm.schemas.references import Reference

Values = Mapping[str, Any]


class TakenLookups:
    """The look-up rows that records read by a schema refer to."""

    def __init__(self, schema: RecordSchema):
        fields = schema.fields.items()
        self._models: dict[str, Any] = {
            name: field.model
            for name, field in fields
            if isinstance(field, Reference) and issubclass(field.model, Named)
        }
        self._labels = {name: field for name, field in fields if isinstance(field, Labels)}
        self._models |= dict.fromkeys(self._labels, Label)
        self._holding = lru_cache(maxsize=256)(self._make_holding)

    def hold(self, many: Collection[Values]) -> None:
        """Hold the rows that new records take. Raises Overtaken if one has been deleted."""
        if self._gone(many):
            raise Overtaken

    def hold_for(self, values_of: Mapping[int, Values]) -> None:
        """Hold the rows that records take, by the records' row ids. Raises Overtaken if one has been deleted.

        A label that a record has already may be kept though it is deleted.
        """
        for name, gone in self._gone(values_of.values()).items():
            if not (name in self._labels and self._labels[name].are_kept(values_of, gone)):
                raise Overtaken

    def vanished(self, records: Iterable[Locked], values_of: Mapping[int, Values]) -> dict[int, set[str]]:
        """Return which of their look-ups locked records are to lack that are deleted, and so shown no more anyway."""
        lacked = {record.row_id: self._lacked(record, values_of[record.row_id]) for record in records}
        gone = self._gone(lacked.values())
        return {
            row_id: {name for name, taken in had.items() if taken in gone.get(name, ())}
            for row_id, had in lacked.items()
        }

    def _lacked(self, record: Locked, values: Values) -> Values:
        """Return the row ids of the look-ups that a record has and its values clear, by the field."""
        cleared = (name for name in self._models if name in values and values[name] is None)
        return {name: record.columns[name] for name in cleared}

    def _gone(self, many: Collection[Values]) -> dict[str, set[int]]:
        """Hold the rows that values refer to and return which of them are deleted, by the field that names them."""
        taken = {name: row_ids for name in self._models if (row_ids := _row_ids(many, name))}
        if not taken:
            return {}
        live = {(name, row_id) for name, row_id, is_live in self._holding(tuple(taken)).rows(**taken) if is_live}
        gone = {name: {each for each in row_ids if (name, each) not in live} for name, row_ids in taken.items()}
        return {name: row_ids for name, row_ids in gone.items() if row_ids}

    def _make_holding(self, names: tuple[str, ...]) -> Query:
        """Return the query that locks rows, as referring to them does, and tells which are not deleted."""
        return Query(union_all(*(select(self._held(name)) for name in names)))

    def _held(self, name: str) -> Any:
        table = self._models[name].__table__
        row: tuple[Any, ...] = (literal_column(f"'{name}'").label("name"), table.c.id, alive(table).label("is_live"))
        held = select(*row).where(any_of(table.c.id, name)).order_by(table.c.id)
        return held.with_for_update(read=True, key_share=True).subquery()


def _row_ids(many: Iterable[Values], name: str) -> list[int]:
    """Return the row ids that values have in a field: one, some, or none."""
    given = [values[name] for values in many if values.get(name) is not None]
    return sorted({row_id for each in given for row_id in ((each,) if isinstance(each, int) else each)})
