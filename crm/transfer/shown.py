"""Which columns an export has, and how a value of a record's JSON stands in a cell, as an import takes it.

First those by which people know a record, then all that an import takes, then what a record shows besides: for people
to read, and passed over by an import. Line items are in none, since they are no cell of a row.

A reference to what could not be referred to any more is blank, as it is null in the API: the import leaves it as it is.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from decimal import Decimal
from functools import partial
from operator import itemgetter
from typing import Any, NamedTuple

import orjson
from sqlalchemy import FromClause

from crm.access.scope import alive
from crm.blueprints.resource import Resource
from crm.database.projection import Projection
from crm.schemas.collections.base import Collection
from crm.schemas.collections.external_keys import FIELD as EXTERNAL_KEYS
from crm.schemas.collections.labels import Labels
from crm.schemas.collections.prices import Prices
from crm.schemas.field_order import shown_fields
from crm.schemas.fields import Boolean, Day, Money, Reader, Scaled
from crm.schemas.references import Reference
from crm.schemas.relations import Related
from crm.transfer.columns import KEYS_BEGIN, Fields
from crm.transfer.names import BETWEEN_LABELS, Names, names_for, names_of_labels

Show = Callable[[Any], str]
"""Takes a value of the JSON and returns the text of its cell."""

_PRICE = ("unit_price", "currency")
"""The parts of a price, which a product takes as fields of its own."""
_NEVER = {"deleted_at"}  # what is deleted is not exported


class ShownColumn(NamedTuple):
    """A column of an export: its name, the field that it is shown from, and how."""

    name: str
    field: Any
    show: Show


class KeyOf:
    """The id by which clients know the row that a reference refers to, as long as it is there."""

    def __init__(self, reference: Reference):
        self.name = str(reference.name)
        self.reference = reference

    def project(self, projection: Projection, table: FromClause) -> Reader:
        """Join the row and return the reader of its id."""
        target = projection.join(table.c[self.name], self.reference.model.__table__, alive)
        return itemgetter(projection.add(target.c[self.reference.key_column]))


def columns_of(resource: Resource, sources: Sequence[str]) -> list[ShownColumn]:
    """Return the columns of a resource whose records have keys of these sources."""
    schema = resource.creation
    taken = Fields(resource).taken
    columns = {name: column for name, field in taken.items() if (column := _taken_column(name, field, schema.fields))}
    besides = [(name, field) for name, field in shown_fields(schema) if name not in taken]
    for name, field in besides:
        if not isinstance(field, Collection) and name not in _NEVER:
            columns[name] = ShownColumn(name, field, _show_of(field))
    first = ["id", *(resource.model.number or ())[:1]]
    ordered = [*(columns.pop(name) for name in first), *columns.values()]
    keys = [
        ShownColumn(f"{KEYS_BEGIN}{source}", schema.fields[EXTERNAL_KEYS], partial(_member, source))
        for source in sources
    ]
    return ordered + keys


def _taken_column(name: str, field: Any, fields: dict[str, Any]) -> ShownColumn | None:
    """Return the column of a field that is taken, None if it is not shown by anything."""
    if isinstance(field, Labels):
        return ShownColumn(name, field, partial(_labels, names_of_labels()))
    if isinstance(field, Reference):
        return ShownColumn(name, KeyOf(field), _text if field.to_record else names_for(field).show)
    show = _show_of(field)
    if not field.load_only:
        return ShownColumn(name, field, show)
    if name in _PRICE and (prices := next((each for each in fields.values() if isinstance(each, Prices)), None)):
        return ShownColumn(name, prices, lambda shown: show(shown[0][name]) if shown else "")  # the default price
    return None


def _show_of(field: Any) -> Show:
    """Return how a value of a field that is no reference is shown."""
    for kind, show in _SHOWS.items():
        if isinstance(field, kind):
            return show
    return _text


def _text(value: Any) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    return "" if value is None else str(value)


def _truth(value: Any) -> str:
    return "" if value is None else str(value).lower()


def _day(value: Any) -> str:
    return "" if value is None else str(value)[: len("2026-03-05")]


def _money(value: Any) -> str:
    return "" if value is None else f"{_exact(value):.2f}"


def _number(value: Any) -> str:
    return "" if value is None else f"{_exact(value).normalize():f}"


def _exact(value: Any) -> Decimal:
    """Return a number of the JSON, which may be digits that are ready to be sent."""
    return Decimal(orjson.dumps(value).decode())


def _name(value: Any) -> str:
    """Return what a related row is called."""
    return "" if value is None else str(value.get("name") or value.get("title") or "")


def _labels(names: Names, labels: Sequence[dict[str, Any]]) -> str:
    return f"{BETWEEN_LABELS} ".join(names.show(label["id"]) or str(label["id"]) for label in labels)


def _member(name: str, values: dict[str, Any]) -> str:
    return _text(values.get(name))


_SHOWS: dict[type[Any], Show] = {
    Money: _money,
    Scaled: _number,
    Boolean: _truth,
    Day: _day,
    Related: _name,
}
