"""Reading the look-up tables whole, for their endpoints and for the command line (contract, section 5)."""

from collections.abc import Sequence
from typing import Any

from marshmallow import Schema
from sqlalchemy import ColumnElement

from crm.database.functions import fold_case
from crm.database.projection import Json, Projection
from crm.database.query import Query
from crm.models import (
    Industry,
    Label,
    LeadSource,
    OrganizationType,
    Pipeline,
    ProductCategory,
    TaxRate,
    Timezone,
)
from crm.schemas.field_order import shown_fields
from crm.schemas.lookups import PipelineSummary
from crm.schemas.summaries import LabelSummary, NameSummary, NumberedSummary, TaxRateSummary

LOOKUPS: tuple[tuple[Any, type[Schema]], ...] = (
    (Label, LabelSummary),
    (LeadSource, NameSummary),
    (Pipeline, PipelineSummary),
    (ProductCategory, NameSummary),
    (TaxRate, TaxRateSummary),
    (OrganizationType, NumberedSummary),
    (Industry, NumberedSummary),
    (Timezone, NumberedSummary),
)
"""Every look-up table and how its rows are shown."""


class Lookup:
    """One table that is read whole, by name."""

    def __init__(self, model: Any, schema: type[Schema], conditions: Sequence[ColumnElement[bool]]):
        self.name: str = model.__tablename__
        self.model = model
        self.schema = schema
        self._projection = Projection(shown_fields(schema()), model.__table__)
        rows = self._projection.select().where(*conditions)
        self._query = Query(rows.order_by(fold_case(model.name), model.id))

    def answer(self) -> Json:
        """Answer every row."""
        return {"data": self.records()}

    def records(self) -> list[Json]:
        """Return the JSON of every row that meets the conditions."""
        return self._projection.records(self._query.rows())
