"""Look-up tables whose rows the team may add, change and delete: one class for all of them (beyond, section 18)."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cached_property
from typing import Any, ClassVar

from flask import current_app
from sqlalchemy import Text, bindparam, insert, or_, select, update
from werkzeug.exceptions import NotFound

from crm.access import acting
from crm.access.adoption import may_write, refuse_write
from crm.database.connections import transaction
from crm.database.functions import fold, fold_case
from crm.database.locks import lock_table
from crm.database.projection import Json
from crm.database.query import Query
from crm.http.errors import Refusal
from crm.models.types import new_external_id, now
from crm.records.lookups.base import Lookup
from crm.records.lookups.referring import Referring
from crm.schemas.collections.base import WrittenCollection
from crm.schemas.lookups import LookupBody
from crm.schemas.reading import Reading

TAKEN = "The :field has already been taken."
SHARED = "This row is shared by all teams."

Columns = dict[str, Any]
"""A row by the names of its columns."""


class WrittenLookup(Lookup):
    """A look-up table that is written, too. Each write is one transaction, and a table has one writer at a time."""

    taken: ClassVar[type[LookupBody]]
    """What a body holds."""
    has_parts: ClassVar[bool] = False
    """Whether records refer to parts of a row, which a change may remove, and not to the row itself."""

    def __init__(self) -> None:
        super().__init__()
        self.creation, self.change = self.taken(), self.taken.for_update()
        self.columns = tuple(column.name for column in self.table.c if not column.primary_key)
        fields = self.creation.fields.items()
        self._collections = {name: field for name, field in fields if isinstance(field, WrittenCollection)}

    def create(self, body: Json) -> Json:
        """Add a row to the team that is worked in and return its JSON. Raises ValidationFailed."""
        with self._alone():
            values = self._judged(self.creation.reading(body), {})
            made = {**dict.fromkeys(self.columns), "team_id": acting.team_id(), "external_id": new_external_id()}
            row = {name: {**made, **values}[name] for name in self.columns}
            self.prepare(row, values, force=False)
            ((row_id, key),) = self._addition.rows(**row)
            self._write_collections(row_id, values, new=True)
            return self.show(key)

    def update(self, external_id: str, body: Json, *, force: bool = False) -> Json:
        """Change a row and return its JSON; with `force` parts of it go though records refer to them.

        Raises ValidationFailed, NotFound, and Refusal: 403 for a row that all teams share, 409 for what has to stay.
        """
        with self._alone():
            row = self.find(external_id)
            values = self._judged(self.change.reading(body, row["id"]), row)
            self.prepare(row, values, force=force)
            self._set(row, values)
            self._write_collections(row["id"], values, new=False)
            return self.show(external_id)

    def delete(self, external_id: str, *, force: bool = False) -> None:
        """Soft-delete a row; with `force` also one that records refer to, which then show null.

        Raises NotFound, and Refusal: 403 for a row that all teams share, 409 for what has to stay.
        """
        with self._alone():
            row = self.find(external_id)
            self.release(row, force=force)
            self._set(row, {"deleted_at": now()})

    def find(self, external_id: str) -> Columns:
        """Return a visible row that may be written. Raises NotFound, and Refusal (403) for one that all teams share."""
        row = self._visible.record(key=self.key_of(external_id))
        if row is None:
            raise NotFound
        if current_app.config["TEAMS"] and row["team_id"] is None:
            raise Refusal(403, SHARED)
        return row

    def judge(self, reading: Reading, row: Columns) -> None:
        """Add to what has been read of a body what only the table can tell: that a name is taken.

        `row` is what is changed, empty for a new one.
        """
        values = {**row, **reading.values}
        if "name" in reading.values and all(name in values for name in self.model.unique_within):
            within = {name: values[name] for name in self.model.unique_within}
            if self._named.rows(folded=fold(values["name"]), row_id=row.get("id", 0), **within):
                reading.refuse({"name": [TAKEN]})

    def prepare(self, row: Columns, values: Mapping[str, Any], *, force: bool) -> None:
        """Do what has to be done before a row is given these values: by default nothing. Raises Refusal (409)."""

    def release(self, row: Columns, *, force: bool) -> None:
        """Do what has to be done before a row is deleted. Raises Refusal (409) if it has to stay."""
        self.referring.require_none([row["id"]], force=force)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Have all within the block be one transaction, in which nobody else writes the table."""
        with transaction() as connection:
            if not self._may_write.rows()[0][0]:
                refuse_write()
            lock_table(connection, self.name, "SHARE ROW EXCLUSIVE")
            yield

    def _judged(self, reading: Reading, row: Columns) -> dict[str, Any]:
        """Return the values that have been read, with what follows from them. Raises ValidationFailed."""
        self.judge(reading, row)
        values = reading.accepted()
        return {**values, "folded_name": fold(values["name"])} if "name" in values else values

    def _set(self, row: Columns, values: Mapping[str, Any]) -> None:
        changed = {**row, **values}
        self._change.execute(row_id=row["id"], **{name: changed[name] for name in self.columns})

    def _write_collections(self, row_id: int, values: Mapping[str, Any], *, new: bool) -> None:
        for name, field in self._collections.items():
            if name in values:
                field.write({row_id: values[name]}, new=new)

    @cached_property
    def referring(self) -> Referring:
        """The records that refer to its rows."""
        return Referring(self.table)

    @cached_property
    def _may_write(self) -> Query:
        return Query(select(may_write()))

    @cached_property
    def _visible(self) -> Query:
        return Query(select(self.table).where(*self.conditions(), self.key == bindparam("key")))

    @cached_property
    def _named(self) -> Query:
        """Return the query of other rows of a name; those that were added by hand may lack their `folded_name`."""
        columns, folded = self.table.c, bindparam("folded", type_=Text)
        is_named = or_(columns.folded_name == folded, fold_case(columns.name) == folded)
        within = (columns[name] == bindparam(name) for name in self.model.unique_within)
        others = columns.id != bindparam("row_id")
        return Query(select(columns.id).where(*self.conditions(), is_named, others, *within))

    @cached_property
    def _addition(self) -> Query:
        return Query(insert(self.table).returning(self.table.c.id, self.key), self.columns)

    @cached_property
    def _change(self) -> Query:
        return Query(update(self.table).where(self.table.c.id == bindparam("row_id")), self.columns)
