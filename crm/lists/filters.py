"""`filter[…]` in a list's query: which fields are asked, and for what (beyond, section 15)."""

import re
from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, NamedTuple

from marshmallow.exceptions import ValidationError
from sqlalchemy import ColumnElement, FromClause

from crm.http.arguments import STRICT_TRUTH_VALUES, refuse
from crm.http.errors import ValidationFailed
from crm.http.text import trim
from crm.schemas.fields import INVALID_REFERENCE, Field
from crm.schemas.fields.asking import IS_NULL, PART
from crm.schemas.own_keys import is_source
from crm.schemas.reading import Faults, errors_by_path

NAME = "filter"
DELETED = "deleted"
WITH, ONLY = "with", "only"
MAX_CONDITIONS = 10
MAX_VALUES = 100

_FORM = re.compile(r"filter\[([^\[\]]+)\](?:\[([^\[\]]+)\])?")
_EQUAL = "eq"
_PARAMETER = "asked"
_REQUIRED = "The :field field is required."


class Condition(NamedTuple):
    """One condition, as far as its SQL goes: the field, and the operator."""

    field: str
    operator: str


class Asked(NamedTuple):
    """What is asked for: the conditions, their values, and whether deleted records count."""

    conditions: tuple[Condition, ...] = ()
    values: Mapping[str, Any] = MappingProxyType({})
    """By the names of the parameters, which count the conditions."""
    deleted: str | None = None


def is_filter(name: str) -> bool:
    """Tell whether a parameter of the query is one of these, well formed or not."""
    return name == NAME or name.startswith(f"{NAME}[")


def asks_for_deleted(names: Iterable[str]) -> bool:
    """Tell whether any parameter of these names is about deleted records, whatever its value."""
    return any(match[1] == DELETED for name in names if (match := _FORM.fullmatch(name)))


class Filters:
    """What a list can be asked, by the fields of its schema."""

    def __init__(self, fields: Mapping[str, Any]):
        asked = {field.asked_as or name: field for name, field in fields.items() if field.is_asked}
        self.fields: dict[str, Field] = dict(sorted(asked.items()))

    def read(self, texts: Mapping[str, str]) -> Asked:
        """Return what the filters of a query ask for. Raises ValidationFailed with every fault."""
        if len(texts) > MAX_CONDITIONS:
            refuse(NAME, f"The :field field must not have more than {MAX_CONDITIONS} items.")
        found: list[tuple[Condition, str, Any]] = []
        faults: Faults = {}
        deleted = None
        for name, text in sorted((name, trim(text)) for name, text in texts.items()):
            match = _FORM.fullmatch(name)
            if match is None:
                refuse(NAME, INVALID_REFERENCE)
            field, operator = match[1], match[2]
            try:
                if field == DELETED:
                    deleted = _read_deleted(operator or _EQUAL, text)
                else:
                    found.append(self._read(field, operator or _EQUAL, text))
            except ValidationError as error:
                faults[".".join(filter(None, (NAME, field, operator)))] = error.messages
        if faults:
            raise ValidationFailed(errors_by_path(faults))
        found.sort(key=lambda each: each[:2])
        return Asked(tuple(condition for condition, _, _ in found), _values(found), deleted)

    def sql(self, conditions: Iterable[Condition], table: FromClause) -> list[ColumnElement[bool]]:
        """Return conditions as SQL about the rows of a table."""
        return [
            self.fields[name].condition(table, operator, f"{_PARAMETER}{place}")
            for place, (name, operator) in enumerate(conditions)
        ]

    def _read(self, name: str, operator: str, text: str) -> tuple[Condition, str, Any]:
        """Return a condition, the part of the field that it asks for, and its value. Raises ValidationError."""
        field_name, _, part = name.partition(".")
        field = self.fields.get(field_name)
        if field is None or field.has_parts != bool(part) or (part and not is_source(part)):
            raise ValidationError(f"The selected :field is invalid. Filters are: {', '.join(self.names)}.")
        if operator not in field.operators:
            raise ValidationError(f"The selected :field is invalid. Operators are: {', '.join(field.operators)}.")
        texts = [trim(each) for each in text.split(",")] if operator == "in" else [text]
        if not all(texts):
            raise ValidationError(_REQUIRED)
        if len(texts) > MAX_VALUES:
            refuse(NAME, f"The :field field must not have more than {MAX_VALUES} items.")
        if operator == "null":
            return Condition(field_name, IS_NULL[_read_truth(text, field)]), part, None
        values = [field.ask(each) for each in texts]
        return Condition(field_name, operator), part, values if operator == "in" else values[0]

    @property
    def names(self) -> list[str]:
        """The names that can be filtered by."""
        named = (f"{name}.SOURCE" if field.has_parts else name for name, field in self.fields.items())
        return sorted((*named, DELETED))


def _values(found: Sequence[tuple[Condition, str, Any]]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for place, (condition, part, value) in enumerate(found):
        if condition.operator not in IS_NULL.values():
            values[f"{_PARAMETER}{place}"] = value
        if part:
            values[f"{_PARAMETER}{place}{PART}"] = part
    return values


def _read_truth(text: str, field: Field) -> bool:
    if text not in STRICT_TRUTH_VALUES:
        raise field.make_error("boolean")
    return STRICT_TRUTH_VALUES[text]


def _read_deleted(operator: str, text: str) -> str:
    if operator != _EQUAL:
        raise ValidationError(f"The selected :field is invalid. Operators are: {_EQUAL}.")
    if not text:
        raise ValidationError(_REQUIRED)
    if text not in (WITH, ONLY):
        raise ValidationError(INVALID_REFERENCE)
    return text
