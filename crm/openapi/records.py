"""What the API shows: from the fields of a schema and the columns of its table to JSON Schema."""

from marshmallow import Schema
from sqlalchemy import FromClause, Table

from crm.models import Label, Payment, PipelineStage, ProductPrice
from crm.openapi.forms import (
    DOUBLE,
    TEXT,
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
from crm.openapi.shown import shown
from crm.schemas.collections.contact_details import ContactDetails
from crm.schemas.collections.external_keys import ExternalKeys
from crm.schemas.collections.labels import Labels
from crm.schemas.collections.line_items import LineItems, LineItemSchema
from crm.schemas.collections.payments import Payments
from crm.schemas.collections.prices import Prices, PriceSchema
from crm.schemas.collections.stages import Stages
from crm.schemas.collections.tax_breakdown import TaxBreakdown
from crm.schemas.field_order import shown_fields
from crm.schemas.payment import PaymentSchema
from crm.schemas.relations import Related, ShownNumber, ShownReference
from crm.schemas.summaries import LabelSummary, NameSummary
from crm.schemas.totals import RateTotal


def record_schema(schema: type[Schema], table: FromClause, components: Components) -> Json:
    """Register the shape in which rows of a table are shown and return the reference to it."""
    if (known := components.shown.get((schema, table))) is not None:
        return known
    instance = schema()
    properties = {name: shown(field, table, components) for name, field in shown_fields(instance)}
    always = [name for name, field in shown_fields(instance) if not getattr(field, "on_request", False)]
    form = object_of(properties, required=always, description=first_line(schema))
    return components.shown.setdefault((schema, table), components.add(name_of(schema), form))


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
