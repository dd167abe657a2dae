"""What a record is named by in a path: its id, the number that people read, or a key of another system."""

import re
from collections.abc import Mapping
from typing import Any

from sqlalchemy import ColumnElement, and_, bindparam, select
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


class Naming:
    """The names of the records of `model`."""

    def __init__(self, model: type[Record]):
        self.model = model
        self.table = model.__table__
        self.conditions = {"id": self._has_id, "own_key": self._has_own_key}
        if model.number:
            self.conditions["number"] = self._has_number

    def read(self, name: Name) -> tuple[str, dict[str, Any]]:
        """Return the kind of a name, one of `conditions`, and the parameters of that. Raises NotFound for no name."""
        if isinstance(name, OwnKey):
            return "own_key", name._asdict()
        if is_uuid(name):
            return "id", {"external_id": name.lower()}
        found = _NUMBER.fullmatch(name)
        if found and self.model.number and found[1].upper() == self.model.number[1]:
            return "number", {"number": name.upper()}
        raise NotFound

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
        named = select(ExternalKey.record_id).where(
            *in_team(ExternalKey),
            ExternalKey.resource == self.table.name,
            ExternalKey.source == bindparam("source"),
            ExternalKey.key == bindparam("key"),
        )
        has: ColumnElement[bool] = self.table.c.id == named.scalar_subquery()
        return has


def require_still_named(resource: str, row_ids: Mapping[OwnKey, int]) -> None:
    """Raise Overtaken unless own keys name the records that they named before these were locked, by their row ids.

    Keys come and go with the lock of their record alone, so from then on they stay.
    """
    if records_named([(resource, key) for key in row_ids]) != {(resource, key): row_ids[key] for key in row_ids}:
        raise Overtaken
