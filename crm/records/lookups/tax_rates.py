"""Tax rates: of those of a team one is the default, which only another one can take over."""

from collections.abc import Mapping
from functools import cached_property
from typing import Any

from flask import current_app
from sqlalchemy import select, update

from crm.access.scope import visible
from crm.database.query import Query
from crm.http.errors import Refusal
from crm.models import TaxRate
from crm.records.lookups.written import Columns, WrittenLookup
from crm.schemas.lookups import TaxRateBody, TaxRateSummary
from crm.schemas.reading import Reading

NO_OTHER = "The :field field can be set to false only where another rate takes over."
IS_DEFAULT = "The default rate cannot be deleted."


class TaxRates(WrittenLookup):
    """Rates of sales tax."""

    model, shown, taken = TaxRate, TaxRateSummary, TaxRateBody

    def judge(self, reading: Reading, row: Columns) -> None:
        """Add to the faults of a body that it leaves the team without a default rate."""
        super().judge(reading, row)
        if row.get("default") and reading.values.get("default") is False and not self._shared_default.rows():
            reading.refuse({"default": [NO_OTHER]})

    def prepare(self, row: Columns, values: Mapping[str, Any], *, force: bool) -> None:
        """Take the default from the team's other rates if this one becomes it."""
        if values.get("default"):
            self._clearing.execute()

    def release(self, row: Columns, *, force: bool) -> None:
        """Raise Refusal (409) for the default rate, and for one that records refer to."""
        if row["default"]:
            raise Refusal(409, IS_DEFAULT)
        super().release(row, force=force)

    @cached_property
    def _shared_default(self) -> Query:
        """Return the query of a default rate that takes over from the team's own; there is none outside teams mode."""
        shared = (TaxRate.default.is_(True), TaxRate.team_id.is_(None))
        return Query(select(TaxRate.id).where(*visible(TaxRate), *shared, current_app.config["TEAMS"]))

    @cached_property
    def _clearing(self) -> Query:
        own = (TaxRate.team_id.is_not(None),) if current_app.config["TEAMS"] else ()
        return Query(update(self.table).where(*visible(TaxRate), *own, TaxRate.default.is_(True)).values(default=False))
