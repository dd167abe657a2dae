"""What the API shows in the fields of one column or a few, as JSON Schema."""

from functools import singledispatch

from sqlalchemy import FromClause

from crm.openapi.forms import DOUBLE, TEXT, TIMESTAMP, TRUTH, UUID, Components, Json, or_null
from crm.schemas import fields
from crm.schemas.collections.line_items import DocumentCurrency
from crm.schemas.invoice import AmountDue

_UTC_PATTERN = "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}[+]00:00$"


@singledispatch
def shown(field: fields.Field, table: FromClause, components: Components) -> Json:
    """Return the schema of the values that a kind of field shows, null where the table's column may be."""
    raise TypeError(f"Describe how {type(field).__name__} is shown.")


def _of_column(field: fields.Field, table: FromClause, schema: Json) -> Json:
    """Return the schema of what one column holds."""
    return or_null(schema) if table.c[field.attribute or str(field.name)].nullable else schema


@shown.register
def _text(field: fields.Text, table: FromClause, components: Components) -> Json:
    return _of_column(field, table, TEXT)


@shown.register
def _one_of(field: fields.OneOf, table: FromClause, components: Components) -> Json:
    return _of_column(field, table, {"type": "string", "enum": [*field.words]})


@shown.register
def _colour(field: fields.Colour, table: FromClause, components: Components) -> Json:
    form = {"type": "string", "pattern": "^[0-9a-f]{6}$", "description": "A colour: six hex digits without `#`."}
    return _of_column(field, table, form)


@shown.register
def _full_name(field: fields.FullName, table: FromClause, components: Components) -> Json:
    text = {"type": "string", "description": "First and last name."}
    return or_null(text) if table.c.first_name.nullable and table.c.last_name.nullable else text


@shown.register
def _uuid(field: fields.UuidField, table: FromClause, components: Components) -> Json:
    return _of_column(field, table, UUID)


@shown.register
def _integer(field: fields.Integer, table: FromClause, components: Components) -> Json:
    return _of_column(field, table, {"type": "integer"})


@shown.register
def _boolean(field: fields.Boolean, table: FromClause, components: Components) -> Json:
    return _of_column(field, table, TRUTH)


@shown.register
def _money(field: fields.Money, table: FromClause, components: Components) -> Json:
    return _of_column(field, table, {**DOUBLE, "description": "Dollars."})


@shown.register
def _amount_due(field: AmountDue, table: FromClause, components: Components) -> Json:
    text = "Dollars: `total` less `amount_paid`; null while there is no total."
    return {**or_null(DOUBLE), "description": text}


@shown.register
def _percent(field: fields.Percent, table: FromClause, components: Components) -> Json:
    return _of_column(field, table, {**DOUBLE, "description": "Percent."})


@shown.register
def _quantity(field: fields.Quantity, table: FromClause, components: Components) -> Json:
    return _of_column(field, table, {**DOUBLE, "description": "A whole one is shown as an integer."})


@shown.register(fields.Timestamp)
@shown.register(fields.Day)
def _timestamp(field: fields.Field, table: FromClause, components: Components) -> Json:
    return _of_column(field, table, {**TIMESTAMP, "pattern": _UTC_PATTERN})


@shown.register
def _document_currency(field: DocumentCurrency, table: FromClause, components: Components) -> Json:
    return {"type": "string", "description": "The document's currency."}
