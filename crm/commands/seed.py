"""The look-up rows that every installation starts with. Seeding is repeatable: it adds only what is missing."""

import zoneinfo
from typing import Any

from sqlalchemy import select

from crm.extensions import db
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
    added = sum(_add_missing(model, {name: {} for name in names}) for model, names in _NAMES.items())
    added += _add_missing(Label, {name: {"hex": colour} for name, colour in _LABELS.items()})
    added += _add_missing(TaxRate, {name: {"rate": rate, "default": default} for name, rate, default in _TAX_RATES})
    added += _add_missing(Timezone, {name: {} for name in sorted(zoneinfo.available_timezones())})
    for resource, (name, stages) in _PIPELINES.items():
        added += _add_missing(Pipeline, {name: {"resource": resource}})
        pipeline_id = db.session.scalar(select(Pipeline.id).where(Pipeline.name == name, Pipeline.team_id.is_(None)))
        added += _add_missing(
            PipelineStage,
            {stage: {"position": position} for position, stage in enumerate(stages, 1)},
            pipeline_id=pipeline_id,
        )
    db.session.commit()
    return added


def _add_missing(model: Any, rows: dict[str, dict[str, Any]], **common: Any) -> int:
    """Add the rows whose name no shared row has, a deleted one included; `common` holds columns of all."""
    existing = select(model.name).where(model.team_id.is_(None)).filter_by(**common)
    names = set(db.session.scalars(existing))
    missing = [model(name=name, **common, **columns) for name, columns in rows.items() if name not in names]
    db.session.add_all(missing)
    db.session.flush()
    return len(missing)
