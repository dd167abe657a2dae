"""The text by which a record is found (beyond, section 15): its own, folded, kept in its row."""

from collections.abc import Mapping
from typing import Any

from crm.lists.folding import fold_for_search
from crm.schemas.base import RecordSchema
from crm.schemas.field_order import shown_fields
from crm.schemas.fields import Field

Searched = Mapping[str, Field]
"""The fields that a record is found by, each by the name of its column or collection."""


def searched_fields(schema: RecordSchema) -> Searched:
    """Return what a record is found by: all text at its top level, with its number, and how it is reached."""
    return {field.attribute or name: field for name, field in shown_fields(schema) if field.is_searched}


def search_text(values: Mapping[str, Any], searched: Searched) -> str:
    """Return the folded text of a record, each on a line of its own, so that no word goes across two."""
    given = ((field, values.get(name)) for name, field in searched.items())
    return fold_for_search("\n".join(text for field, value in given if value for text in field.texts_in(value)))
