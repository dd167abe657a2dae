"""Own keys: how other systems name records, and which records they name (beyond, section 14)."""

import re
from collections.abc import Collection, Mapping
from typing import Any, NamedTuple

from sqlalchemy import select

from crm.access.scope import in_team
from crm.database.given_rows import given_rows
from crm.database.query import Query
from crm.http.text import trim
from crm.models import ExternalKey
from crm.schemas.fields import Field, is_text

SOURCE = "[a-z0-9_-]{1,40}"
"""What names another system."""
LONGEST_KEY = 255  # characters


class OwnKey(NamedTuple):
    """What a record is called in another system."""

    source: str
    key: str


def is_source(name: Any) -> bool:
    """Tell whether a value can name another system."""
    return isinstance(name, str) and bool(re.fullmatch(SOURCE, name))


def is_key(value: Any) -> bool:
    """Tell whether a value, freed of space around it, can be a key."""
    return is_text(value) and 1 <= len(value) <= LONGEST_KEY and not value.endswith("/")


def own_key(source: Any, key: Any) -> OwnKey | None:
    """Return the own key of a source and a key, which is trimmed; None if it cannot be one."""
    key = trim(key) if isinstance(key, str) else key
    return OwnKey(source, key) if is_source(source) and is_key(key) else None


class OwnKeyField(Field):
    """An own key as `{"source": "hubspot", "key": "42"}`."""

    def parse(self, value: Any) -> OwnKey:
        """Return the own key."""
        found = own_key(value.get("source"), value.get("key")) if isinstance(value, Mapping) else None
        if found is None:
            raise self.make_error("selected")
        return found


Named = tuple[str, OwnKey]
"""A resource, and the key of one of its records."""


def records_named(wanted: Collection[Named]) -> dict[Named, int]:
    """Return the row ids of the records of the request's team that have these keys, in one query."""
    if not wanted:
        return {}
    rows = [{"resource": resource, **key._asdict()} for resource, key in wanted]
    found = _NAMED.rows(wanted=rows)
    return {(resource, OwnKey(source, key)): row_id for resource, source, key, row_id in found if row_id is not None}


_KEYS = ExternalKey.__table__
_KEY = (_KEYS.c.resource, _KEYS.c.source, _KEYS.c.key)
_WANTED = given_rows("wanted", _KEY)
_HOLDER = (
    select(_KEYS.c.record_id)
    .where(*in_team(ExternalKey), *(column == _WANTED.c[column.key] for column in _KEY))
    .scalar_subquery()
)
# A subquery, since a join would have SQLite read all keys of the team beside each of those that are wanted.
_NAMED = Query(select(*_WANTED.c, _HOLDER))
