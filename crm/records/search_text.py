"""The text by which a record is found (beyond, section 15): its own, folded, kept in its row."""

from collections.abc import Mapping
from typing import Any

from crm.lists.folding import fold_for_search
from crm.schemas.base import RecordSchema
from crm.schemas.field_order import shown_fields


def searched_columns(schema: RecordSchema) -> tuple[str, ...]:
    """Return the columns whose text a record is found by: all that it shows at its top level, with its number."""
    return tuple(field.attribute or name for name, field in shown_fields(schema) if field.is_searched)


def search_text(row: Mapping[str, Any], columns: tuple[str, ...]) -> str:
    """Return the folded text of a row, that of each column on a line of its own, so that no word goes across two."""
    return fold_for_search("\n".join(row[name] for name in columns if row[name]))
