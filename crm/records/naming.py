"""What a record is named by in a path: its id, the number that people read, or a key of another system."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, bindparam, select
from werkzeug.exceptions import NotFound

from crm.access.scope import in_team, without_team
from crm.http.errors import Overtaken
from crm.models import ExternalKey
from crm.models.base import Record
from crm.models.types import is_uuid
from crm.schemas.own_keys import OwnKey, records_named

Name = str | OwnKey
"""A UUID or number as text, or an own key."""

_NUMBER = re.compile("([A-Za-z])[0-9]{1,18}")


Meant = tuple[str, dict[str, Any]]
"""The kind of a name, one of `conditions`, and the parameters of that."""


class Naming:
    """The names of the records of `model`."""

    def __init__(self, model: type[Record]):
        self.model = model
        self.table = model.__table__
        self.conditions = {"id": self._has_id, "own_key": self._has_own_key, "any_key": self._has_any_key}
        if model.number:
            self.conditions["number"] = self._has_number

    def read(self, name: Name) -> Meant:
        """Return what a name means. Raises NotFound if it is none."""
        if isinstance(name, OwnKey):
            return "own_key", name._asdict()
        if is_uuid(name):
            return "id", {"external_id": name.lower()}
        if self._is_number(name):
            return "number", {"number": name.upper()}
        raise NotFound

    def read_any(self, text: str) -> Iterator[Meant]:
        """Yield all that a text may mean that somebody searches for: a number, and a key of any other system."""
        if self._is_number(text):
            yield "number", {"number": text.upper()}
        yield "any_key", {"key": text}

    def _is_number(self, text: str) -> bool:
        found = _NUMBER.fullmatch(text)
        return bool(found and self.model.number and found[1].upper() == self.model.number[1])

    @property
    def _has_id(self) -> ColumnElement[bool]:
        has: ColumnElement[bool] = self.table.c.external_id == bindparam("external_id")
        return has

    @property
    def _has_number(self) -> ColumnElement[bool]:
        """Return the condition of the number, such that the unique index of numbers serves it without teams, too."""
        column, _ = self.model.number  # type: ignore[misc]
        return and_(self.table.c[column] == bindparam("number"), without_team(self.model))

    @property
    def _has_own_key(self) -> ColumnElement[bool]:
        named = self._keyed.where(ExternalKey.source == bindparam("source")).scalar_subquery()
        has: ColumnElement[bool] = self.table.c.id == named
        return has

    @property
    def _has_any_key(self) -> ColumnElement[bool]:
        has: ColumnElement[bool] = self.table.c.id.in_(self._keyed)
        return has

    @property
    def _keyed(self) -> Select[int]:
        is_key = (ExternalKey.resource == self.table.name, ExternalKey.key == bindparam("key"))
        return select(ExternalKey.record_id).where(*in_team(ExternalKey), *is_key)


def require_still_named(resource: str, row_ids: Mapping[OwnKey, int]) -> None:
    """Raise Overtaken unless own keys name the records that they named before these were locked, by their row ids.

    Keys come and go with the lock of their record alone, so from then on they stay.
    """
    if records_named([(resource, key) for key in row_ids]) != {(resource, key): row_ids[key] for key in row_ids}:
        raise Overtaken
