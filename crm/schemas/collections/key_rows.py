"""Writing the rows of own keys: which of a record's keys stay, come and go."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

from sqlalchemy import ColumnElement, FromClause, bindparam, delete, select, text
from sqlalchemy.dialects.postgresql import insert  # SQLite's is the same SQL

from crm.access.scope import in_team, team_key
from crm.database.functions import any_of
from crm.database.given_rows import given_rows
from crm.database.query import Query
from crm.http.errors import Overtaken
from crm.models import ExternalKey
from crm.schemas.fields.asking import IS_NULL, PART, compare

Keys = Mapping[str, str | None]
"""Keys by their sources; None for one that is to be removed."""

MAX_SOURCES = 20
"""How many keys a record has at most."""
_KEYS = ExternalKey.__table__


def with_keys(known: Mapping[str, str], keys: Keys) -> dict[str, str]:
    """Return the keys of a record after some of them were set and others removed."""
    return {source: key for source, key in {**known, **keys}.items() if key}


class KeyRows:
    """The own keys of the records of one resource."""

    def __init__(self, resource: str):
        self.resource = resource

    def of(self, record_ids: Sequence[int]) -> dict[int, dict[str, str]]:
        """Return the keys of each record that has some, by the record's row id."""
        rows = self._of_records.rows(resource=self.resource, record_ids=[*record_ids]) if record_ids else []
        found: dict[int, dict[str, str]] = defaultdict(dict)
        for record_id, source, key in rows:
            found[record_id][source] = key
        return found

    def write(self, keys_of: Mapping[int, Keys], *, new: bool) -> set[int]:
        """Set and remove keys of records, and return whose keys are others now.

        They are added in their order, so that writers who want the same ones do not wait for each other in a circle.
        Raises Overtaken if another record has got one meanwhile, or this one too many.
        """
        present = {} if new else self.of([*keys_of])
        gone, added = [], []
        for record_id, keys in keys_of.items():
            known = present.get(record_id, {})
            if len(with_keys(known, keys)) > MAX_SOURCES:
                raise Overtaken
            changed = {source: key for source, key in keys.items() if known.get(source) != key}
            gone += [self._name(record_id, source) for source in changed if source in known]
            added += [self._row(record_id, source, key) for source, key in changed.items() if key]
        self._removal.execute_each(gone)
        added.sort(key=lambda row: (row["source"], row["key"]))
        if added and len(self._addition.rows(added=added)) < len(added):
            raise Overtaken
        return {row["record_id"] for row in (*gone, *added)}

    def remove_all(self, record_ids: Sequence[int]) -> None:
        """Remove the keys of records."""
        self._removal_of_all.execute(resource=self.resource, record_ids=[*record_ids])

    def condition(self, table: FromClause, operator: str, parameter: str) -> ColumnElement[bool]:
        """Return the condition of a filter by the key of one source: exact, and found by it where it names a record."""
        of_source = (_KEYS.c.resource == self.resource, _KEYS.c.source == bindparam(f"{parameter}{PART}"))
        if operator in ("eq", "in"):
            found = select(_KEYS.c.record_id).where(*in_team(ExternalKey), *of_source)
            return table.c.id.in_(found.where(compare(_KEYS.c.key, operator, parameter)))
        own = select(_KEYS.c.key).where(*of_source, _KEYS.c.record_id == table.c.id)
        if operator == "ne":
            own = own.where(compare(_KEYS.c.key, "eq", parameter))
        return own.exists() if operator == IS_NULL[False] else ~own.exists()

    def _row(self, record_id: int, source: str, key: str) -> dict[str, Any]:
        return {"team_id": team_key(), **self._name(record_id, source), "key": key}

    def _name(self, record_id: int, source: str) -> dict[str, Any]:
        return {"record_id": record_id, "resource": self.resource, "source": source}

    @cached_property
    def _of_records(self) -> Query:
        columns = (_KEYS.c.record_id, _KEYS.c.source, _KEYS.c.key)
        return Query(select(*columns).where(*_are_of_records()).order_by(_KEYS.c.source))

    @cached_property
    def _addition(self) -> Query:
        added = given_rows("added", _KEYS.c)
        rows = select(*added.c).where(text("true"))  # without a condition SQLite takes ON CONFLICT for one of a join
        addition = insert(_KEYS).from_select([*added.c.keys()], rows)
        return Query(addition.on_conflict_do_nothing().returning(_KEYS.c.record_id))

    @cached_property
    def _removal(self) -> Query:
        named = (_KEYS.c[name] == bindparam(name) for name in ("record_id", "resource", "source"))
        return Query(delete(_KEYS).where(*named))

    @cached_property
    def _removal_of_all(self) -> Query:
        return Query(delete(_KEYS).where(*_are_of_records()))


def _are_of_records() -> tuple[ColumnElement[bool], ...]:
    return _KEYS.c.resource == bindparam("resource"), any_of(_KEYS.c.record_id, "record_ids")
