"""The rows of one resource, found and shown in the request's scope."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property, lru_cache
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, and_, select
from werkzeug.exceptions import NotFound

from crm.access.scope import of_team, visible
from crm.database.functions import any_of
from crm.database.projection import NOTHING_MORE, Included, Json, Projection
from crm.database.query import Query, Row
from crm.lists.showing import Shown
from crm.models.base import Record
from crm.records.naming import Name, Naming


class Found(NamedTuple):
    """Which record a name names."""

    row_id: int
    external_id: str


class Rows:
    """The table of `model`, shown by `projection`."""

    def __init__(self, model: type[Record], projection: Projection):
        self.table = model.__table__
        self.model = model
        self.projection = projection
        self._naming = Naming(model)
        self._found = lru_cache(maxsize=None)(self._make_found)
        self._shown = lru_cache(maxsize=None)(self._make_shown)

    def find(self, name: Name, *, deleted_too: bool = False) -> Found:
        """Return the visible record of a name; with `deleted_too` a deleted one as well. Raises NotFound."""
        kind, values = self._naming.read(name)
        row = self._found(kind, deleted_too).row(**values)
        if row is None:
            raise NotFound
        return Found(row[0], str(row[1]))

    def show(self, name: Name, wanted: Callable[[], Shown]) -> tuple[Json, Shown]:
        """Return the JSON of a visible record and what is `wanted` of it, which is asked once it is found.

        Raises NotFound.
        """
        kind, values = self._naming.read(name)
        with self.projection.reading():
            rows = self._shown(kind).rows(**values)
            if not rows:
                raise NotFound
            shown = wanted()
            return self.projection.records(rows, include=shown.include)[0], shown

    def shown_by_id(self, external_ids: Iterable[str], include: Included = NOTHING_MORE) -> dict[str, Json]:
        """Return the JSON of those of these records that are visible, by their ids."""
        rows = self._shown_by_id.rows(external_ids=[*external_ids])
        return {str(record["id"]): record for record in self.projection.records(rows, include=include)}

    def called(self, text: str, include: Included = NOTHING_MORE) -> list[Json]:
        """Return the JSON of the visible records whose number, or whose key in any other system, a text is."""
        rows = {row[0]: row for kind, values in self._naming.read_any(text) for row in self._shown(kind).rows(**values)}
        return self.projection.records([*rows.values()], include=include)

    def find_all(self, external_ids: Iterable[str]) -> dict[str, int]:
        """Return the row ids of those of these records that are visible, by their ids, in one query."""
        wanted = [*external_ids]
        rows = self._found_by_id.rows(external_ids=wanted) if wanted else []
        return {str(external_id): row_id for row_id, external_id in rows}

    def versions(self, row_ids: Sequence[int]) -> dict[int, int]:
        """Return the versions of records by their row ids, in one query."""
        return dict(self._versions.rows(row_ids=[*row_ids])) if row_ids else {}

    def read(self, row_ids: Sequence[int], include: Included = NOTHING_MORE) -> list[Json]:
        """Return the JSON of records that the transaction has locked or written, in the order of the row ids."""
        return self.projection.records(self.fetch(row_ids), include=include)

    def fetch(self, row_ids: Sequence[int]) -> list[Row]:
        """Return the same records as rows of the projection."""
        rows = {row[0]: row for row in self._written.rows(row_ids=[*row_ids])}
        return [rows[row_id] for row_id in row_ids]

    def read_again(
        self,
        rows: Mapping[int, Row],
        before: Mapping[int, Json],
        written: Mapping[int, Mapping[str, Any]],
        names: set[str],
        include: Included,
    ) -> dict[int, Json]:
        """Return records as they are after these columns and collections of some of them were changed, by row id.

        Only what they affect is read again: collections, and the row where it shows other related rows now.
        """
        same = self.projection.collections - self.projection.affected_by(names) - (self.projection.on_request - include)
        known = {name: {row_id: record[name] for row_id, record in before.items()} for name in same}
        if self.projection.joins_by(names):
            now_rows = self.fetch([*rows])
        else:
            now_rows = [self.projection.with_columns(row, written.get(row_id, {})) for row_id, row in rows.items()]
        return dict(zip(rows, self.projection.records(now_rows, known, include), strict=True))

    def _make_found(self, kind: str, deleted_too: bool) -> Query:
        in_scope = of_team(self.model) if deleted_too else visible(self.model)
        return Query(select(*self._identity).where(*in_scope, self._naming.conditions[kind]))

    def _make_shown(self, kind: str) -> Query:
        return Query(self.projection.select().where(*visible(self.model), self._naming.conditions[kind]))

    @cached_property
    def _shown_by_id(self) -> Query:
        return Query(self.projection.select().where(self._visible_by_id))

    @cached_property
    def _found_by_id(self) -> Query:
        return Query(select(*self._identity).where(self._visible_by_id))

    @cached_property
    def _versions(self) -> Query:
        return Query(select(self.table.c.id, self.table.c.version).where(any_of(self.table.c.id, "row_ids")))

    @cached_property
    def _written(self) -> Query:
        return Query(self.projection.select().where(any_of(self.table.c.id, "row_ids")))

    @property
    def _identity(self) -> tuple[Any, Any]:
        return self.table.c.id, self.table.c.external_id

    @property
    def _visible_by_id(self) -> ColumnElement[bool]:
        return and_(*visible(self.model), any_of(self.table.c.external_id, "external_ids"))
