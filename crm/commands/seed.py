"""The look-up rows that every installation starts with. Seeding is repeatable: it adds only what is missing."""

import zoneinfo
from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Connection, insert, select

from crm.database.connections import transaction
from crm.database.functions import fold
from crm.database.locks import lock_installation
from crm.models import (
    Industry,
    Label,
    LeadSource,
    OrganizationType,
    Pipeline,
    PipelineStage,
    ProductCategory,
    TaxRate,
    Timezone,
)

_NAMES: dict[Any, tuple[str, ...]] = {
    LeadSource: ("Website", "Referral", "Phone", "Email", "Event", "Advertisement", "Social Media", "Other"),
    ProductCategory: ("Goods", "Services", "Software", "Subscriptions"),
    OrganizationType: ("Sole Trader", "Partnership", "Company", "Trust"),
    Industry: (
        "Agriculture",
        "Construction",
        "Education",
        "Energy",
        "Finance",
        "Government",
        "Healthcare",
        "Hospitality",
        "Manufacturing",
        "Media",
        "Non-profit",
        "Professional Services",
        "Real Estate",
        "Retail",
        "Technology",
        "Telecommunications",
        "Transport",
        "Other",
    ),
}
_LABELS = {"Hot": "dc2626", "Cold": "2563eb", "Warm": "f59e0b"}
_PIPELINES = {
    "leads": ("Lead Pipeline", ("New", "Contacted", "Qualified", "Converted", "Lost")),
    "deals": ("Deal Pipeline", ("Discovery", "Proposal", "Negotiation", "Won", "Lost")),
    "quotes": ("Quote Pipeline", ("Draft", "Sent", "Accepted", "Rejected")),
}
_TAX_RATES = (("Zero", 0, False), ("Standard", 100_000, True), ("Reduced", 50_000, False))


def seed() -> int:
    """Add the missing shared look-up rows in one transaction and return how many were added."""
    with transaction() as connection:
        lock_installation(connection)
        added = sum(_add_missing(connection, model, {name: {} for name in names}) for model, names in _NAMES.items())
        added += _add_missing(connection, Label, {name: {"hex": colour} for name, colour in _LABELS.items()})
        added += _add_missing(connection, TaxRate, _tax_rates(connection))
        added += _add_missing(connection, Timezone, {name: {} for name in sorted(zoneinfo.available_timezones())})
        return added + sum(_add_pipeline(connection, resource, *names) for resource, names in _PIPELINES.items())


def count_missing() -> int:
    """Return how many look-up rows `seed` would add."""
    try:
        with transaction():
            raise _UndoneError(seed())
    except _UndoneError as undone:
        return undone.added


class _UndoneError(Exception):
    def __init__(self, added: int):
        super().__init__()
        self.added = added


def _tax_rates(connection: Connection) -> dict[str, dict[str, Any]]:
    """Return the columns of the tax rates by their names: none is the default one if another is already."""
    shared_default = select(TaxRate.id).where(TaxRate.default, TaxRate.team_id.is_(None), TaxRate.deleted_at.is_(None))
    is_taken = connection.scalar(shared_default) is not None
    return {name: {"rate": rate, "default": default and not is_taken} for name, rate, default in _TAX_RATES}


def _add_pipeline(connection: Connection, resource: str, name: str, stages: Sequence[str]) -> int:
    added = _add_missing(connection, Pipeline, {name: {}}, resource=resource)
    shared = select(Pipeline.name, Pipeline.id).where(Pipeline.team_id.is_(None)).filter_by(resource=resource)
    live_last = connection.execute(shared.order_by(Pipeline.deleted_at.is_(None), Pipeline.id))
    named = [row_id for each, row_id in live_last if fold(each) == fold(name)]
    had = select(PipelineStage.name).where(PipelineStage.pipeline_id.in_(named))  # a deleted pipeline's, too
    rows = {stage: {"position": position} for position, stage in enumerate(stages, 1)}
    return added + _add_others(connection, PipelineStage, rows, connection.scalars(had), pipeline_id=named[-1])


def _add_missing(connection: Connection, model: Any, rows: dict[str, dict[str, Any]], **common: Any) -> int:
    """Add the rows whose name no shared row has, a deleted one included; `common` holds columns of all."""
    existing = select(model.name).where(model.team_id.is_(None)).filter_by(**common)
    return _add_others(connection, model, rows, connection.scalars(existing), **common)


def _add_others(
    connection: Connection, model: Any, rows: dict[str, dict[str, Any]], existing: Iterable[str], **common: Any
) -> int:
    """Add the rows with other names than existing ones and return how many."""
    names = {fold(name) for name in existing}
    missing = [{"name": name, **common, **columns} for name, columns in rows.items() if fold(name) not in names]
    if missing:
        connection.execute(insert(model.__table__), missing)
    return len(missing)
