"""Which fields a request wants to see of records: `fields`, and `include` for what is not shown by itself."""

from collections.abc import Collection, Sequence
from typing import NamedTuple

from crm.database.projection import NOTHING_MORE, Included, Json, Projection
from crm.database.query import Row
from crm.http.arguments import argument, refuse

ALWAYS = "id"


class Shown(NamedTuple):
    """What is shown of a record: these fields, or all, and what is included."""

    fields: frozenset[str] | None = None
    include: Included = NOTHING_MORE

    def of(self, record: Json) -> Json:
        """Return a record as it is shown."""
        return record if self.fields is None else {name: record[name] for name in record if name in self.fields}

    def records(self, projection: Projection, rows: Sequence[Row]) -> list[Json]:
        """Return the JSON of rows as they are shown; what is not, is not read."""
        return projection.records(rows, include=self.include, only=self.fields)


def requested_fields(offered: Collection[str], on_request: Collection[str]) -> Shown:
    """Return what `fields` and `include` name. Raises ValidationFailed for what is not offered."""
    include = _named("include", on_request, "It takes")
    fields = _named("fields", offered, "Fields are")
    return Shown(fields | include | {ALWAYS} if fields else None, include | (fields & {*on_request}))


def _named(parameter: str, offered: Collection[str], which: str) -> frozenset[str]:
    text = argument(parameter)
    names = frozenset(text.split(",")) if text else NOTHING_MORE
    if not names <= {*offered}:
        refuse(parameter, f"The selected :field is invalid. {which}: {', '.join(sorted(offered))}.")
    return names
