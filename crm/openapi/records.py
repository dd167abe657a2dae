"""What the API shows: from the fields of a schema and the columns of its table to JSON Schema."""

from functools import singledispatch

from marshmallow import Schema
from sqlalchemy import FromClause, Table

from crm.models import Label, Payment, PipelineStage, ProductPrice
from crm.openapi.forms import (
    DOUBLE,
    TEXT,
    TIMESTAMP,
    TRUTH,
    UUID,
    Components,
    Json,
    array_of,
    described,
    first_line,
    name_of,
    object_of,
    or_null,
)
from crm.schemas import fields
from crm.schemas.collections.contact_details import ContactDetails
from crm.schemas.collections.external_keys import ExternalKeys
from crm.schemas.collections.labels import Labels
from crm.schemas.collections.line_items import DocumentCurrency, LineItems, LineItemSchema
from crm.schemas.collections.payments import Payments
from crm.schemas.collections.prices import Prices, PriceSchema
from crm.schemas.collections.stages import Stages
from crm.schemas.collections.tax_breakdown import TaxBreakdown
from crm.schemas.field_order import shown_fields
from crm.schemas.invoice import AmountDue
from crm.schemas.payment import PaymentSchema
from crm.schemas.relations import Related, ShownNumber, ShownReference
from crm.schemas.summaries import LabelSummary, NameSummary
from crm.schemas.totals import RateTotal

_UTC_PATTERN = "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}[+]00:00$"


def record_schema(schema: type[Schema], table: FromClause, components: Components) -> Json:
    """Register the shape in which rows of a table are shown and return the reference to it."""
    if (known := components.shown.get((schema, table))) is not None:
        return known
    instance = schema()
    properties = {name: shown(field, table, components) for name, field in shown_fields(instance)}
    always = [name for name, field in shown_fields(instance) if not getattr(field, "on_request", False)]
    form = object_of(properties, required=always, description=first_line(schema))
    return components.shown.setdefault((schema, table), components.add(name_of(schema), form))


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
def _related(field: Related, table: FromClause, components: Components) -> Json:
    summary = record_schema(field.schema, field.model.__table__, components)
    return or_null(summary) if _may_be_missing(field, table.c[field.key].nullable) else summary


@shown.register
def _reference(field: ShownReference, table: FromClause, components: Components) -> Json:
    return or_null(UUID) if _may_be_missing(field, table.c[str(field.name)].nullable) else UUID


@shown.register
def _number(field: ShownNumber, table: FromClause, components: Components) -> Json:
    number = {"type": "integer"}
    return or_null(number) if _may_be_missing(field, table.c[str(field.name)].nullable) else number


def _may_be_missing(field: Related | ShownReference, nullable: bool | None) -> bool:
    """Tell whether there may be no row to show: none referred to, or a deleted one."""
    return bool(nullable) or field.shown is not None


@shown.register
def _document_currency(field: DocumentCurrency, table: FromClause, components: Components) -> Json:
    return {"type": "string", "description": "The document's currency."}


@shown.register
def _labels(field: Labels, table: FromClause, components: Components) -> Json:
    return described(_rows_of(LabelSummary, Label.__table__, components), "By name.")


@shown.register
def _line_items(field: LineItems, table: FromClause, components: Components) -> Json:
    return described(_rows_of(LineItemSchema, field.table, components), "In their order.")


@shown.register
def _tax_breakdown(field: TaxBreakdown, table: FromClause, components: Components) -> Json:
    forms = {"rate": "Percent.", "taxable": "Dollars, less a share of the discount.", "tax": "Dollars."}
    total = object_of({name: {**DOUBLE, "description": text} for name, text in forms.items()})
    rates = array_of(components.add("RateTotal", described(total, first_line(RateTotal))))
    return described(rates, "By rate, ascending; worked out whoever has given the totals, and empty without lines.")


@shown.register
def _contact_details(field: ContactDetails, table: FromClause, components: Components) -> Json:
    return described(_rows_of(field.member, field.table, components), "In the order in which they were sent.")


@shown.register
def _external_keys(field: ExternalKeys, table: FromClause, components: Components) -> Json:
    text = "With `include=external_keys`: what other systems call the record, by source."
    return {"type": "object", "additionalProperties": TEXT, "description": text}


@shown.register
def _prices(field: Prices, table: FromClause, components: Components) -> Json:
    return described(_rows_of(PriceSchema, ProductPrice.__table__, components), "The default one first.")


@shown.register
def _payments(field: Payments, table: FromClause, components: Components) -> Json:
    text = "With `include=payments`: by `paid_at`, then as entered."
    return described(_rows_of(PaymentSchema, Payment.__table__, components), text)


@shown.register
def _stages(field: Stages, table: FromClause, components: Components) -> Json:
    return described(_rows_of(NameSummary, PipelineStage.__table__, components), "In their order.")


def _rows_of(schema: type[Schema], table: Table | FromClause, components: Components) -> Json:
    return array_of(record_schema(schema, table, components))
